import { z } from "@hono/zod-openapi";
import { type Ctx, requireBlog, requireScope, transact } from "../../ctx.ts";
import { AppError, invalid } from "../../kit/errors.ts";
import { Claim, recordKey } from "../../kit/idempotency.ts";
import { Reads } from "../../kit/kv.ts";
import { requireFeature } from "../../metering/plans.ts";
import { PostInput, PostSummary } from "./schema.ts";
import { createPost } from "./write.ts";

const MAX_POSTS = 100;
// So many are under way at once.
const ABREAST = 8;

export const BulkInput = z.object({
  posts: z.array(z.looseObject({}, { error: "posts must be a list of objects" }), {
    error: "posts must be a list of posts",
  })
    .min(1, { error: "posts must have at least one post" })
    .max(MAX_POSTS, { error: `posts must have at most ${MAX_POSTS} posts` })
    .openapi({
      description: "Each as for creating one.",
      type: "array",
      items: { $ref: "#/components/schemas/PostInput" },
      minItems: 1,
      maxItems: MAX_POSTS,
      example: [{ title: "Hello", content: "# Hello" }],
    }),
}).openapi("BulkInput");
export type BulkInput = z.infer<typeof BulkInput>;

const Failure = z.object({
  error: z.string().openapi({ example: "conflict" }),
  reason: z.string().openapi({ example: "slug_taken" }),
  message: z.string().openapi({ example: 'slug "hello" is already taken' }),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  upgrade_url: z.string().optional(),
});
// What creating it tells, without what the client has sent: a replay's record holds a hundred of them.
const Created = PostSummary.pick({
  id: true,
  slug: true,
  url: true,
  status: true,
  published_at: true,
  scheduled_at: true,
  created_at: true,
  updated_at: true,
});
type Created = z.infer<typeof Created>;
const Result = z.object({
  index: z.int().openapi({ description: "Its place in `posts`, from 0.", example: 0 }),
  status: z.int().openapi({ description: "What creating it alone would answer.", example: 201 }),
  post: Created.optional(),
  failure: Failure.optional(),
}).openapi("BulkResult");
type Result = z.infer<typeof Result>;
export const BulkAnswer = z.object({
  created: z.int().openapi({ example: 1 }),
  failed: z.int().openapi({ example: 0 }),
  results: z.array(Result).openapi({ description: "In the order of `posts`." }),
}).openapi("BulkAnswer");
export type BulkAnswer = z.infer<typeof BulkAnswer>;

/**
 * Creates posts, each in a commit of its own, with its own result, and counted like a single one. Repeated
 * under its Idempotency-Key after it was cut short, it makes those that are missing.
 */
export async function createPosts(ctx: Ctx, input: BulkInput): Promise<BulkAnswer> {
  requireScope(ctx, "posts:write");
  requireBlog(ctx);
  const { user } = ctx.actor;
  await transact(
    ctx,
    (tx) => requireFeature(tx, ctx, { user, feature: "bulk", what: "Creating posts in bulk" }),
  );
  await ctx.admission;
  const results: Result[] = [];
  let next = 0;
  async function work(): Promise<void> {
    while (next < input.posts.length) {
      const index = next++;
      results[index] = { index, ...await createOne(ctx, { index, post: input.posts[index] }) };
    }
  }
  await Promise.all(Array.from({ length: ABREAST }, work));
  const created = results.filter(({ status }) => status === 201).length;
  // What the store could not take may be tried again under the same key.
  if (results.some(({ status }) => status >= 500)) await ctx.answer.claim?.release();
  return { created, failed: results.length - created, results };
}

async function createOne(
  ctx: Ctx,
  item: { index: number; post: unknown },
): Promise<Omit<Result, "index">> {
  const own: Ctx = {
    ...ctx,
    reads: new Reads(ctx.deps.store),
    answer: { status: 201, claim: null, rev: null },
  };
  try {
    const judged = PostInput.safeParse(item.post);
    if (!judged.success) {
      throw invalid(
        judged.error.issues.map(({ path, message }) => (
          { path: path.join("."), message }
        )),
      );
    }
    const replayed = await claimItem(own, ctx.answer.claim, item);
    if (replayed) return { status: 201, post: replayed };
    return { status: 201, post: Created.parse(await createPost(own, judged.data)) };
  } catch (error) {
    await own.answer.claim?.release().catch(() => {});
    return failure(ctx, error);
  }
}

/** Claims an item's place under the key of the whole, or gives the post that an earlier try made there. */
async function claimItem(
  own: Ctx,
  whole: Claim | null,
  item: { index: number; post: unknown },
): Promise<Created | null> {
  if (!whole) return null;
  const body = new TextEncoder().encode(JSON.stringify(item.post));
  const identity = { ...whole.identity, path: `${whole.identity.path}#${item.index}`, body };
  const { store, keys } = own.deps;
  const seen = await own.reads.get(recordKey(identity));
  const taken = await Claim.take(store, keys, { identity, seen, now: own.now });
  if (!(taken instanceof Claim)) return Created.parse(taken.body);
  own.answer.claim = taken;
  return null;
}

function failure(ctx: Ctx, error: unknown): Omit<Result, "index"> {
  const known = error instanceof AppError ? error : new AppError("internal_error");
  if (known !== error) {
    ctx.deps.log({ event: "unhandled", error: String(error), stack: (error as Error)?.stack });
  }
  const { issues, upgradeUrl } = known.details;
  return {
    status: known.status,
    failure: {
      error: known.code,
      reason: known.reason,
      message: known.message,
      ...issues && { issues },
      ...upgradeUrl && { upgrade_url: upgradeUrl },
    },
  };
}
