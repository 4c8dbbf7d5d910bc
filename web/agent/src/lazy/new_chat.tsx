// Beginning a chat: with which colleagues, or with which of my teams. The one there is comes back.
import { useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import { matching } from "../parts/chooser.tsx";
import { Avatar } from "../parts/small.tsx";
import { myTeams, putChat } from "../store/chats.ts";
import { go } from "../store/place.ts";
import { say } from "../store/problems.ts";
import { agents, myId } from "../store/session.ts";
import { all as t } from "../text/words.ts";

const useOpening = (onClose: () => void) => {
  const [problem, complain] = useState("");
  const [busy, be] = useState(false);
  const open = async (body: { with_agents?: string[]; team?: string }): Promise<void> => {
    be(true);
    try {
      const chat = await calls.openChat(body);
      putChat(chat);
      onClose();
      go({ screen: "chats", chat: chat.id, chats: chat.kind });
    } catch (error) {
      complain(say(error));
    } finally {
      be(false);
    }
  };
  return { open, busy, problem };
};

const Foot = (props: { busy: boolean; problem: string; ready: boolean; onClose: () => void }) => (
  <>
    {props.problem && (
      <p class="bad-text" role="alert">
        {props.problem}
      </p>
    )}
    <div class="form-foot">
      <button type="button" class="button" onClick={props.onClose}>
        {t().cancel}
      </button>
      <button type="submit" class="button primary" disabled={props.busy || !props.ready}>
        {t().openIt}
      </button>
    </div>
  </>
);

export const WithPeople = ({ onClose }: { onClose: () => void }) => {
  const [typed, type] = useState("");
  const [chosen, choose] = useState<readonly string[]>([]);
  const { open, busy, problem } = useOpening(onClose);
  const others = agents.value.filter((one) => one.id !== myId());
  const shown = matching(
    others.map((one) => ({ id: one.id, label: one.name })),
    typed,
  );
  const turn = (id: string): void =>
    choose(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        if (chosen.length) void open({ with_agents: [...chosen] });
      }}
    >
      <input
        class="field"
        type="search"
        aria-label={t().findColleague}
        placeholder={t().findColleague}
        autofocus
        autocomplete="off"
        value={typed}
        onInput={(event) => type(event.currentTarget.value)}
      />
      <fieldset class="people-list" aria-label={t().withWhom}>
        {shown.map((one) => (
          <label key={one.id} class="person-choice">
            <input type="checkbox" checked={chosen.includes(one.id)} onChange={() => turn(one.id)} />
            <Avatar name={one.label} size="s" />
            <span class="grow cut">
              <bdi>{one.label}</bdi>
            </span>
          </label>
        ))}
        {!shown.length && <p class="soft">{t().nothingFound}</p>}
      </fieldset>
      <Foot busy={busy} problem={problem} ready={chosen.length > 0} onClose={onClose} />
    </form>
  );
};

export const WithTeam = ({ onClose }: { onClose: () => void }) => {
  const mine = myTeams.value;
  const [chosen, choose] = useState(mine[0]?.id ?? "");
  const { open, busy, problem } = useOpening(onClose);
  return (
    <form
      class="form"
      onSubmit={(event) => {
        event.preventDefault();
        void open({ team: chosen });
      }}
    >
      <fieldset class="people-list" aria-label={t().withWhom}>
        {mine.map((one) => (
          <label key={one.id} class="person-choice">
            <input type="radio" name="team" checked={chosen === one.id} onChange={() => choose(one.id)} />
            <span class="grow cut">
              <bdi>{one.name}</bdi>
            </span>
            <span class="soft small">{t().peopleOf(one.member_ids.length)}</span>
          </label>
        ))}
      </fieldset>
      <Foot busy={busy} problem={problem} ready={chosen !== ""} onClose={onClose} />
    </form>
  );
};
