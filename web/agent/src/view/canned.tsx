// Messages written before: picked from a list, or by their key phrase; put in the box to be read, never sent.
import { type Signal, signal } from "@preact/signals";
import { useRef } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { CannedMessage } from "../api/types.ts";
import { Chooser } from "../parts/chooser.tsx";
import { Icon } from "../parts/icons.tsx";
import { Popover } from "../parts/popover.tsx";
import { say } from "../store/problems.ts";
import { toast } from "../store/say.ts";
import { locale, t } from "../text/words.ts";

const known = new Map<string, Signal<readonly CannedMessage[] | null>>();

export const cannedOf = (conversation: string): Signal<readonly CannedMessage[] | null> => {
  let found = known.get(conversation);
  if (!found) {
    if (known.size > 20) known.clear();
    known.set(conversation, (found = signal<readonly CannedMessage[] | null>(null)));
  }
  return found;
};

export const loadCanned = async (conversation: string): Promise<void> => {
  const list = cannedOf(conversation);
  if (list.peek()) return;
  list.value = await calls.canned(conversation).catch(() => null);
};

/** What it says to this contact; null, and said why, when something is missing for it. */
export const fillCanned = async (
  conversation: string,
  key: string,
  _contact: string,
): Promise<string | null> => {
  const one = cannedOf(conversation)
    .peek()
    ?.find((canned) => canned.key === key);
  const wanted = one?.locales.includes(locale.value) ? locale.value : null;
  try {
    const found = await calls.previewCanned(key, conversation, wanted);
    if (found.text === null) toast(t().cannedMissing(found.missing.join(", ")), "bad");
    return found.text;
  } catch (error) {
    toast(say(error), "bad");
    return null;
  }
};

/** What it says, with dots where something of the contact is filled in. */
const outline = (text: string): string => text.replace(/\{%.*?%\}/g, "").replace(/\{\{.*?\}\}/g, "…");

export const CannedButton = (props: {
  conversation: string;
  open: boolean;
  onOpen: (open: boolean) => void;
  onText: (text: string) => void;
}) => {
  const button = useRef<HTMLButtonElement>(null);
  if (props.open) void loadCanned(props.conversation);
  const options = (cannedOf(props.conversation).value ?? []).map((one) => ({
    id: one.key,
    label: one.phrase ?? one.key,
    detail: outline(one.text),
    words: `${one.key} ${one.description}`,
  }));
  return (
    <>
      <button
        ref={button}
        type="button"
        class="icon-button"
        title={`${t().canned}  (/)`}
        aria-label={t().canned}
        aria-haspopup="listbox"
        aria-expanded={props.open}
        onClick={() => props.onOpen(!props.open)}
      >
        <Icon name="canned" />
      </button>
      {props.open && button.current && (
        <Popover anchor={button.current} onClose={() => props.onOpen(false)} class="chooser-box broad">
          <Chooser
            label={t().cannedFind}
            options={options}
            nothing={t().noCanned}
            onPick={async (key) => {
              const text = await fillCanned(props.conversation, key, "");
              if (text !== null) props.onText(text);
              else props.onOpen(false);
            }}
          />
        </Popover>
      )}
    </>
  );
};
