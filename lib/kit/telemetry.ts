import type { Tracer } from "./observe.ts";

// Where the API of OpenTelemetry, version 1, keeps what a runtime has registered.
const REGISTERED = Symbol.for("opentelemetry.js.api.1");

/** The runtime's own exporter of spans, or null where `OTEL_DENO` does not ask for it. */
export async function openTracer(): Promise<Tracer | null> {
  if (!(REGISTERED in globalThis)) return null;
  const { SpanStatusCode, trace } = await import("@opentelemetry/api");
  const tracer = trace.getTracer("postlark");
  return {
    span: (name, work, attributes = {}) =>
      tracer.startActiveSpan(name, { attributes }, async (span) => {
        try {
          return await work();
        } catch (error) {
          span.setStatus({ code: SpanStatusCode.ERROR });
          throw error;
        } finally {
          span.end();
        }
      }),
    rename(name, attributes) {
      trace.getActiveSpan()?.updateName(name).setAttributes(attributes);
    },
  };
}
