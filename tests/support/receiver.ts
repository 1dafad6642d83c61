import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";
import { OutboundError } from "../../lib/kit/safe_fetch.ts";
import type { Got, Service, Tenant } from "../_setup.ts";

/** A request that a receiver got. */
export type Received = {
  url: string;
  headers: Record<string, string>;
  body: string;
  // deno-lint-ignore no-explicit-any
  event: { type: string; timestamp: string; data: any };
};
/** What a receiver answers; a text is why it does not. */
export type Answer = number | string;

/** Stands in the place of the service's way out: keeps what is sent, and answers as `answer` says, 204 first. */
export function receiverDouble(t: Service) {
  const receiver = {
    got: [] as Received[],
    answer: (_request: Received): Answer | Promise<Answer> => 204,
    /** the types of what came, in its order */
    types: () => receiver.got.map(({ event }) => event.type),
  };
  t.deps.outbound = async (url, { headers = {}, body = "" } = {}) => {
    const text = body as string;
    const request = { url, headers, body: text, event: JSON.parse(text) };
    receiver.got.push(request);
    const answer = await receiver.answer(request);
    if (typeof answer === "string") throw new OutboundError("connection", answer);
    return { status: answer, headers: {}, body: new Uint8Array(), address: "192.0.2.1" };
  };
  return receiver;
}

/** Throws unless the library's own verifier takes it. */
export function verify(secret: string, { headers, body }: Pick<Received, "headers" | "body">) {
  return new Webhook(secret).verify(body, headers);
}

/** Makes a webhook; gives it with its secret and the path of what is done with it. */
export async function makeHook(
  t: Service,
  { token, blog }: Tenant,
  body: Record<string, unknown> = {},
): Promise<{ id: string; secret: string; path: string }> {
  const path = `/blogs/${blog.id}/webhooks`;
  const sent = { url: "https://receiver.example/hook", ...body };
  const got = await t.api("POST", path, { key: token, body: sent });
  assert.equal(got.status, 201, got.text);
  const { id, secret } = got.body;
  return { id, secret, path: `${path}/${id}` };
}

/** The log of a webhook, newest first. */
export async function deliveriesOf(
  t: Service,
  { token }: Tenant,
  { path }: { path: string },
): Promise<Got["body"][]> {
  const got = await t.api("GET", `${path}/deliveries?limit=250`, { key: token });
  assert.equal(got.status, 200, got.text);
  return got.body.data;
}
