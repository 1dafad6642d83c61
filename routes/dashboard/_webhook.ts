import { EVENTS, type EventType } from "../../lib/events/outbox.ts";
import { PLANS, refusal } from "../../lib/metering/plans.ts";
import type { EventWords, TypedHook } from "../../render/dashboard/mod.ts";
import type { Page } from "./_page.ts";

const WORDS: Record<EventType, string> = {
  "post.created": "A post was written, as a draft or at once in public",
  "post.updated": "A post was changed",
  "post.published": "A post is public from now on",
  "post.unpublished": "A post is a draft again",
  "post.scheduled": "A post is to be published at a time",
  "post.deleted": "A post was deleted",
  "domain.active": "The blog's own domain works",
  "pack.low": "Your packs hold few posts any more",
};
/** Every event that a webhook may hear of, in words. */
export const EVENT_CHOICES: EventWords = EVENTS.map((event) => [event, WORDS[event]]);

/** Why the visitor's plan has no webhooks, or null. */
export function planRefusal({ ctx, visitor }: Page): string | null {
  if (PLANS[visitor.plan.plan].features.includes("webhooks")) return null;
  return refusal(ctx.deps, "webhooks", "Webhooks").message;
}

/** What was typed into the form of a webhook. */
export function typedHook(fields: URLSearchParams): TypedHook {
  return {
    url: fields.get("url") ?? "",
    description: fields.get("description") ?? "",
    all: fields.get("hears") !== "some",
    events: fields.getAll("event"),
  };
}

/** The same as the API takes it, unjudged. */
export function hookInput({ url, description, all, events }: TypedHook) {
  return { url: url.trim(), description, events: all ? ["*"] : events };
}
