// Beside the conversation: who the contact is, what was before, why it is here.
import { useEffect, useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { Contact, ConversationRow, DecisionPage, Ledger } from "../api/types.ts";
import { Chooser } from "../parts/chooser.tsx";
import { channelIcon, Icon } from "../parts/icons.tsx";
import { Popover } from "../parts/popover.tsx";
import { Fence } from "../parts/problem.tsx";
import { Avatar, IconButton, Time } from "../parts/small.tsx";
import { setTag } from "../store/deeds.ts";
import { lettersOf, nameOf, spaced } from "../store/names.ts";
import { addressOf, conversationId, place } from "../store/place.ts";
import { say } from "../store/problems.ts";
import { rowOf } from "../store/rows.ts";
import { toast } from "../store/say.ts";
import { channelOf, isManager, mayReply, tags } from "../store/session.ts";
import { refreshDetail } from "../store/threads.ts";
import { dateOnly, short } from "../text/format.ts";
import { t } from "../text/words.ts";
import { Anchored } from "./anchored.tsx";
import { sideOpen } from "./overlays.ts";
import { follow } from "./rail.tsx";
import { LinkButton, NameForm } from "./who.tsx";
import { Why } from "./why.tsx";

export const Side = () => {
  const id = conversationId.value;
  const row = rowOf(id)?.value;
  if (!id || !row) return <aside class="col side" aria-label={t().aboutContact} />;
  return (
    <aside class="col side" aria-label={t().aboutContact}>
      <Fence name="side" key={id}>
        <Panel row={row} />
      </Fence>
    </aside>
  );
};

const useContact = (row: ConversationRow): [Contact | null, (contact: Contact) => void] => {
  const [contact, put] = useState<Contact | null>(null);
  useEffect(() => {
    let stale = false;
    calls.contact(row.contact.id).then(
      (found) => !stale && put(found),
      () => {},
    );
    return () => {
      stale = true;
    };
  }, [row.contact.id, row.contact.display_name, row.contact.opted_out]);
  return [contact, put];
};

const Panel = ({ row }: { row: ConversationRow }) => {
  const [contact, put] = useContact(row);
  const [naming, name] = useState(false);
  const favour = async (): Promise<void> => {
    if (!contact) return;
    put({ ...contact, favourite: !contact.favourite });
    await calls.favourite(contact.id, !contact.favourite).catch((error) => {
      put(contact);
      toast(say(error), "bad");
    });
  };
  return (
    <>
      <div class="bar">
        <IconButton
          icon="back"
          label={t().backToConversation}
          class="not-wide"
          onClick={() => (sideOpen.value = false)}
        />
        <h2 class="strong grow">{t().contact}</h2>
        <IconButton
          icon="star"
          label={contact?.favourite ? t().noFavourite : t().favourite}
          pressed={contact?.favourite ?? false}
          class="star"
          onClick={() => void favour()}
        />
      </div>
      <div class="side-scroll">
        <div class="card">
          <Avatar name={lettersOf(row)} size="l" />
          <div class="grow">
            <p class="title cut">
              <bdi>{nameOf(row)}</bdi>
            </p>
            <p class="soft small">
              {contact ? t().customerSince(dateOnly(contact.created_at), contact.locale) : "\u00a0"}
            </p>
          </div>
        </div>
        {naming && contact ? (
          <NameForm
            contact={contact}
            onDone={(changed) => {
              name(false);
              if (changed) put(changed);
            }}
          />
        ) : (
          mayReply.value && (
            <p class="who-links">
              <button type="button" class="link small" disabled={!contact} onClick={() => name(true)}>
                {row.contact.linked ? t().rename : t().nameIt}
              </button>
              <LinkButton row={row} onLinked={() => {}} />
            </p>
          )
        )}
        <Details row={row} contact={contact} onContact={put} />
        <Consent row={row} />
        <Happened row={row} />
        <History row={row} />
        {isManager.value ? <WhySection id={row.id} version={row.version} /> : null}
      </div>
    </>
  );
};

const Details = ({
  row,
  contact,
  onContact,
}: {
  row: ConversationRow;
  contact: Contact | null;
  onContact: (one: Contact) => void;
}) => {
  const addresses = contact?.addresses ?? [
    { kind: "", address: row.contact.address, opted_out: row.contact.opted_out },
  ];
  return (
    <section class="side-section">
      <h3>{t().details}</h3>
      <dl>
        {addresses.map((one) => (
          <div key={one.kind + one.address}>
            <dt>{one.kind ? t().addressKind(one.kind) : t().address}</dt>
            <dd class="break">
              <bdi>{spaced(one.address)}</bdi>
            </dd>
          </div>
        ))}
        <div>
          <dt>{t().tagsOfConversation}</dt>
          <dd class="pills">
            {row.tags.map((one) => (
              <span class="pill" key={one}>
                {one}
                {mayReply.value && (
                  <button
                    type="button"
                    aria-label={t().removeTag(one)}
                    onClick={() => void setTag(row.id, one, false)}
                  >
                    <Icon name="close" />
                  </button>
                )}
              </span>
            ))}
            <Anchored kind="tag" conversation={row.id} label={t().addTag} hint="t" class="link-button">
              <Icon name="plus" />
              {t().tagWord}
            </Anchored>
          </dd>
        </div>
        {contact && (
          <div>
            <dt>{t().tagsOfContact}</dt>
            <dd class="pills">
              <ContactTags contact={contact} onContact={onContact} />
            </dd>
          </div>
        )}
      </dl>
    </section>
  );
};

const ContactTags = ({ contact, onContact }: { contact: Contact; onContact: (one: Contact) => void }) => {
  const [anchor, open] = useState<HTMLElement | null>(null);
  const change = async (tag: string): Promise<void> => {
    try {
      onContact(await calls.tagContact(contact.id, tag, !contact.tags.includes(tag)));
    } catch (error) {
      toast(say(error), "bad");
    }
  };
  return (
    <>
      {contact.tags.map((one) => (
        <span class="pill" key={one}>
          {one}
          <button type="button" aria-label={t().removeTag(one)} onClick={() => void change(one)}>
            <Icon name="close" />
          </button>
        </span>
      ))}
      <button
        type="button"
        class="button link-button"
        aria-label={t().tagContact}
        onClick={(event) => open(event.currentTarget)}
      >
        <Icon name="plus" />
        {t().tagWord}
      </button>
      {anchor && (
        <Popover anchor={anchor} onClose={() => open(null)} class="chooser-box">
          <Chooser
            label={t().tagContact}
            options={tags.value.map((one) => ({
              id: one,
              label: one,
              icon: "tag",
              checked: contact.tags.includes(one),
            }))}
            onPick={(one) => void change(one)}
          />
        </Popover>
      )}
    </>
  );
};

const Consent = ({ row }: { row: ConversationRow }) => {
  const [ledger, put] = useState<Ledger | null>(null);
  const [busy, be] = useState(false);
  const needed = channelOf(row.channel.id)?.capabilities?.consent_required ?? false;
  useEffect(() => {
    if (!needed) return;
    let stale = false;
    calls.ledger(row.id).then(
      (found) => !stale && put(found),
      () => {},
    );
    return () => {
      stale = true;
    };
  }, [row.id, row.contact.opted_out, needed]);
  if (!needed) return null;
  const turn = async (): Promise<void> => {
    be(true);
    const out = !row.contact.opted_out;
    try {
      await (out ? calls.optOut(row.id, t().optOutReason) : calls.optIn(row.id, t().optInReason));
      toast(out ? t().nowOptedOut(nameOf(row)) : t().nowOptedIn(nameOf(row)));
    } catch (error) {
      toast(say(error), "bad");
    } finally {
      be(false);
      refreshDetail(row.id);
    }
  };
  const last = ledger?.entries.at(0);
  return (
    <section class="side-section">
      <h3>
        {t().consent}
        {mayReply.value && (
          <button type="button" class="link small" disabled={busy} onClick={() => void turn()}>
            {row.contact.opted_out ? t().optIn : t().optOut}
          </button>
        )}
      </h3>
      <p class={row.contact.opted_out ? "bad-text" : "soft"}>
        {row.contact.opted_out ? t().mayNotBeWritten : t().mayBeWritten}
        {last && ` · ${short(last.at)}`}
      </p>
      {last && <p class="soft small break">{last.evidence}</p>}
    </section>
  );
};

const Happened = ({ row }: { row: ConversationRow }) => (
  <section class="side-section">
    <h3>{t().conversation}</h3>
    <dl>
      <div>
        <dt>{t().inboxWord}</dt>
        <dd class="cut">
          <bdi>{row.inbox.name}</bdi>
        </dd>
      </div>
      <div>
        <dt>{t().channelWord}</dt>
        <dd class="break">
          <bdi>{row.channel.name}</bdi>{" "}
          <span class="soft whole">
            {row.channel.address !== row.channel.name ? spaced(row.channel.address) : ""}
          </span>
        </dd>
      </div>
      {row.team && (
        <div>
          <dt>{t().teamWord}</dt>
          <dd>
            <bdi>{row.team.name}</bdi>
          </dd>
        </div>
      )}
      {row.priority !== "normal" && (
        <div>
          <dt>{t().priorityWord}</dt>
          <dd>{t().priority(row.priority)}</dd>
        </div>
      )}
    </dl>
  </section>
);

const History = ({ row }: { row: ConversationRow }) => {
  const [found, put] = useState<readonly ConversationRow[] | null>(null);
  const [all, showAll] = useState(false);
  useEffect(() => {
    let stale = false;
    calls.history(row.contact.id).then(
      (page) => !stale && put(page.items.filter((one) => one.id !== row.id)),
      () => {},
    );
    return () => {
      stale = true;
    };
  }, [row.contact.id, row.id]);
  if (!found) return null;
  const shown = all ? found : found.slice(0, 4);
  return (
    <section class="side-section" id="history">
      <h3>
        {t().history}
        {found.length > 4 && !all && (
          <button type="button" class="link small" onClick={() => showAll(true)}>
            {t().allOf(found.length)}
          </button>
        )}
      </h3>
      {found.length === 0 && <p class="soft">{t().noHistory}</p>}
      {shown.map((one) => {
        const to = { screen: "inbox" as const, inbox: one.inbox.key, channel: "", conversation: one.id };
        return (
          <a
            class="history-line"
            key={one.id}
            href={addressOf({ ...place.value, ...to })}
            onClick={(event) => follow(event, to)}
          >
            <Icon name={channelIcon(one.channel.channel_type)} />
            <span class="grow cut" dir="auto">
              {one.subject ?? one.last_message_text ?? t().noMessageYet}
            </span>
            <span class="soft small">
              <Time at={one.turned_at}>{short(one.turned_at)}</Time>
            </span>
          </a>
        );
      })}
    </section>
  );
};

const WhySection = ({ id, version }: { id: string; version: number }) => {
  const [page, put] = useState<DecisionPage | null>(null);
  useEffect(() => {
    let stale = false;
    calls.decisions(id).then(
      (found) => !stale && put(found),
      () => {},
    );
    return () => {
      stale = true;
    };
  }, [id, version]);
  if (!page) return null;
  return (
    <section class="side-section" id="why">
      <h3>{t().why}</h3>
      <Why page={page} />
    </section>
  );
};
