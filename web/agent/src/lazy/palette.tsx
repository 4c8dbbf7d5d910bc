// Everything that can be done, by name, with its key: what one looks up here one knows the next time.

import { type Action, actions, taught } from "../keys/keymap.ts";
import { Chooser } from "../parts/chooser.tsx";
import { Dialog } from "../parts/dialog.tsx";
import { go } from "../store/place.ts";
import { channelsOf, inboxes, ownInbox } from "../store/session.ts";
import { all as t } from "../text/words.ts";
import { called } from "../view/list_head.tsx";

const places = (): Action[] =>
  [...inboxes.value, ...(ownInbox.value ? [ownInbox.value] : [])].flatMap((inbox) => [
    {
      id: `i-${inbox.id}`,
      keys: "",
      shown: "",
      group: "page" as const,
      label: called(inbox),
      run: () => go({ screen: "inbox", inbox: inbox.key, channel: "", conversation: "" }),
    },
    ...channelsOf(inbox.id).map((channel) => ({
      id: `c-${channel.id}`,
      keys: "",
      shown: "",
      group: "page" as const,
      label: `${called(inbox)} · ${channel.name}`,
      run: () => go({ screen: "inbox", inbox: inbox.key, channel: channel.key, conversation: "" }),
    })),
  ]);

export const Palette = ({ onClose }: { onClose: () => void }) => {
  const all = [...actions().filter((one) => one.id !== "palette"), ...places()];
  const pick = (id: string): void => {
    onClose();
    // Behind the closing, which gives the focus back.
    setTimeout(() => all.find((one) => one.id === id)?.run());
  };
  return (
    <Dialog title={t().palette} onClose={onClose} class="palette">
      <Chooser
        label={t().paletteFind}
        options={all.map((one) => ({ id: one.id, label: one.label, hint: one.shown }))}
        onPick={pick}
      />
    </Dialog>
  );
};

export const Keys = ({ onClose }: { onClose: () => void }) => (
  <Dialog title={t().keyboard} onClose={onClose} class="keys-dialog">
    <div class="keys-groups">
      {(["list", "conversation", "page"] as const).map((group) => (
        <section key={group}>
          <h3>{t().keyGroup(group)}</h3>
          <dl>
            {taught()
              .filter((one) => one.group === group)
              .map((one) => (
                <div key={one.id}>
                  <dt>{one.label}</dt>
                  <dd>
                    <kbd>{one.shown}</kbd>
                  </dd>
                </div>
              ))}
          </dl>
        </section>
      ))}
    </div>
  </Dialog>
);
