/** An answer that is sent as it is made, in place of one JSON object; `name` is the file's. */
export class Download {
  constructor(
    readonly stream: ReadableStream<Uint8Array>,
    readonly type: string,
    readonly name: string,
  ) {}
}

// What is made at a time, bytes.
const PIECE = 65_536;

/** Text as it is made, as bytes; stops making where the reader goes away. */
export function streamText(parts: AsyncIterator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      for (let made = 0; made < PIECE;) {
        const step = await parts.next();
        if (step.done) return controller.close();
        // Not joined as text first, which would be a copy more to be collected.
        const bytes = encoder.encode(step.value);
        controller.enqueue(bytes);
        made += bytes.length;
      }
    },
    async cancel() {
      await parts.return?.();
    },
  });
}
