// The conversation against a server of the test's own: what waits is sent once, whatever fails in between.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Company } from "../../shared/tabs.ts";
import { type Asking, quotableAs, Refused } from "../src/api.ts";
import { Chat } from "../src/chat.ts";
import { Memory } from "../src/storage.ts";
import type { Message, Outgoing, Session, Transcript } from "../src/types.ts";

const WIDGET = {
  texts: {},
  pre_chat: [],
  opening: null,
  attachments: { count: 5, bytes: 1000 },
  longest_text: 100,
};

function shelf(): Pick<Storage, "getItem" | "setItem" | "removeItem"> {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}

const alone: Company = {
  lead: (run) => void run(new AbortController().signal),
  alone: (_, act) => act(),
  tell() {},
  leave() {},
};

class Server implements Asking {
  written: string[] = [];
  replies: (string | null)[] = [];
  ended: (string | null)[][] = [];
  sessions = 0;
  failing: unknown[] = [];
  known = new Set<string>();
  transcripts: Message[] = [];
  stream: (text: string) => void = () => {};

  async session(resume: string | null): Promise<Session> {
    this.sessions++;
    const token = `t${this.sessions}`;
    return { visitor: "visitor", is_new: !resume, token, expires_in: 900, resume: "r", widget: WIDGET };
  }
  async end(token: string | null, resume: string | null): Promise<void> {
    this.ended.push([token, resume]);
  }
  async transcript(): Promise<Transcript> {
    return { messages: this.transcripts, older: null, cursor: "1.0", read_at: null };
  }
  async write(_token: string, message: Outgoing): Promise<void> {
    const trouble = this.failing.shift();
    if (trouble === "lost answer") {
      this.#take(message);
      throw new TypeError("network");
    }
    if (trouble) throw trouble;
    this.#take(message);
  }
  #take(message: Outgoing): void {
    if (this.known.has(message.client_id)) return;
    this.known.add(message.client_id);
    this.written.push(message.text);
    this.replies.push(message.reply_to);
  }
  async upload(): Promise<never> {
    throw new Error("unused");
  }
  async typing(): Promise<void> {}
  async seen(): Promise<void> {}
  async events(): Promise<Response> {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.stream = (text) => controller.enqueue(new TextEncoder().encode(text));
      },
    });
    return new Response(body);
  }
}

function told(message: Partial<Message>, id: string): string {
  const whole = {
    id: "m",
    external_id: null,
    direction: "out",
    kind: "text",
    text: "",
    sender: null,
    state: "sent",
    reply_to: null,
    files: [],
  };
  return `id: ${id}\nevent: message\ndata: ${JSON.stringify({ at: "2026-11-22T10:00:00Z", ...whole, ...message })}\n\n`;
}

async function until(ask: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!ask()) {
    assert.ok(Date.now() < deadline, `waited in vain: ${ask}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function opened(
  server = new Server(),
  memory = new Memory("s", "w", shelf()),
): { chat: Chat; server: Server; memory: Memory } {
  const chat = new Chat(
    server,
    memory,
    { changed() {}, arrived() {} },
    () => "en",
    () => alone,
  );
  chat.start();
  return { chat, server, memory };
}

test("a message is sent once, whatever fails on its way", async () => {
  const { chat, server } = opened();
  server.failing = [
    new TypeError("network"),
    "lost answer",
    new Refused(503, "store_unavailable", 0),
    new Refused(401, "token_expired", 0),
  ];
  await chat.send("one", []);
  await chat.send("two", []);
  await until(() => server.failing.length < 2); // by itself
  await until(() => {
    chat.poke(); // at once, for the network is back
    return chat.outbox.length === 0;
  });
  assert.deepEqual(server.written, ["one", "two"]);
  assert.ok(server.sessions >= 2, "a token that does not count any more is renewed");
  chat.stop();
});

test("what was written before the page was left is sent by the next one", async () => {
  const memory = new Memory("s", "w", shelf());
  memory.add({
    client_id: "0191c2d4-0000-7000-8000-000000000001",
    text: "from before",
    uploads: [],
    reply_to: null,
    at: "",
  });
  const { chat, server } = opened(new Server(), memory);
  assert.ok(chat.known);
  await until(() => chat.outbox.length === 0);
  assert.deepEqual(server.written, ["from before"]);
  chat.stop();
});

test("a message that is refused is shown as failed, holds up nobody, and can be tried again", async () => {
  const { chat, server } = opened();
  server.failing = [new Refused(422, "invalid", 0)];
  await chat.send("refused", []);
  await chat.send("taken", []);
  await until(() => server.written.length === 1);
  assert.deepEqual(
    chat.outbox.map((one) => [one.text, one.failed]),
    [["refused", true]],
  );
  chat.retry(chat.outbox[0]?.client_id ?? "");
  await until(() => server.written.length === 2);
  chat.stop();
});

test("the server's word of a message takes the place of our own", async () => {
  const { chat, server } = opened();
  await until(() => chat.link === "online");
  await chat.send("mine", []);
  await until(() => chat.messages.size === 1);
  const [clientId] = [...server.known];
  server.stream(
    told(
      { id: "m1", direction: "in", external_id: `v:x/${clientId}`, text: "mine", state: "received" },
      "2.0",
    ),
  );
  await until(() => chat.messages.has("m1"));
  assert.equal(chat.messages.size, 1);
  chat.stop();
});

test("messages are unread until they were seen, and times without fractions sort too", async () => {
  const { chat, server } = opened();
  await until(() => chat.link === "online");
  server.stream(
    told({ id: "m2", text: "second", at: "2026-11-22T10:00:00.500000Z" }, "2.1") +
      told({ id: "m1", text: "first" }, "2.2"),
  );
  await until(() => chat.messages.size === 2);
  assert.deepEqual(
    chat.lines.map((one) => one.text),
    ["first", "second"],
  );
  assert.equal(chat.unread, 2);
  chat.see();
  assert.equal(chat.unread, 0);
  chat.stop();
});

test("whoever leaves takes everything along", async () => {
  const { chat, server, memory } = opened();
  await until(() => chat.link === "online");
  server.stream(told({ id: "m1", text: "private" }, "2.0"));
  await until(() => chat.messages.size === 1);
  chat.forget();
  assert.equal(chat.messages.size, 0);
  assert.equal(memory.get().outbox.length, 0);
  assert.deepEqual(server.ended, [["t1", "r"]], "a copy of what was kept here opens nothing");
  chat.stop();
});

test("a customer who signs out leaves no token behind", async () => {
  const { chat, server } = opened();
  chat.identify({ user_id: "c-7", hmac: "x" });
  await until(() => chat.link === "online" && chat.loaded);
  const token = chat.session?.token ?? null;
  chat.identify(null);
  assert.deepEqual(server.ended, [[token, null]]);
  chat.stop();
});

test("a message is quoted by what both sides call it", async () => {
  const { chat, server } = opened();
  await until(() => chat.link === "online");
  await chat.send("mine", []);
  const own = chat.lines[0] as Message;
  assert.equal(quotableAs(own), null, "the server has not given its word of it");
  const external_id = `v:x/${[...server.known][0]}`;
  server.stream(
    told({ id: "m1", direction: "in", external_id, text: "mine", state: "received" }, "2.0") +
      told({ id: "m2", text: "theirs", reply_to: "m1" }, "2.1"),
  );
  await until(() => chat.messages.has("m2"));
  assert.deepEqual(chat.lines.map(quotableAs).sort(), ["m2", external_id]);
  assert.equal(chat.quoted("m1")?.text, "mine");
  assert.equal(chat.quoted(external_id)?.id, "m1");
  assert.equal(chat.quoted("gone"), undefined);
  await chat.send("an answer", [], "m2");
  assert.deepEqual(server.replies, [null, "m2"]);
  chat.stop();
});
