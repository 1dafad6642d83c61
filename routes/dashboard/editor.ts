import { Hono } from "hono";
import type { Ctx } from "../../lib/ctx.ts";
import { sha256 } from "../../lib/kit/crypto.ts";
import { AppError } from "../../lib/kit/errors.ts";
import { randomHex } from "../../lib/kit/ids.ts";
import { PLANS, planWith } from "../../lib/metering/plans.ts";
import {
  deletePost,
  getPost,
  getRevision,
  getSource,
  isPostSlug,
  listRevisions,
  type Post,
  publishPost,
  restoreRevision,
  schedulePost,
  unpublishPost,
  updatePost,
} from "../../lib/content/posts/mod.ts";
import { blogPath, dashboardPage } from "../../render/dashboard/mod.ts";
import { type Editor, editorMain, editPath, type Written } from "../../render/dashboard/editor.tsx";
import { revisionMain, revisionsMain } from "../../render/dashboard/editor_revisions.tsx";
import type { Env } from "../_admit.ts";
import { goTo, show } from "../auth/_visit.ts";
import { faultsOf } from "./_page.ts";
import { editorWorkRoutes } from "./editor_work.ts";
import {
  againstTag,
  createOnce,
  editorPage,
  instantOf,
  judgeWritten,
  postOf,
  readWritten,
  type Writing,
  writtenOf,
} from "./editor_visit.ts";

const NEW = "/app/blogs/:blog/posts/new";
const ONE = "/app/blogs/:blog/posts/:id{[0-9a-f-]{36}}";
const BLANK: Written = {
  ...{ title: "", content: "", slug: "", tags: "", description: "", og_image: "" },
  ...{ canonical_url: "", noindex: false },
};
const CHANGED =
  "Not restored: the post was changed in between. Below is what restoring would change " +
  "now; do it again if that is what you want. The other text stays among the revisions.";
const SAID: Record<string, string> = {
  saved: "Saved.",
  created: "Saved as a draft.",
  published: "Published.",
  scheduled: "Scheduled.",
  unpublished: "Taken down: it is a draft again.",
  restored: "Restored, as the newest revision.",
};

/** The editor of posts, and their revisions. */
export function editorRoutes(env: Env) {
  const app = new Hono<{ Bindings: { peer: string } }>();
  app.get(NEW, editorPage(env, "read", showNew));
  app.post(NEW, editorPage(env, "save", saveNew));
  app.get("/app/blogs/:blog/posts/:slug/edit", editorPage(env, "read", leadToPost));
  app.get(ONE, editorPage(env, "read", showPost));
  app.post(ONE, editorPage(env, "save", savePost));
  app.post(`${ONE}/delete`, editorPage(env, "save", removePost));
  app.get(`${ONE}/revisions`, editorPage(env, "read", showRevisions));
  app.get(`${ONE}/revisions/:revision`, editorPage(env, "read", showRevision));
  app.post(`${ONE}/revisions/:revision`, editorPage(env, "save", restore));
  app.route("/", editorWorkRoutes(env));
  return app;
}

/** A post's fields as the editor shows them. */
export function sourceWritten(post: Post & { description: string | null }): Written {
  return {
    title: post.title,
    content: post.content_md,
    slug: post.slug,
    tags: post.tags.join(", "),
    description: post.description ?? "",
    og_image: post.og_image_url ?? "",
    canonical_url: post.canonical_url ?? "",
    noindex: post.noindex,
  };
}

function showNew(at: Writing): Promise<Response> {
  return Promise.resolve(sendEditor(at, { written: BLANK, post: null, etag: "" }));
}

async function showPost(at: Writing): Promise<Response> {
  const post = await getSource(at.ctx, at.visit.params.id);
  return sendEditor(at, { written: sourceWritten(post), post, etag: at.ctx.answer.rev! });
}

// The id stays when the slug changes.
async function leadToPost(at: Writing): Promise<Response> {
  const { slug } = at.visit.params;
  if (!isPostSlug(slug)) throw new AppError("post_not_found");
  const { id } = await getPost(at.ctx, slug);
  return goTo(at.visit, editPath(at.blog, id));
}

async function saveNew(at: Writing): Promise<Response> {
  const fields = await readWritten(at);
  const written = writtenOf(fields);
  let made: Awaited<ReturnType<typeof createOnce>>;
  try {
    const input = judgeWritten(postOf(written));
    // Another text is another post: the form may have been gone back to.
    const once = fields.get("once") && sha256(JSON.stringify([fields.get("once"), input]));
    made = await createOnce(at, input, once);
  } catch (error) {
    return sendEditor(at, { written, post: null, etag: "", ...faultsOf(error) });
  }
  const { post: { id } } = made;
  // What is sent again may meet a version that its twin has made.
  const etag = made.repeated ? "" : made.etag;
  return await finish(at, { fields, written, id, etag, said: "created" });
}

async function savePost(at: Writing): Promise<Response> {
  const fields = await readWritten(at);
  const written = writtenOf(fields);
  const { id } = at.visit.params;
  const stored = await getSource(at.ctx, id);
  const ctx = againstTag(at, fields.get("etag"));
  try {
    await updatePost(ctx, stored.slug, judgeWritten(postOf(written)));
  } catch (error) {
    const refusal = faultsOf(error);
    const etag = at.ctx.answer.rev!;
    if (!(error instanceof AppError) || error.reason !== "precondition_failed") {
      const sent = fields.get("etag") || etag;
      return sendEditor(at, { written, post: stored, etag: sent, ...refusal });
    }
    const conflict = sourceWritten(stored);
    return sendEditor(at, { written, post: stored, etag, status: 412, conflict });
  }
  return await finish(at, { fields, written, id, etag: ctx.answer.rev!, said: "saved" });
}

// Its slug may have changed since the page was made.
async function removePost(at: Writing): Promise<Response> {
  const { slug } = await getSource(at.ctx, at.visit.params.id);
  await deletePost(againstTag(at, null), slug);
  return goTo(at.visit, blogPath(at.blog, "/posts?done=delete&n=1"));
}

type Finish = { fields: URLSearchParams; written: Written; id: string; etag: string; said: string };

/** Does with the saved post what the button asked for. */
async function finish(at: Writing, { fields, written, id, etag, said }: Finish): Promise<Response> {
  const to = fields.get("then") ?? "";
  const verbs: Record<string, (ctx: Ctx, slug: string) => Promise<Post>> = {
    published: publishPost,
    unpublished: unpublishPost,
    scheduled: (ctx, slug) => {
      const scheduled_at = instantOf({
        at: fields.get("scheduled_at") ?? "",
        zone: fields.get("zone") ?? "",
      });
      return schedulePost(ctx, slug, { scheduled_at: Date.parse(scheduled_at) });
    },
  };
  const path = editPath(at.blog, id);
  if (!Object.hasOwn(verbs, to)) return goTo(at.visit, `${path}?done=${said}`);
  const read = againstTag(at, null);
  const post = await getSource(read, id);
  try {
    await verbs[to](againstTag(at, etag), post.slug);
  } catch (error) {
    const now = read.answer.rev!;
    return sendEditor(at, { written, post, etag: now, ...faultsOf(error), fields });
  }
  return goTo(at.visit, `${path}?done=${to}`);
}

type Shown = {
  written: Written;
  post: Editor["post"];
  etag: string;
  faults?: Editor["faults"];
  status?: number;
  conflict?: Written;
  fields?: URLSearchParams;
};

function sendEditor(at: Writing, shown: Shown): Response {
  const { blog, frame, visit } = at;
  const { post, faults = {}, status = 200, conflict = null, fields } = shown;
  const done = visit.request.method === "GET" ? visit.url.searchParams.get("done") ?? "" : "";
  const editor: Editor = {
    account: at.ctx.actor.user,
    once: fields?.get("once") || randomHex(16),
    gate: PLANS[at.plan.plan].features.includes("scheduling") ? null : planWith("scheduling"),
    ...{ blog, post, faults, conflict, written: shown.written, etag: shown.etag },
    schedule: { at: fields?.get("scheduled_at") ?? "", zone: fields?.get("zone") ?? "" },
  };
  const page = dashboardPage({
    title: post ? post.title : "New post",
    frame,
    tab: "/posts",
    main: editorMain(editor),
    said: Object.hasOwn(SAID, done) ? SAID[done] : null,
    fault: conflict === null
      ? faults[""]
      : "Not saved: the post was changed elsewhere in between. Compare the two texts below; saving again puts yours in place of the other, which stays among the revisions.",
    scripts: ["editor"],
    policy: { frames: true },
  });
  return show(visit, page, { status });
}

async function showRevisions(at: Writing): Promise<Response> {
  const { ctx, blog, frame, visit } = at;
  const post = await getSource(ctx, visit.params.id);
  const { data } = await listRevisions(ctx, post.slug, {});
  const main = revisionsMain({ blog, post, revisions: data });
  return show(
    visit,
    dashboardPage({ title: `Revisions of ${post.title}`, frame, tab: "/posts", main }),
  );
}

function showRevision(at: Writing): Promise<Response> {
  return sendRevision(at, {});
}

async function sendRevision(
  at: Writing,
  { fault, status }: { fault?: string; status?: number },
): Promise<Response> {
  const { blog, frame, visit } = at;
  const ctx = againstTag(at, null);
  const post = await getSource(ctx, visit.params.id);
  const etag = ctx.answer.rev!;
  const revision = await getRevision(ctx, { slug: post.slug, id: visit.params.revision });
  const main = revisionMain({ blog, post, revision, etag });
  const title = `Revision ${revision.number} of ${post.title}`;
  return show(visit, dashboardPage({ title, frame, tab: "/posts", main, fault }), { status });
}

async function restore(at: Writing): Promise<Response> {
  const { id, revision } = at.visit.params;
  const fields = await readWritten(at);
  const post = await getSource(at.ctx, id);
  try {
    await restoreRevision(againstTag(at, fields.get("etag")), { slug: post.slug, id: revision });
  } catch (error) {
    const { status } = faultsOf(error);
    if (status !== 412) throw error;
    return await sendRevision(at, { fault: CHANGED, status });
  }
  return goTo(at.visit, `${editPath(at.blog, id)}?done=restored`);
}
