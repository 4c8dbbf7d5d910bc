// A QR code (ISO/IEC 18004): bytes, error correction M, up to version 20. Drawn here, because a secret that is shown as
// a picture may not leave for whoever draws pictures.
type Grid = (boolean | null)[][];

/** Of level M, by version: check bytes of a block, and how many blocks there are. */
const CHECKS = [10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26];
const BLOCKS = [1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16];

/** Bytes of a symbol, checks and all: what its patterns leave of the square. */
const room = (version: number): number => {
  const marks = version > 1 ? Math.floor(version / 7) + 2 : 0;
  const aligned = marks ? (25 * marks - 10) * marks - 55 : 0;
  return ((16 * version + 128) * version + 64 - aligned - (version > 6 ? 36 : 0)) >> 3;
};
const holds = (version: number): number => room(version) - CHECKS[version - 1]! * BLOCKS[version - 1]!;

const times = (a: number, b: number): number => {
  let product = 0;
  for (let bit = 7; bit >= 0; bit -= 1) {
    product = (product << 1) ^ ((product >> 7) * 0x11d);
    if ((b >> bit) & 1) product ^= a;
  }
  return product;
};

/** The remainder of Reed and Solomon. */
const checksOf = (data: readonly number[], count: number): number[] => {
  let divisor = [1];
  for (let i = 0, root = 1; i < count; i += 1, root = times(root, 2)) {
    const next = [...divisor, 0];
    divisor.forEach((factor, at) => {
      next[at + 1]! ^= times(factor, root);
    });
    divisor = next;
  }
  const left: number[] = new Array(count).fill(0);
  for (const byte of data) {
    const lead = byte ^ left.shift()!;
    left.push(0);
    for (let i = 0; i < count; i += 1) left[i]! ^= times(divisor[i + 1]!, lead);
  }
  return left;
};

/** Mode, length, bytes, and padding up to what the version holds. */
const dataOf = (bytes: Uint8Array, version: number): number[] => {
  const bits: number[] = [];
  const put = (value: number, width: number): void => {
    for (let i = width - 1; i >= 0; i -= 1) bits.push((value >> i) & 1);
  };
  put(4, 4);
  put(bytes.length, version < 10 ? 8 : 16);
  for (const byte of bytes) put(byte, 8);
  const most = holds(version) * 8;
  put(0, Math.min(4, most - bits.length));
  while (bits.length % 8) bits.push(0);
  const data: number[] = [];
  for (let i = 0; i < bits.length; i += 8)
    data.push(bits.slice(i, i + 8).reduce((byte, bit) => byte * 2 + bit, 0));
  for (let pad = 0xec; data.length < holds(version); pad ^= 0xec ^ 0x11) data.push(pad);
  return data;
};

/** In blocks, each with its checks, then woven into one another. */
const woven = (data: readonly number[], version: number): number[] => {
  const [count, checks] = [BLOCKS[version - 1]!, CHECKS[version - 1]!];
  const short = Math.floor(data.length / count);
  const longs = data.length % count;
  const blocks: number[][] = [];
  for (let i = 0, from = 0; i < count; i += 1) {
    const length = short + (i < count - longs ? 0 : 1);
    blocks.push(data.slice(from, from + length));
    from += length;
  }
  const ends = blocks.map((block) => checksOf(block, checks));
  const all: number[] = [];
  for (let i = 0; i <= short; i += 1) for (const block of blocks) if (i < block.length) all.push(block[i]!);
  for (let i = 0; i < checks; i += 1) for (const end of ends) all.push(end[i]!);
  return all;
};

/** A number with the remainder that says whether it was read right. */
const guarded = (value: number, divisor: number, width: number): number => {
  let left = value << width;
  for (let bit = 31 - Math.clz32(left); bit >= width; bit = 31 - Math.clz32(left || 1))
    left ^= divisor << (bit - width);
  return (value << width) | left;
};

const marksOf = (version: number, size: number): number[] => {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((version * 4 + 4) / (count * 2 - 2)) * 2;
  return [6, ...Array.from({ length: count - 1 }, (_, i) => size - 7 - step * (count - 2 - i))];
};

/** Everything that is the same whatever it says; where the data comes is null. */
const framed = (version: number): Grid => {
  const size = version * 4 + 17;
  const grid: Grid = Array.from({ length: size }, () => new Array(size).fill(null));
  const square = (x: number, y: number, reach: number, dark: (ring: number) => boolean): void => {
    for (let dy = -reach; dy <= reach; dy += 1)
      for (let dx = -reach; dx <= reach; dx += 1) {
        const row = grid[y + dy];
        if (row && x + dx >= 0 && x + dx < size) row[x + dx] = dark(Math.max(Math.abs(dx), Math.abs(dy)));
      }
  };
  for (let i = 8; i < size - 8; i += 1) grid[6]![i] = grid[i]![6] = i % 2 === 0;
  for (const [x, y] of [
    [3, 3],
    [size - 4, 3],
    [3, size - 4],
  ] as const)
    square(x, y, 4, (ring) => ring !== 2 && ring !== 4);
  const marks = marksOf(version, size);
  const last = marks.length - 1;
  for (const [i, y] of marks.entries())
    for (const [j, x] of marks.entries()) {
      const corner = (i === 0 && (j === 0 || j === last)) || (i === last && j === 0);
      if (!corner) square(x, y, 2, (ring) => ring !== 1);
    }
  if (version > 6) {
    const bits = guarded(version, 0x1f25, 12);
    for (let i = 0; i < 18; i += 1) {
      const [near, far] = [Math.floor(i / 3), size - 11 + (i % 3)];
      grid[near]![far] = grid[far]![near] = ((bits >> i) & 1) === 1;
    }
  }
  format(grid, 0); // so that nothing else comes there
  return grid;
};

const format = (grid: Grid, mask: number): void => {
  const size = grid.length;
  const bits = guarded(mask, 0x537, 10) ^ 0x5412; // level M is 00
  const bit = (i: number): boolean => ((bits >> i) & 1) === 1;
  for (let i = 0; i < 6; i += 1) grid[i]![8] = bit(i);
  grid[7]![8] = bit(6);
  grid[8]![8] = bit(7);
  grid[8]![7] = bit(8);
  for (let i = 9; i < 15; i += 1) grid[8]![14 - i] = bit(i);
  for (let i = 0; i < 8; i += 1) grid[8]![size - 1 - i] = bit(i);
  for (let i = 8; i < 15; i += 1) grid[size - 15 + i]![8] = bit(i);
  grid[size - 8]![8] = true;
};

const MASKS: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => (x + y) % 2 === 0,
  (_, y) => y % 2 === 0,
  (x) => x % 3 === 0,
  (x, y) => (x + y) % 3 === 0,
  (x, y) => (Math.floor(x / 3) + Math.floor(y / 2)) % 2 === 0,
  (x, y) => ((x * y) % 2) + ((x * y) % 3) === 0,
  (x, y) => (((x * y) % 2) + ((x * y) % 3)) % 2 === 0,
  (x, y) => (((x + y) % 2) + ((x * y) % 3)) % 2 === 0,
];

/** Upwards and downwards in pairs of columns, from the right. */
const filled = (frame: Grid, bytes: readonly number[], mask: number): boolean[][] => {
  const grid = frame.map((row) => [...row]);
  const size = grid.length;
  let at = 0;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let i = 0; i < size; i += 1) {
      const y = ((right + 1) & 2) === 0 ? size - 1 - i : i;
      for (const x of [right, right - 1]) {
        if (grid[y]![x] !== null) continue;
        const bit = ((bytes[at >> 3] ?? 0) >> (7 - (at & 7))) & 1;
        at += 1;
        grid[y]![x] = (bit === 1) !== MASKS[mask]!(x, y);
      }
    }
  }
  format(grid, mask);
  return grid as boolean[][];
};

/** How hard a symbol is to read: long runs, squares of one colour, what looks like a corner, too dark or too light. */
const cost = (grid: readonly boolean[][]): number => {
  const size = grid.length;
  let [sum, dark] = [0, 0];
  const line = (of: (i: number) => boolean): void => {
    const text = Array.from({ length: size }, (_, i) => (of(i) ? "1" : "0")).join("");
    for (const run of text.match(/1{5,}|0{5,}/g) ?? []) sum += run.length - 2;
    for (const look of ["10111010000", "00001011101"])
      for (let i = text.indexOf(look); i >= 0; i = text.indexOf(look, i + 1)) sum += 40;
  };
  for (let i = 0; i < size; i += 1) {
    line((x) => grid[i]![x]!);
    line((y) => grid[y]![i]!);
  }
  for (let y = 0; y < size; y += 1)
    for (let x = 0; x < size; x += 1) {
      const one = grid[y]![x]!;
      if (one) dark += 1;
      if (y && x && one === grid[y - 1]![x] && one === grid[y]![x - 1] && one === grid[y - 1]![x - 1])
        sum += 3;
    }
  return sum + Math.floor(Math.abs((dark * 20) / (size * size) - 10)) * 10;
};

/** Rows of dark and light; null where it is too long for a picture of this kind. */
export const qr = (text: string): boolean[][] | null => {
  const bytes = new TextEncoder().encode(text);
  const version = CHECKS.findIndex((_, i) => bytes.length + (i < 9 ? 2 : 3) <= holds(i + 1)) + 1;
  if (!version) return null;
  const all = woven(dataOf(bytes, version), version);
  const frame = framed(version);
  const drawn = MASKS.map((_, mask) => filled(frame, all, mask));
  const costs = drawn.map(cost);
  return drawn[costs.indexOf(Math.min(...costs))]!;
};

/** As one path of squares. */
export const pathOf = (grid: readonly boolean[][]): string =>
  grid.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
