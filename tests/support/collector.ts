type Value = { stringValue?: string; intValue?: string; doubleValue?: number };
type Attribute = { key: string; value: Value };
/** A span as OTLP's JSON has it; `parent` is "" for a root. */
export type Span = {
  name: string;
  id: string;
  parent: string;
  kind: number;
  failed: boolean;
  attributes: Record<string, string | number | undefined>;
};

/** A collector of OTLP over HTTP on loopback: the spans that came, and everything as it was sent. */
export function startCollector() {
  const spans: Span[] = [];
  const sent: { path: string; text: string }[] = [];
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    async (request) => {
      const path = new URL(request.url).pathname;
      const text = await request.text();
      sent.push({ path, text });
      if (path === "/v1/traces") spans.push(...spansOf(JSON.parse(text)));
      return Response.json({});
    },
  );
  return {
    spans,
    sent,
    /** what a process needs to send here */
    env: {
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.addr.port}`,
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

// deno-lint-ignore no-explicit-any
function spansOf({ resourceSpans }: any): Span[] {
  const groups = resourceSpans.flatMap(({ scopeSpans }: never) => scopeSpans);
  // deno-lint-ignore no-explicit-any
  return groups.flatMap(({ spans }: any) => spans).map((span: any) => ({
    name: span.name,
    id: span.spanId,
    parent: span.parentSpanId,
    kind: span.kind,
    failed: span.status.code === 2,
    attributes: Object.fromEntries(
      span.attributes.map(({ key, value }: Attribute) => [
        key,
        value.stringValue ?? Number(value.intValue ?? value.doubleValue),
      ]),
    ),
  }));
}
