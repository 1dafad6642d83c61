/** An answer that is sent as it is made, in place of one JSON object; `name` is the file's. */
export class Download {
  constructor(
    readonly stream: ReadableStream<Uint8Array>,
    readonly type: string,
    readonly name: string,
  ) {}
}

/** Text as it is made, as bytes in pieces of at least 64 kB; stops making where the reader goes away. */
export function streamText(parts: AsyncIterator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    async pull(controller) {
      let text = "";
      while (text.length < 65_536) {
        const step = await parts.next();
        if (step.done) {
          if (text) controller.enqueue(encoder.encode(text));
          return controller.close();
        }
        text += step.value;
      }
      controller.enqueue(encoder.encode(text));
    },
    async cancel() {
      await parts.return?.();
    },
  });
}
