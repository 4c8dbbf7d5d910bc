// A recording of WebM becomes Ogg: the same packets, in pages whose sums and times are right.
import assert from "node:assert/strict";
import { test } from "node:test";
import { samplesOf, toOgg } from "../src/lazy/voice_ogg.ts";

const bytes = (text: string): number[] => [...new TextEncoder().encode(text)];
const HEAD = [...bytes("OpusHead"), 1, 1, 0x38, 1, 0x80, 0xbb, 0, 0, 0, 0, 0];
const element = (id: number[], body: number[]): number[] => [
  ...id,
  0x10 | (body.length >> 24),
  (body.length >> 16) & 255,
  (body.length >> 8) & 255,
  body.length & 255,
  ...body,
];
/** 20 ms each, of CELT; the first byte says so. */
const packet = (length: number, fill: number): number[] => [0xf8, ...new Array(length - 1).fill(fill)];
const block = (of: number[], at: number): number[] => [0x81, at >> 8, at & 255, 0x80, ...of];

const webm = (packets: number[][]): Uint8Array =>
  Uint8Array.from([
    ...element([0x1a, 0x45, 0xdf, 0xa3], bytes("a head that nobody reads")),
    ...[0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], // its size is not known
    ...element(
      [0x16, 0x54, 0xae, 0x6b],
      element([0xae], [...element([0x86], bytes("A_OPUS")), ...element([0x63, 0xa2], HEAD)]),
    ),
    ...packets.flatMap((one, i) =>
      i % 7
        ? element([0xa3], block(one, 20 * i))
        : [
            0x1f,
            0x43,
            0xb6,
            0x75,
            0x01,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            0xff,
            ...element([0xe7], [0]),
            ...element([0xa0], element([0xa1], block(one, 20 * i))),
          ],
    ),
  ]);

interface Page {
  flags: number;
  samples: number;
  number: number;
  packets: number[][];
}

/** The sum, by the book: bit after bit, over the page with nothing where its sum stands. */
const sum = (page: Uint8Array): number => {
  let left = 0;
  for (const [i, byte] of page.entries())
    for (let bit = 7; bit >= 0; bit -= 1) {
      const one = i >= 22 && i < 26 ? 0 : (byte >> bit) & 1;
      const top = left >>> 31;
      left = (left << 1) >>> 0;
      if (top ^ one) left = (left ^ 0x04c11db7) >>> 0;
    }
  return left;
};

const pagesOf = (ogg: Uint8Array): Page[] => {
  const found: Page[] = [];
  for (let at = 0; at < ogg.length; ) {
    const view = new DataView(ogg.buffer, at);
    assert.equal(new TextDecoder().decode(ogg.slice(at, at + 4)), "OggS");
    const count = ogg[at + 26]!;
    const lengths = [...ogg.slice(at + 27, at + 27 + count)];
    const end = at + 27 + count + lengths.reduce((all, one) => all + one, 0);
    assert.equal(view.getUint32(22, true), sum(ogg.slice(at, end)));
    const packets: number[][] = [];
    let [from, part] = [at + 27 + count, [] as number[]];
    for (const length of lengths) {
      part = [...part, ...ogg.slice(from, from + length)];
      from += length;
      if (length < 255) {
        packets.push(part);
        part = [];
      }
    }
    assert.deepEqual(part, [], "no packet goes over a page's end");
    found.push({
      flags: ogg[at + 5]!,
      samples: Number(view.getBigInt64(6, true)),
      number: view.getUint32(18, true),
      packets,
    });
    at = end;
  }
  return found;
};

test("the packets are the same, the pages in order, the times those of the packets", () => {
  const given = Array.from({ length: 130 }, (_, i) => packet([90, 255, 254, 600, 1][i % 5]!, i & 255));
  const pages = pagesOf(toOgg(webm(given))!);
  assert.deepEqual(
    pages.map((one) => one.number),
    pages.map((_, i) => i),
  );
  assert.deepEqual(pages[0]!.packets, [HEAD]);
  assert.equal(pages[0]!.flags, 2);
  assert.deepEqual(pages[1]!.packets[0]!.slice(0, 8), bytes("OpusTags"));
  assert.deepEqual(
    pages.slice(2).flatMap((one) => one.packets),
    given,
  );
  assert.equal(pages.at(-1)!.samples, 130 * 960);
  assert.deepEqual(
    pages.slice(2).map((one) => one.flags),
    [...pages.slice(3).map(() => 0), 4],
  );
});

test("how long a packet lasts stands in its first bytes", () => {
  for (const [first, second, ms] of [
    [0x00, 0, 10],
    [0x18, 0, 60],
    [0x61, 0, 20],
    [0x70, 0, 10],
    [0x83, 3, 7.5],
    [0xf8, 0, 20],
    [0xfb, 6, 120],
  ] as const)
    assert.equal(samplesOf(Uint8Array.from([first, second])), ms * 48, `${first}`);
});

test("what is no recording of Opus becomes nothing, and nothing breaks", () => {
  const whole = webm([packet(50, 1)]);
  assert.equal(toOgg(new Uint8Array()), null);
  assert.equal(toOgg(Uint8Array.from(bytes("this is no film"))), null);
  assert.equal(toOgg(webm([])), null);
  for (let end = 0; end < whole.length - 60; end += 1) assert.equal(toOgg(whole.slice(0, end)), null);
});
