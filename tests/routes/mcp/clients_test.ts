import assert from "node:assert/strict";
import { setup } from "../../_setup.ts";
import { callAll, CASES, connect, KINDS, worldOf } from "../../support/mcp.ts";

for (const kind of KINDS) {
  Deno.test(`a client of ${kind} lists every tool of the service and calls it`, async () => {
    using t = await setup();
    const tenant = await t.tenant("enterprise");
    await using agent = await connect(t, { key: tenant.token, kind });
    assert.deepEqual(await agent.tools(), CASES.map(({ name }) => name).sort());
    await callAll(agent, worldOf(tenant));
  });

  Deno.test(`a client of ${kind} reads posts as resources, and fetches a prompt`, async () => {
    using t = await setup();
    const { key } = await t.tenant();
    const body = { title: "One", content: "# Source" };
    await t.api("POST", "/posts", { key, body });
    await using agent = await connect(t, { key, kind });
    const { resources } = await agent.client.listResources();
    const { contents } = await agent.client.readResource({ uri: resources[0].uri });
    assert.deepEqual(contents, [
      { uri: resources[0].uri, mimeType: "text/markdown", text: "# Source" },
    ]);
    const { prompts } = await agent.client.listPrompts();
    const { name } = prompts.find(({ title }) => title === "Write and publish a post")!;
    const prompt = await agent.client.getPrompt({ name, arguments: { topic: "zebras" } });
    assert.match((prompt.messages[0].content as { text: string }).text, /about: zebras/);
  });
}

Deno.test("a client of 2026 negotiates the protocol of 2026", async () => {
  using t = await setup();
  const { key } = await t.tenant();
  await using agent = await connect(t, { key });
  assert.equal(agent.client.getNegotiatedProtocolVersion(), "2026-07-28");
});
