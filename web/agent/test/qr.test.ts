// A QR code is read here as a phone reads it: by the standard, not by how it was drawn.
import assert from "node:assert/strict";
import { test } from "node:test";
import { qr } from "../src/own/qr.ts";

/** The standard's own table for level M: what stands beside a corner, by mask. */
const FORMATS = [
  "101010000010010", "101000100100101", "101111001111100", "101101101001011",
  "100010111111001", "100000011001110", "100111110010111", "100101010100000",
]; // biome-ignore format: a table
const VERSION_7 = "000111110010010100";
/** By version: data and check bytes of each block, from the standard's table for level M. */
const LAYOUT: Record<number, { blocks: number[]; checks: number; align: number[] }> = {
  1: { blocks: [16], checks: 10, align: [] },
  2: { blocks: [28], checks: 16, align: [6, 18] },
  5: { blocks: [43, 43], checks: 24, align: [6, 30] },
  7: { blocks: [31, 31, 31, 31], checks: 18, align: [6, 22, 38] },
  8: { blocks: [38, 38, 39, 39], checks: 22, align: [6, 24, 42] },
  10: { blocks: [43, 43, 43, 43, 44], checks: 26, align: [6, 28, 50] },
};

const bitsOf = (cells: boolean[]): string => cells.map((one) => (one ? "1" : "0")).join("");
const masked = [
  (i: number, j: number) => (i + j) % 2 === 0,
  (i: number) => i % 2 === 0,
  (_: number, j: number) => j % 3 === 0,
  (i: number, j: number) => (i + j) % 3 === 0,
  (i: number, j: number) => (Math.floor(i / 2) + Math.floor(j / 3)) % 2 === 0,
  (i: number, j: number) => ((i * j) % 2) + ((i * j) % 3) === 0,
  (i: number, j: number) => (((i * j) % 2) + ((i * j) % 3)) % 2 === 0,
  (i: number, j: number) => (((i + j) % 2) + ((i * j) % 3)) % 2 === 0,
];

const LOG: number[] = [];
const EXP: number[] = [];
for (let i = 0, x = 1; i < 255; i += 1) {
  EXP[i] = x;
  LOG[x] = i;
  x *= 2;
  if (x > 255) x ^= 285;
}
const syndromes = (word: number[], checks: number): number[] =>
  Array.from({ length: checks }, (_, root) =>
    word.reduce((sum, byte) => (sum === 0 ? 0 : EXP[(LOG[sum]! + root) % 255]!) ^ byte, 0),
  );

const read = (grid: boolean[][]): { text: string; version: number } => {
  const size = grid.length;
  const version = (size - 17) / 4;
  const layout = LAYOUT[version]!;
  const beside: boolean[] = [];
  for (const j of [0, 1, 2, 3, 4, 5, 7, 8]) beside.push(grid[8]![j]!);
  for (const i of [7, 5, 4, 3, 2, 1, 0]) beside.push(grid[i]![8]!);
  const mask = FORMATS.indexOf(bitsOf(beside));
  assert.ok(mask >= 0, `no format is ${bitsOf(beside)}`);
  const again: boolean[] = [];
  for (let i = size - 1; i > size - 8; i -= 1) again.push(grid[i]![8]!);
  for (let j = size - 8; j < size; j += 1) again.push(grid[8]![j]!);
  assert.equal(bitsOf(again), bitsOf(beside));
  assert.ok(grid[size - 8]![8], "the dark module");
  const isData = (i: number, j: number): boolean => {
    if (i === 6 || j === 6) return false;
    if ((i < 9 && j < 9) || (i < 9 && j >= size - 8) || (i >= size - 8 && j < 9)) return false;
    if (version > 6 && ((i < 6 && j >= size - 11) || (j < 6 && i >= size - 11))) return false;
    return !layout.align.some((a) =>
      layout.align.some((b) => {
        const inCorner = (a === 6 && b === 6) || (a === 6 && b === size - 7) || (a === size - 7 && b === 6);
        return !inCorner && Math.abs(i - a) < 3 && Math.abs(j - b) < 3;
      }),
    );
  };
  let bits = "";
  let up = true;
  for (let j = size - 1; j > 0; j -= 2, up = !up) {
    if (j === 6) j -= 1;
    for (let step = 0; step < size; step += 1) {
      const i = up ? size - 1 - step : step;
      for (const column of [j, j - 1])
        if (isData(i, column)) bits += grid[i]![column] !== masked[mask]!(i, column) ? "1" : "0";
    }
  }
  const words = (bits.match(/.{8}/g) ?? []).map((one) => Number.parseInt(one, 2));
  const blocks = layout.blocks.map(() => [] as number[]);
  let at = 0;
  for (let i = 0; i < Math.max(...layout.blocks); i += 1)
    for (const [b, length] of layout.blocks.entries()) if (i < length) blocks[b]!.push(words[at++]!);
  const data = blocks.flatMap((one) => [...one]);
  for (let i = 0; i < layout.checks; i += 1) for (const block of blocks) block.push(words[at++]!);
  for (const block of blocks) assert.ok(syndromes(block, layout.checks).every((one) => one === 0));
  assert.equal(data[0]! >> 4, 4, "bytes");
  const stream = data.map((one) => one.toString(2).padStart(8, "0")).join("");
  const width = version < 10 ? 8 : 16;
  const length = Number.parseInt(stream.slice(4, 4 + width), 2);
  const bytes = Array.from({ length }, (_, i) =>
    Number.parseInt(stream.slice(4 + width + 8 * i).slice(0, 8), 2),
  );
  return { text: new TextDecoder().decode(Uint8Array.from(bytes)), version };
};

test("what is drawn is read again, in one block and in many, with letters of any script", () => {
  const secret =
    "otpauth://totp/Casella:ann@desk.example?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Bottega%20Rossi";
  for (const [text, version] of [
    ["Hi", 1],
    ["casella 📬 è qui", 2],
    [secret.slice(0, 80), 5],
    [`${secret}12345`, 7],
    [secret.padEnd(140, "x"), 8],
    [secret.padEnd(200, "y"), 10],
  ] as const) {
    const grid = qr(text);
    assert.ok(grid);
    assert.deepEqual(read(grid), { text, version });
  }
});

test("a large one says its version beside its corners, as the standard's table has it", () => {
  const grid = qr("z".repeat(120))!;
  const size = grid.length;
  assert.equal(size, 45);
  const [one, other] = [[] as boolean[], [] as boolean[]];
  for (let i = 17; i >= 0; i -= 1) {
    one.push(grid[Math.floor(i / 3)]![size - 11 + (i % 3)]!);
    other.push(grid[size - 11 + (i % 3)]![Math.floor(i / 3)]!);
  }
  assert.deepEqual([bitsOf(one), bitsOf(other)], [VERSION_7, VERSION_7]);
});

test("what is too long for it is not drawn", () => {
  assert.equal(qr("x".repeat(2_000)), null);
});
