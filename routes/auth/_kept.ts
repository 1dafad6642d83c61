import { keptFormPage } from "../../render/auth/mod.ts";
import { isUrlEncoded } from "../_input.ts";
import { countTry, goToSignIn, readFields, show, type Visit } from "./_visit.ts";

const MOST_KEPT = 60;
// More than any page's form has: each of them is markup of its own.
const MOST_FIELDS = 200;

/**
 * Answers 401 to a form that nobody signed in has sent, with all its fields in a form of the same path; throws
 * 413 above `limit` bytes. `away`: its answer may send the browser to another site. What is no such form leads to the sign-in.
 */
export async function keepForm(
  visit: Visit,
  { limit, away }: { limit?: number; away?: boolean },
): Promise<Response> {
  const { request, url } = visit;
  if (!isUrlEncoded(request)) return goToSignIn(visit);
  const what = "forms without a sign-in";
  await countTry(visit, { kind: "kept_form", limit: MOST_KEPT, what });
  const fields = [...await readFields(visit, limit)];
  if (fields.length > MOST_FIELDS) return goToSignIn(visit);
  return show(visit, keptFormPage({ action: url.pathname + url.search, fields, away }), {
    status: 401,
  });
}
