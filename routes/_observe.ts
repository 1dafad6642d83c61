import type { Deps } from "../lib/ctx.ts";
import { Observation } from "../lib/kit/observe.ts";
import { errorAnswer, requestId } from "./_answer.ts";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]);

/** Has a request answered, and tells of it in one line of the log and by the name of its span; a failure is a 500. */
export function observe(
  deps: Deps,
  request: Request,
  serve: () => Response | Promise<Response>,
): Response | Promise<Response> {
  const fail = (error: unknown) =>
    errorAnswer(deps, error, new Headers({ "x-request-id": requestId(request) }));
  if (!deps.requests && !deps.tracer) return attempt(serve, fail);
  const begun = performance.now();
  const seen = new Observation(deps.tracer);
  const tell = (answer: Response) => {
    report(deps, request, { seen, answer, ms: performance.now() - begun });
    return answer;
  };
  // What is there already is sent without waiting a turn.
  const answer = seen.run(() => attempt(serve, fail));
  return answer instanceof Response ? tell(answer) : seen.run(() => answer.then(tell));
}

function attempt(
  serve: () => Response | Promise<Response>,
  fail: (error: unknown) => Response,
): Response | Promise<Response> {
  try {
    const answer = serve();
    return answer instanceof Response ? answer : answer.catch(fail);
  } catch (error) {
    return fail(error);
  }
}

type Reported = { seen: Observation; answer: Response; ms: number };

function report(deps: Deps, request: Request, { seen, answer, ms }: Reported): void {
  const { status } = answer;
  const { route = "*", ...about } = seen.about;
  const method = METHODS.has(request.method) ? request.method : "_OTHER";
  deps.requests?.({
    level: status < 400 ? "info" : status < 500 ? "warn" : "error",
    event: "request",
    request_id: answer.headers.get("x-request-id") ?? "",
    method,
    route,
    status,
    ms: Math.round(ms * 100) / 100,
    kv_rounds: seen.rounds,
    kv_commits: seen.commits,
    ...about,
  });
  deps.tracer?.rename(`${method} ${route}`, {
    "http.route": route,
    "postlark.kv.rounds": seen.rounds,
    "postlark.kv.commits": seen.commits,
    ...Object.fromEntries(Object.entries(about).map(([name, id]) => [`postlark.${name}`, id])),
  });
}
