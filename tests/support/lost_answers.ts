import assert from "node:assert/strict";
import { type Service, setup, type Tenant } from "../_setup.ts";
import type { PlanName } from "../../lib/kit/config.ts";
import type { Hooks } from "./hooked_kv.ts";
import { connect, KvConnectServer } from "./kv_connect/mod.ts";

/** A write that is sent to an account with one post, `old`. */
export type Write = {
  name: string;
  /** Scale unless given */
  plan?: PlanName;
  prepare?: (t: Service, tenant: Tenant) => Promise<void>;
  send: (t: Service, tenant: Tenant, headers: Record<string, string>) => ReturnType<Service["api"]>;
  status: number;
  /** what shows that it happened once */
  proof: (t: Service, tenant: Tenant) => Promise<unknown>;
  expected: unknown;
};

/** A service with such an account, and what the write wants beside it. */
export async function ready(
  on: { hooks: Hooks } | { kv: Deno.Kv },
  { plan, prepare }: Partial<Write> = {},
) {
  const t = await setup({ ...on, env: { POSTLARK_BILLING: "manual" } });
  const tenant = await t.tenant(plan);
  const body = { title: "Old", content: "Text.", slug: "old" };
  await t.api("POST", "/posts", { key: tenant.key, body });
  await prepare?.(t, tenant);
  return { t, tenant };
}

/** Tests a write where the answer of any of its commits is lost, with and without a key for retries. */
export function testLostAnswers(write: Write): void {
  const { name, send, status, proof, expected } = write;
  Deno.test(`${name} tells the truth and acts once whichever commit's answer is lost`, async () => {
    for (const headers of [{} as Record<string, string>, { "idempotency-key": "one" }]) {
      for (let lost = 1; lost <= 3; lost++) {
        const hooks: Hooks = {};
        const { t, tenant } = await ready({ hooks }, write);
        using _ = t;
        let commits = 0;
        hooks.committed = () => {
          if (++commits === lost) throw new Error("the answer was lost");
        };
        const got = await send(t, tenant, headers);
        hooks.committed = undefined;
        const told = `answer ${lost} lost: ${got.text}`;
        assert.equal(got.status, status, told);
        assert.deepEqual(await proof(t, tenant), expected, told);
      }
    }
  });

  Deno.test(`${name} acts once over KV Connect, whose client sends a commit again where its answer is lost`, async () => {
    await using server = new KvConnectServer();
    for (const headers of [{} as Record<string, string>, { "idempotency-key": "one" }]) {
      for (let lost = 1; lost <= 3; lost++) {
        using kv = await connect(server.url(crypto.randomUUID()));
        const { t, tenant } = await ready({ kv }, write);
        using _ = t;
        server.faults.loseAnswers("error", (n) => n === lost);
        const got = await send(t, tenant, headers);
        server.faults.clear();
        const told = `answer ${lost} lost: ${got.text}`;
        assert.equal(got.status, status, told);
        assert.deepEqual(await proof(t, tenant), expected, told);
      }
    }
  });
}
