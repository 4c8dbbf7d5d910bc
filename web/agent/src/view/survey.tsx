// Asking how it was: each survey once for a conversation.
import { useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { newKey } from "../api/http.ts";
import type { Survey } from "../api/types.ts";
import { Icon } from "../parts/icons.tsx";
import { MenuList } from "../parts/menu.tsx";
import { Popover } from "../parts/popover.tsx";
import { say } from "../store/problems.ts";
import { toast } from "../store/say.ts";
import { putMessage } from "../store/threads.ts";
import { t } from "../text/words.ts";

export const SurveyButton = ({ conversation }: { conversation: string }) => {
  const [anchor, open] = useState<HTMLElement | null>(null);
  const [found, put] = useState<readonly Survey[] | null>(null);
  const ask = (button: HTMLElement): void => {
    open(anchor ? null : button);
    calls.surveys(conversation).then(put, (error) => {
      open(null);
      toast(say(error), "bad");
    });
  };
  const send = async (key: string): Promise<void> => {
    try {
      putMessage(conversation, await calls.sendSurvey(conversation, key, newKey()));
    } catch (error) {
      toast(say(error), "bad");
    }
  };
  const items = (found ?? []).map((one) => {
    const hint = outcome(one);
    return { label: one.question, ...(hint ? { hint } : {}), run: () => void send(one.key) };
  });
  const said = (found ?? []).filter((one) => one.comment);
  return (
    <>
      <button
        type="button"
        class="icon-button"
        title={t().survey}
        aria-label={t().survey}
        aria-haspopup="menu"
        aria-expanded={anchor !== null}
        onClick={(event) => ask(event.currentTarget)}
      >
        <Icon name="vote" />
      </button>
      {anchor && found && (
        <Popover anchor={anchor} onClose={() => open(null)}>
          {items.length ? (
            <>
              <MenuList label={t().survey} groups={[items]} onDone={() => open(null)} />
              {said.map((one) => (
                <p key={one.key} class="soft small survey-said" dir="auto">
                  “{one.comment}”
                </p>
              ))}
            </>
          ) : (
            <p class="soft chooser-nothing">{t().noSurvey}</p>
          )}
        </Popover>
      )}
    </>
  );
};

/** What has come of it here: the number of its scale, the thumb, that there are words; before, that it was asked. */
const outcome = (of: Survey): string => {
  if (of.score !== null) return of.kind === "thumbs" ? (of.score ? "👍" : "👎") : `${of.score}/${of.highest}`;
  if (of.answered_at) return t().answeredWord;
  return of.sent_at ? t().asked : of.by === "link" ? t().byLink : "";
};
