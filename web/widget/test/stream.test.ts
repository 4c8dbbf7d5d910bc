import assert from "node:assert/strict";
import { test } from "node:test";
import { Parser, type StreamEvent } from "../../shared/stream.ts";

const TEXT =
  'retry: 2000\nid: 1.1\nevent: ready\ndata: {"cursor":"1.1"}\n\n: heartbeat\nid: 1.7\n\nevent: message\r\nid: 1.9\r\ndata: {"a":\r\ndata: 1}\r\n\r\nid: 2.0\nevent: read\ndata: é😀\n\n';
const WANTED: StreamEvent[] = [
  { id: "1.1", name: "ready", data: '{"cursor":"1.1"}' },
  { id: "1.7", name: "", data: "" },
  { id: "1.9", name: "message", data: '{"a":\n1}' },
  { id: "2.0", name: "read", data: "é😀" },
];

function parsed(pieces: string[]): StreamEvent[] {
  const parser = new Parser();
  const events: StreamEvent[] = [];
  for (const piece of pieces) parser.feed(piece, (event) => events.push(event));
  return events;
}

test("events are found wherever the network cuts the stream", () => {
  for (let at = 0; at <= TEXT.length; at++)
    assert.deepEqual(parsed([TEXT.slice(0, at), TEXT.slice(at)]), WANTED, `cut at ${at}`);
  assert.deepEqual(parsed([...TEXT]), WANTED);
});

test("an event that was cut off is not told", () => {
  assert.deepEqual(parsed(['id: 5\nevent: message\ndata: {"half":']), []);
});
