// What a contact is called: his name once somebody has said who he is, else his number; visitors of a website have none.
import type { ConversationRow } from "../api/types.ts";
import { t } from "../text/words.ts";

type Called = Pick<ConversationRow, "contact" | "channel">;

const isKnown = ({ contact }: Called): boolean => contact.linked || contact.display_name !== contact.address;

export const nameOf = (row: Called): string => {
  if (isKnown(row) || row.channel.channel_type !== "webchat") return spaced(row.contact.display_name);
  return `${t().visitor} ${row.contact.address.slice(-4)}`;
};

/** For the letters in his picture; a number has none. */
export const lettersOf = (row: Called): string => (isKnown(row) ? row.contact.display_name : "");

/** A number in groups, as people say it; whatever else it is stays as it is. */
export const spaced = (text: string): string => {
  const found = /^\+(1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3})(\d{6,12})$/.exec(text);
  if (!found) return text;
  const rest = found[2]!;
  const groups = rest.length <= 6 ? [3] : rest.length === 10 ? [3, 6] : [3, 6];
  const parts = [
    rest.slice(0, groups[0]),
    rest.slice(groups[0], groups[1]),
    groups[1] ? rest.slice(groups[1]) : "",
  ];
  return `+${found[1]} ${parts.filter(Boolean).join(" ")}`;
};
