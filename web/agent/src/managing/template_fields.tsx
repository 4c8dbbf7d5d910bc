// An approved template, and what stands for its variables.
import * as calls from "../api/managing.ts";
import type { Template, TemplateContent } from "../api/types.ts";
import { useLoaded } from "../parts/loaded.tsx";
import { ProblemBox } from "../parts/problem.tsx";
import { m } from "./words.ts";

export type Written = TemplateContent;
export const writtenOf = (said: Record<string, unknown> | null): Written =>
  said ? (said as Written) : { kind: "template", name: "", language: "" };

const key = (one: { name: string; language: string }): string => `${one.name} ${one.language}`;
const MEDIA = ["image", "video", "document"];
/** Files and places in its head are not given here. */
const fits = (one: Template): boolean =>
  one.state === "approved" && !MEDIA.includes(one.header_kind) && one.header_kind !== "location";
const blanks = (count: number, before: readonly string[] = []): string[] =>
  Array.from({ length: count }, (_, i) => before[i] ?? "");

export const TemplateFields = (props: {
  channel: string;
  value: Written;
  onChange: (value: Written) => void;
}) => {
  const found = useLoaded(() => calls.templates(props.channel), [props.channel]);
  if (found.error) return <ProblemBox error={found.error} retry={found.retry} />;
  if (!found.value) return <p class="soft">{m().asking}</p>;
  const fit = found.value.filter(fits);
  const chosen = fit.find((one) => key(one) === key(props.value));
  const choose = (named: string): void => {
    const one = fit.find((each) => key(each) === named);
    props.onChange(
      one
        ? {
            kind: "template",
            name: one.name,
            language: one.language,
            header: blanks(one.header_variables),
            body: blanks(one.variables),
          }
        : writtenOf(null),
    );
  };
  if (!fit.length) return <p class="soft">{m().noTemplates}</p>;
  return (
    <>
      <label>
        <span>{m().templateWord}</span>
        <select
          class="field"
          required
          value={chosen ? key(chosen) : ""}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          <option value="">{m().choose}</option>
          {fit.map((one) => (
            <option key={key(one)} value={key(one)}>
              {one.name} ({one.language})
            </option>
          ))}
        </select>
      </label>
      {chosen && (
        <>
          <p class="campaign-said" dir="auto">
            {[chosen.header_text, chosen.body, chosen.footer].filter(Boolean).join("\n\n")}
          </p>
          {(["header", "body"] as const).map((part) =>
            blanks(part === "header" ? chosen.header_variables : chosen.variables, props.value[part]).map(
              (value, i, all) => (
                <label key={`${part}${i}`}>
                  <span>{m().stands(part, i + 1)}</span>
                  <input
                    class="field"
                    required
                    dir="auto"
                    value={value}
                    placeholder="{{ contact.first_name }}"
                    onInput={(event) =>
                      props.onChange({ ...props.value, [part]: all.with(i, event.currentTarget.value) })
                    }
                  />
                </label>
              ),
            ),
          )}
        </>
      )}
    </>
  );
};
