// What a customer wrote: text and nothing but text. Addresses in it become links, and nothing else does.
const LINK = /\b(?:https?:\/\/|mailto:|tel:)[^\s<>"'`]+/gi;
const MIXED = /[^\x20-\x7e]/;

/** The host as it really is, when letters of other scripts could make it look like another. */
const honest = (address: string): { href: string; shown: string } | null => {
  try {
    const url = new URL(address);
    if (!/^(https?|mailto|tel):$/.test(url.protocol)) return null;
    if (url.username || url.password) return null;
    const host = /^https?:\/\/([^/?#:]*)/i.exec(address)?.[1] ?? "";
    return { href: url.href, shown: MIXED.test(host) ? url.href : address };
  } catch {
    return null;
  }
};

/** No component: of what stands on a page by the hundred, each would cost as much as what it shows. */
export const linked = (text: string) =>
  text.split("\n").map((paragraph, i) => (
    <p dir="auto" key={i}>
      {pieces(paragraph)}
    </p>
  ));

const pieces = (line: string) => {
  if (!line.includes(":")) return line || "\u00a0";
  const parts: (string | preact.JSX.Element)[] = [];
  let from = 0;
  for (const found of line.matchAll(LINK)) {
    const address = found[0].replace(/[.,;:!?)\]}]+$/, "");
    const link = honest(address);
    if (!link) continue;
    parts.push(line.slice(from, found.index));
    parts.push(
      <a href={link.href} target="_blank" rel="noopener noreferrer" key={found.index}>
        {link.shown}
      </a>,
    );
    from = found.index + address.length;
  }
  parts.push(line.slice(from));
  return line ? parts : "\u00a0";
};
