// Server-sent events from a fetch, because an EventSource cannot carry a token in a header.
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream

export interface StreamEvent {
  id: string;
  name: string;
  data: string;
}

/** Cuts a stream of text into events, wherever the network has cut it. `id`s without data move the place as well. */
export class Parser {
  #rest = "";
  #id = "";
  #name = "";
  #data: string[] = [];

  feed(text: string, tell: (event: StreamEvent) => void): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line.replace(/\r$/, ""), tell);
  }

  #line(line: string, tell: (event: StreamEvent) => void): void {
    if (line === "") {
      const data = this.#data.join("\n");
      if (this.#data.length || this.#id)
        tell({ id: this.#id, name: this.#data.length ? this.#name || "message" : "", data });
      this.#id = this.#name = "";
      this.#data = [];
      return;
    }
    const [, field, value] = /^([^:]*):? ?([\s\S]*)$/.exec(line) ?? [];
    if (field === "data") this.#data.push(value ?? "");
    else if (field === "event") this.#name = value ?? "";
    else if (field === "id") this.#id = value ?? "";
  }
}

/** Reads events until the stream ends. Silence longer than `silence` ms ends it: a dead connection says nothing. */
export async function readEvents(
  response: Response,
  tell: (event: StreamEvent) => void,
  silence = 40_000,
): Promise<void> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!reader) return;
  const parser = new Parser();
  for (;;) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const dead = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("silence")), silence);
    });
    try {
      const { done, value } = await Promise.race([reader.read(), dead]);
      if (done) return;
      parser.feed(value, tell);
    } catch (error) {
      reader.cancel().catch(() => {});
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}
