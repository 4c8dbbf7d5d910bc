// Type to find, arrows to move, Enter to take: people, tags, canned messages, the palette.
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { isComposing } from "../keys/ime.ts";
import { t } from "../text/words.ts";
import { Icon, type IconName } from "./icons.tsx";

export interface Option {
  id: string;
  label: string;
  hint?: string;
  detail?: string;
  icon?: IconName;
  checked?: boolean;
  words?: string;
}

const plain = (text: string): string => text.normalize("NFD").replace(/\p{M}/gu, "").toLocaleLowerCase();

/** All the words, anywhere; labels that begin with the first word come first. */
export const matching = (options: readonly Option[], typed: string): Option[] => {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  const text = (one: Option): string => plain(`${one.label} ${one.detail ?? ""} ${one.words ?? ""}`);
  const found = options.filter((one) => words.every((word) => text(one).includes(word)));
  const begins = (one: Option): number => (words[0] && plain(one.label).startsWith(words[0]) ? 0 : 1);
  return words.length ? found.sort((a, b) => begins(a) - begins(b)) : found;
};

export const Chooser = (props: {
  label: string;
  options: readonly Option[];
  onPick: (id: string) => void;
  nothing?: string;
  begin?: string;
  onType?: (typed: string) => void;
}) => {
  const id = useId();
  const [typed, type] = useState(props.begin ?? "");
  const [at, move] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const found = matching(props.options, typed);
  const active = Math.min(at, found.length - 1);
  /** Enter was pressed for what was typed, before there was anything to choose from. */
  const early = useRef("");
  const first = found[0]?.id;
  useEffect(() => {
    if (first === undefined || !early.current) return;
    const wanted = early.current === typed;
    early.current = "";
    if (wanted) props.onPick(first);
  }, [first, typed]);
  useEffect(() => input.current?.focus(), []);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active, typed]);
  const press = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    const to = { ArrowDown: active + 1, ArrowUp: active - 1 + found.length }[event.key];
    if (to !== undefined && found.length) {
      event.preventDefault();
      move(to % found.length);
    } else if (event.key === "Enter") {
      event.preventDefault();
      const option = found[active];
      if (option) props.onPick(option.id);
      else if (!props.options.length) early.current = typed;
    }
  };
  return (
    <div class="chooser">
      <input
        ref={input}
        class="chooser-input"
        role="combobox"
        aria-label={props.label}
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={found[active] ? `${id}-${active}` : undefined}
        aria-autocomplete="list"
        autocomplete="off"
        spellcheck={false}
        placeholder={props.label}
        value={typed}
        onInput={(event) => {
          type(event.currentTarget.value);
          move(0);
          props.onType?.(event.currentTarget.value);
        }}
        onKeyDown={press}
      />
      <div class="chooser-list" role="listbox" id={`${id}-list`} aria-label={props.label} ref={list}>
        {found.map((option, i) => (
          <div
            key={option.id}
            id={`${id}-${i}`}
            role="option"
            tabIndex={-1}
            aria-selected={i === active}
            class="option"
            onMouseMove={() => i !== active && move(i)}
            onClick={() => props.onPick(option.id)}
            onKeyDown={press}
          >
            {option.icon && <Icon name={option.icon} />}
            <span class="grow">
              <span class="cut" dir="auto">
                {option.label}
              </span>
              {option.detail && (
                <span class="cut soft small" dir="auto">
                  {option.detail}
                </span>
              )}
            </span>
            {option.hint && <kbd>{option.hint}</kbd>}
            {option.checked && <Icon name="check" />}
          </div>
        ))}
      </div>
      {!found.length && <p class="soft chooser-nothing">{props.nothing ?? t().nothingFound}</p>}
    </div>
  );
};
