// Who this is: a name for a number, or another contact; said by hand, shown everywhere at once.
import { useEffect, useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { Contact, ContactPage, ConversationRow } from "../api/types.ts";
import { Chooser, type Option } from "../parts/chooser.tsx";
import { Popover } from "../parts/popover.tsx";
import { spaced } from "../store/names.ts";
import { say } from "../store/problems.ts";
import { toast } from "../store/say.ts";
import { putDetail } from "../store/threads.ts";
import { all as t } from "../text/words.ts";

const PAUSE = 200;

/** `asked`: what was typed when they were looked for. */
type FoundContacts = ContactPage & { asked: string };

/** Contacts as they are found while somebody types. */
export const useContacts = (typed: string, favourites = false): FoundContacts | null => {
  const [page, put] = useState<FoundContacts | null>(null);
  useEffect(() => {
    const q = typed.trim();
    if (!q && !favourites) return put(null);
    let stale = false;
    const timer = setTimeout(
      () => {
        calls.contacts(q || null, !q && favourites).then(
          (found) => !stale && put({ ...found, asked: q }),
          () => {},
        );
      },
      q ? PAUSE : 0,
    );
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [typed, favourites]);
  return page;
};

export const numberOf = (contact: Contact): string => contact.addresses[0]?.address ?? "";
export const calledAs = (contact: Contact): string =>
  contact.name || spaced(numberOf(contact)) || t().visitor;

export const NameForm = (props: { contact: Contact; onDone: (changed: Contact | null) => void }) => {
  const [name, write] = useState(props.contact.name ?? "");
  const [busy, be] = useState(false);
  const keep = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    be(true);
    try {
      props.onDone(await calls.nameContact(props.contact.id, name.trim() || null));
    } catch (error) {
      toast(say(error), "bad");
      be(false);
    }
  };
  return (
    <form class="name-form" onSubmit={keep}>
      <input
        class="field grow"
        aria-label={t().nameWord}
        placeholder={t().nameWord}
        autofocus
        value={name}
        dir="auto"
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") props.onDone(null);
        }}
      />
      <button type="submit" class="button primary" disabled={busy}>
        {t().keep}
      </button>
    </form>
  );
};

const NEW = "new";

export const LinkButton = ({ row, onLinked }: { row: ConversationRow; onLinked: () => void }) => {
  const [anchor, open] = useState<HTMLElement | null>(null);
  const [typed, type] = useState("");
  const found = useContacts(typed);
  const options: Option[] = (found?.items ?? [])
    .filter((one) => one.id !== row.contact.id)
    .map((one) => ({
      id: one.id,
      label: calledAs(one),
      detail: one.addresses.map((address) => spaced(address.address)).join(", "),
      icon: "person",
      words: `${typed} ${one.addresses.map((address) => address.address).join(" ")}`,
    }));
  const name = typed.trim();
  // Last, and only once nobody else is on his way: Enter takes the first.
  if (found?.asked === name && /\p{L}/u.test(name))
    options.push({ id: NEW, label: t().newContact(name), icon: "plus", words: name });
  const link = async (contact: string): Promise<void> => {
    open(null);
    try {
      const known = contact === NEW ? (await calls.createContact(name, row.world === "private")).id : contact;
      const detail = await calls.linkContact(row.id, known);
      if (detail) putDetail(detail);
      onLinked();
    } catch (error) {
      toast(say(error), "bad");
    }
  };
  return (
    <>
      <button
        type="button"
        class="link small"
        aria-expanded={anchor !== null}
        onClick={(event) => open(event.currentTarget)}
      >
        {row.contact.linked ? t().isSomebodyElse : t().linkTo}
      </button>
      {anchor && (
        <Popover anchor={anchor} onClose={() => open(null)} class="chooser-box">
          <Chooser
            label={t().findContact}
            options={options}
            nothing={typed.trim() ? t().nothingFound : t().findContactHow}
            onType={type}
            onPick={(id) => void link(id)}
          />
        </Popover>
      )}
    </>
  );
};
