// Several of many: what was chosen as chips that can be taken away, and a list to choose from.
import { useId } from "preact/hooks";
import { Icon } from "../parts/icons.tsx";
import { m } from "./words.ts";

export interface Pickable {
  value: string;
  name: string;
}

export const Picked = (props: {
  label: string;
  chosen: readonly string[];
  of: readonly Pickable[];
  onChange: (chosen: string[]) => void;
}) => {
  const id = useId();
  const named = (value: string): string => props.of.find((one) => one.value === value)?.name ?? value;
  const left = props.of.filter((one) => !props.chosen.includes(one.value));
  return (
    <div class="picked">
      <label class="soft" for={id}>
        {props.label}
      </label>
      <div class="picked-row">
        <Chips
          label={props.label}
          of={props.chosen.map((value) => ({ value, name: named(value) }))}
          onDrop={(value) => props.onChange(props.chosen.filter((one) => one !== value))}
        />
        <select
          id={id}
          class="field"
          value=""
          disabled={!left.length}
          onChange={(event) => {
            const { value } = event.currentTarget;
            event.currentTarget.value = "";
            if (value) props.onChange([...props.chosen, value]);
          }}
        >
          <option value="">{m().add}</option>
          {left.map((one) => (
            <option key={one.value} value={one.value}>
              {one.name}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
};

export const Chips = (props: { label: string; of: readonly Pickable[]; onDrop: (value: string) => void }) =>
  props.of.length ? (
    <ul class="chips" aria-label={m().chosenOf(props.label)}>
      {props.of.map((one) => (
        <li key={one.value} class="chip on">
          <bdi class="cut">{one.name}</bdi>
          <button
            type="button"
            class="chip-drop"
            aria-label={m().drop(one.name)}
            onClick={() => props.onDrop(one.value)}
          >
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  ) : null;

const kept = new Map<string, readonly Pickable[]>();
/** Codes with their names in a language, in its order. */
const namesOf = (kind: "language" | "region", codes: string, language: string): readonly Pickable[] => {
  const key = kind + language;
  const known = kept.get(key);
  if (known) return known;
  const names = new Intl.DisplayNames(language, { type: kind, fallback: "none" });
  const found = codes
    .split(" ")
    .map((value) => ({ value, name: names.of(value) ?? "" }))
    .filter((one) => one.name)
    .map((one) => ({ ...one, name: one.name.charAt(0).toLocaleUpperCase(language) + one.name.slice(1) }))
    .sort((a, b) => a.name.localeCompare(b.name, language));
  kept.set(key, found);
  return found;
};

const TONGUES =
  "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko ky lo lt lv mk ml mn mr ms mt my ne nl no pa pl ps pt ro ru si sk sl so sq sr sv sw ta te th tl tr uk ur uz vi zh zu";
const LANDS =
  "AD AE AF AG AI AL AM AO AR AT AU AW AZ BA BB BD BE BF BG BH BI BJ BM BN BO BR BS BT BW BY BZ CA CD CF CG CH CI CL CM CN CO CR CU CV CY CZ DE DJ DK DM DO DZ EC EE EG ER ES ET FI FJ FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MG MH MK ML MM MN MO MQ MR MT MU MV MW MX MY MZ NA NC NE NG NI NL NO NP NR NZ OM PA PE PF PG PH PK PL PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SI SK SL SM SN SO SR SS ST SV SY SZ TC TD TG TH TJ TL TM TN TO TR TT TV TW TZ UA UG US UY UZ VA VC VE VG VI VN VU WS XK YE YT ZA ZM ZW";

export const languages = (language: string): readonly Pickable[] => namesOf("language", TONGUES, language);
export const countries = (language: string): readonly Pickable[] => namesOf("region", LANDS, language);
