import type { Server } from "@modelcontextprotocol/server";
import { hasScope } from "../../lib/ctx.ts";
import { noteError } from "../_answer.ts";
import { callTool, type Serving } from "./_call.ts";
import { promptOf, PROMPTS } from "./_prompts.ts";
import { listResources, readResource, TEMPLATES } from "./_resources.ts";
import { errorText } from "./_say.ts";
import { lacking, type Tool } from "./_tool.ts";

/** The official SDK, loaded at first use. */
export type Sdk = typeof import("@modelcontextprotocol/server");

const INSTRUCTIONS =
  "Postlark publishes blog posts written in Markdown. list_blogs gives the ids of the blogs; with several, pass blog_id or call set_active_blog once. create_post publishes at once unless status is draft. Images go up with upload_image first. An error says what to do next.";

/** The MCP server for one request: what it lists and does is what the caller's credential allows. */
export function createServer(sdk: Sdk, tools: Tool[], serving: Serving): Server {
  const { env: { deps }, admitted: { ctx } } = serving;
  const reads = hasScope(ctx.actor.scopes, "posts:read");
  const server = new sdk.Server({
    name: "postlark",
    title: "Postlark",
    version: "1.0.0",
    websiteUrl: deps.config.origin,
  }, {
    capabilities: { tools: {}, prompts: {}, ...reads && { resources: {} } },
    instructions: INSTRUCTIONS,
  });
  const refuse = (message: string) =>
    new sdk.ProtocolError(sdk.ProtocolErrorCode.InvalidParams, message);
  const orRefuse = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (error) {
      throw refuse(errorText(noteError(deps, error, serving.id), serving.id));
    }
  };
  const allowed = tools.filter((tool) => lacking(tool, ctx.actor) === null);
  server.setRequestHandler("tools/list", () => ({ tools: allowed.map(({ listed }) => listed) }));
  server.setRequestHandler("tools/call", async ({ params: { name, arguments: args = {} } }) => {
    const tool = tools.find((one) => one.name === name);
    if (!tool) {
      throw refuse(`Unknown tool: there are ${allowed.map((one) => one.name).join(", ")}.`);
    }
    return await callTool(serving, tool, args);
  });
  server.setRequestHandler("prompts/list", () => ({
    prompts: PROMPTS.map(({ text: _, ...listed }) => listed),
  }));
  server.setRequestHandler("prompts/get", ({ params: { name, arguments: given } }) => {
    const prompt = promptOf(name, given);
    if ("fault" in prompt) throw refuse(prompt.fault!);
    return prompt;
  });
  if (!reads) return server;
  server.setRequestHandler(
    "resources/list",
    ({ params }) => orRefuse(() => listResources(serving, params?.cursor)),
  );
  server.setRequestHandler("resources/templates/list", () => ({ resourceTemplates: TEMPLATES }));
  server.setRequestHandler(
    "resources/read",
    ({ params: { uri } }) => orRefuse(() => readResource(serving, uri)),
  );
  return server;
}
