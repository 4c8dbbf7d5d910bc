// Every emoji: by name, by group, and the ones that were used last.
import { useEffect, useRef, useState } from "preact/hooks";
import { isComposing } from "../keys/ime.ts";
import {
  chooseTone,
  findEmoji,
  type Group,
  loadEmoji,
  type Emoji as One,
  recent,
  TONES,
  tone,
  toned,
  used,
} from "../store/emoji.ts";
import { language } from "../store/settings.ts";
import { all as t } from "../text/words.ts";

const COLUMNS = 9;

export const Emoji = ({ onPick }: { onPick: (emoji: string) => void }) => {
  const [groups, put] = useState<readonly Group[]>([]);
  const [typed, type] = useState("");
  const [at, show] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    void loadEmoji(language.value).then(put);
    field.current?.focus();
  }, []);
  const group = groups[at];
  const found: readonly One[] = typed.trim() ? findEmoji(groups, typed) : (group?.emoji ?? []);
  const pick = (sign: string): void => {
    used(sign);
    onPick(sign);
  };
  const move = (event: KeyboardEvent): void => {
    if (isComposing(event)) return;
    const all = [...list.current!.querySelectorAll<HTMLElement>("button")];
    const now = all.indexOf(document.activeElement as HTMLElement);
    if (now < 0) {
      if (event.key === "Enter" && all[0]) all[0].click();
      else if (event.key === "ArrowDown") all[0]?.focus();
      else return;
      event.preventDefault();
      return;
    }
    const by = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    if (now + by < 0) field.current?.focus();
    else all[Math.min(now + by, all.length - 1)]?.focus();
  };
  return (
    <div class="emoji" role="group" aria-label={t().emoji} onKeyDown={move}>
      <input
        ref={field}
        type="search"
        class="field emoji-search"
        aria-label={t().findEmoji}
        placeholder={t().findEmoji}
        autocomplete="off"
        value={typed}
        onInput={(event) => type(event.currentTarget.value)}
      />
      {!typed.trim() && (
        <div class="emoji-groups" role="radiogroup" aria-label={t().emojiGroups}>
          {groups.map((one, i) => (
            <button
              type="button"
              key={one.name}
              role="radio"
              aria-checked={i === at}
              aria-label={one.name}
              title={one.name}
              onClick={() => show(i)}
            >
              {one.emoji[0]?.sign}
            </button>
          ))}
        </div>
      )}
      <div class="emoji-list" ref={list}>
        {!typed.trim() && recent.value.length > 0 && (
          <>
            <h3 class="emoji-head">{t().emojiRecent}</h3>
            <div class="emoji-group">
              {recent.value.map((sign) => (
                <button type="button" key={sign} aria-label={nameIn(groups, sign)} onClick={() => pick(sign)}>
                  {sign}
                </button>
              ))}
            </div>
          </>
        )}
        {!typed.trim() && group && <h3 class="emoji-head">{group.name}</h3>}
        <div class="emoji-group">
          {found.map((one) => (
            <button
              type="button"
              key={one.sign}
              aria-label={one.name}
              title={one.name}
              onClick={() => pick(toned(one, tone.value))}
            >
              {toned(one, tone.value)}
            </button>
          ))}
        </div>
        {groups.length > 0 && !found.length && <p class="soft center">{t().nothingFound}</p>}
      </div>
      <div class="emoji-tones" role="radiogroup" aria-label={t().skinTone}>
        {TONES.map((one, i) => (
          <button
            type="button"
            key={one}
            role="radio"
            aria-checked={tone.value === one}
            aria-label={t().skinTones(i)}
            title={t().skinTones(i)}
            onClick={() => chooseTone(one)}
          >
            {`✋${one}`}
          </button>
        ))}
      </div>
    </div>
  );
};

const nameIn = (groups: readonly Group[], sign: string): string => {
  for (const group of groups)
    for (const one of group.emoji)
      if (one.sign === sign || (one.tones && TONES.some((tone) => toned(one, tone) === sign)))
        return one.name;
  return sign;
};
