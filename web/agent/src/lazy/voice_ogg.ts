// WebM with Opus, as Chromium and Safari record it, becomes Ogg with Opus, as providers take voice notes. The packets
// stay as they are; only what is around them is another.
const SEGMENT = 0x18538067;
const TRACKS = 0x1654ae6b;
const TRACK = 0xae;
const CLUSTER = 0x1f43b675;
const GROUP = 0xa0;
/** Elements that are entered; all others are passed over, but for these three. */
const ENTERED = new Set([SEGMENT, TRACKS, TRACK, CLUSTER, GROUP]);
const CODEC_PRIVATE = 0x63a2;
const SIMPLE_BLOCK = 0xa3;
const BLOCK = 0xa1;
const SERIAL = 0x43534c31;
const PER_PAGE = 50;

interface Found {
  head: Uint8Array | null;
  packets: Uint8Array[];
}

/** A number of variable length, with its marker (an element's id) or without (a size). */
const numberAt = (
  bytes: Uint8Array,
  at: number,
  marked: boolean,
): { value: number; length: number } | null => {
  const first = bytes[at];
  if (!first) return null;
  const length = Math.clz32(first) - 23;
  if (length > 8 || at + length > bytes.length) return null;
  let value = marked ? first : first & (0xff >> length);
  let all = (first | (0xff00 >> length)) === (0xff | (0xff00 >> length)); // every bit set: its size is not known
  for (let i = 1; i < length; i += 1) {
    value = value * 256 + bytes[at + i]!;
    all &&= bytes[at + i] === 0xff;
  }
  return { value: !marked && all ? Number.POSITIVE_INFINITY : value, length };
};

const read = (bytes: Uint8Array): Found => {
  const found: Found = { head: null, packets: [] };
  for (let at = 0; at < bytes.length; ) {
    const id = numberAt(bytes, at, true);
    const size = id && numberAt(bytes, at + id.length, false);
    if (!id || !size) break;
    const from = at + id.length + size.length;
    const to = Math.min(bytes.length, from + size.value);
    if (id.value === CODEC_PRIVATE) found.head = bytes.slice(from, to);
    if (id.value === SIMPLE_BLOCK || id.value === BLOCK) {
      const track = numberAt(bytes, from, false)!;
      found.packets.push(bytes.slice(from + track.length + 3, to)); // behind the time and the flags
    }
    at = ENTERED.has(id.value) ? from : to;
  }
  return found;
};

/** How long a packet lasts, in samples of 48 kHz: RFC 6716, 3.1. */
export const samplesOf = (packet: Uint8Array): number => {
  const kind = (packet[0] ?? 0) >> 3;
  const tenths =
    kind < 12
      ? [100, 200, 400, 600][kind & 3]!
      : kind < 16
        ? [100, 200][kind & 1]!
        : [25, 50, 100, 200][kind & 3]!;
  const code = (packet[0] ?? 0) & 3;
  const frames = code === 0 ? 1 : code < 3 ? 2 : (packet[1] ?? 0) & 63;
  return (tenths * 48 * frames) / 10;
};

const TABLE = Array.from({ length: 256 }, (_, byte) => {
  let left = byte << 24;
  for (let bit = 0; bit < 8; bit += 1) left = left & 0x80000000 ? (left << 1) ^ 0x04c11db7 : left << 1;
  return left >>> 0;
});
const sumOf = (bytes: Uint8Array): number =>
  bytes.reduce((sum, byte) => ((sum << 8) ^ TABLE[((sum >>> 24) ^ byte) & 255]!) >>> 0, 0);

/** One page of whole packets: RFC 3533. */
const page = (packets: readonly Uint8Array[], number: number, samples: number, flags: number): Uint8Array => {
  const lengths = packets.flatMap((one) => [
    ...new Array<number>(Math.floor(one.length / 255)).fill(255),
    one.length % 255,
  ]);
  const made = new Uint8Array(27 + lengths.length + packets.reduce((sum, one) => sum + one.length, 0));
  const view = new DataView(made.buffer);
  made.set([0x4f, 0x67, 0x67, 0x53, 0, flags]);
  view.setBigInt64(6, BigInt(samples), true);
  view.setUint32(14, SERIAL, true);
  view.setUint32(18, number, true);
  made[26] = lengths.length;
  made.set(lengths, 27);
  let at = 27 + lengths.length;
  for (const one of packets) {
    made.set(one, at);
    at += one.length;
  }
  view.setUint32(22, sumOf(made), true);
  return made;
};

const tags = (): Uint8Array => {
  const vendor = new TextEncoder().encode("Casella");
  const made = new Uint8Array(8 + 4 + vendor.length + 4);
  made.set(new TextEncoder().encode("OpusTags"));
  new DataView(made.buffer).setUint32(8, vendor.length, true);
  made.set(vendor, 12);
  return made;
};

/** Null where there is nothing in it that could be sent. */
export const toOgg = (webm: Uint8Array): Uint8Array | null => {
  const { head, packets } = read(webm);
  if (!head || new TextDecoder().decode(head.slice(0, 8)) !== "OpusHead" || !packets.length) return null;
  const pages = [page([head], 0, 0, 2), page([tags()], 1, 0, 0)];
  let samples = 0;
  for (let from = 0; from < packets.length; ) {
    const some: Uint8Array[] = [];
    let segments = 0;
    while (from < packets.length && some.length < PER_PAGE) {
      const needs = Math.floor(packets[from]!.length / 255) + 1;
      if (segments + needs > 255) break;
      segments += needs;
      samples += samplesOf(packets[from]!);
      some.push(packets[from]!);
      from += 1;
    }
    if (!some.length) return null; // no packet of Opus is as long as that
    pages.push(page(some, pages.length, samples, from >= packets.length ? 4 : 0));
  }
  const made = new Uint8Array(pages.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of pages) {
    made.set(one, at);
    at += one.length;
  }
  return made;
};
