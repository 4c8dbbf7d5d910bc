// Who has changed a setting, what the desk's folder says, and the way back to that.
import type { JsonValue, Setting } from "../api/types.ts";
import { Time } from "../parts/small.tsx";
import { moment } from "../text/format.ts";
import type { Put } from "./setting.ts";
import { m } from "./words.ts";

export const Changed = ({ of, put }: { of: Setting; put: Put }) =>
  of.changed_by === null ? null : (
    <span class="soft small changed">
      <span class="pill draft">{m().changedPill}</span>
      <span>
        {m().changedBy(of.changed_by)}{" "}
        {of.changed_at && <Time at={of.changed_at}>{moment(of.changed_at)}</Time>}
        {of.kind !== "canned" && ` · ${m().deskSays(valueSaid(of.own))}`}
      </span>
      {of.mine && (
        <button type="button" class="link small" onClick={() => void put(of.name, undefined)}>
          {m().putBack}
        </button>
      )}
    </span>
  );

export const valueSaid = (value: JsonValue): string => {
  if (value === null) return m().nothingWord;
  if (typeof value === "boolean") return value ? m().on : m().offWord;
  if (Array.isArray(value)) return value.map((one) => m().feature(String(one))).join(", ") || m().nothingWord;
  return m().written_(String(value));
};
