import { type Ctx, upgradeUrl } from "../ctx.ts";
import { AppError } from "../kit/errors.ts";
import type { Entry, Key, Tx } from "../kit/kv.ts";
import { counted } from "../kit/page.ts";
import { planKey, type PlanRow, PLANS } from "./plans.ts";

type Counted = "posts" | "blogs";

/** Where the number of an account's live posts or blogs is. */
export function countKey(user: string, what: Counted): Key {
  return ["count", user, what];
}

/**
 * Takes one place in the caller's commit, or throws 403; only a limited plan checks the counter, so that
 * an unlimited one's writers never wait for each other.
 */
export async function stageTaken(tx: Tx, ctx: Ctx, place: { user: string; what: Counted }) {
  const { user, what } = place;
  const row = await tx.get<PlanRow>(planKey(user));
  const plan = PLANS[row?.plan ?? "free"];
  if (plan[what] !== Infinity) {
    const key = countKey(user, what);
    const value = await tx.get<Deno.KvU64>(key);
    if (counted({ key, value } as Entry<Deno.KvU64>) >= plan[what]) {
      const message = what === "posts"
        ? `Post limit exceeded. ${plan.title} plan allows ${plan.posts} total posts.`
        : `Blog limit exceeded. ${plan.title} plan allows ${plan.blogs} blog${
          plan.blogs === 1 ? "" : "s"
        }.`;
      throw new AppError(what === "posts" ? "post_limit" : "blog_limit", {
        message,
        upgradeUrl: upgradeUrl(ctx.deps),
      });
    }
  }
  tx.sum(countKey(user, what), 1);
}

/** Gives places back in the caller's commit. */
export function stageGivenBack(tx: Tx, place: { user: string; what: Counted; number?: number }) {
  tx.sum(countKey(place.user, place.what), -(place.number ?? 1));
}
