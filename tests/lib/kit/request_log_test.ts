import assert from "node:assert/strict";
import { LineBuffer, prettyLine } from "../../../lib/kit/request_log.ts";

function buffered() {
  const written: string[] = [];
  const later: (() => void)[] = [];
  const buffer = new LineBuffer((text) => written.push(text), (flush) => later.push(flush));
  return { buffer, written, later };
}

Deno.test("lines wait for one flush, are written in their order, and the next ones ask for another", () => {
  const { buffer, written, later } = buffered();
  buffer.add("one");
  buffer.add("two");
  assert.deepEqual([written, later.length], [[], 1]);
  later[0]();
  assert.deepEqual(written, ["one\ntwo\n"]);
  buffer.flush();
  assert.equal(written.length, 1);
  buffer.add("three");
  assert.equal(later.length, 2);
});

Deno.test("more than 32 KiB are written without waiting", () => {
  const { buffer, written } = buffered();
  for (let n = 0; n < 100; n++) buffer.add("x".repeat(1000));
  assert.equal(written.length, 3);
  buffer.flush();
  assert.equal(written.join(""), `${"x".repeat(1000)}\n`.repeat(100));
});

Deno.test("a pretty line is one line without an id", () => {
  const text = prettyLine({
    ...{ level: "info", event: "request", request_id: "id", method: "POST", route: "/mcp" },
    ...{ status: 200, ms: 1.25, kv_rounds: 3, kv_commits: 1, user: "user", tool: "get_post" },
  });
  assert.equal(text, "200 POST /mcp get_post  1.25 ms, 3 rounds, 1 commits");
});
