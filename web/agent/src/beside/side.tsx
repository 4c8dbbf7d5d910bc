// Beside the conversation: who the contact is, what was before, why it is here.
import { useState } from "preact/hooks";
import * as calls from "../api/calls.ts";
import type { Contact, ConversationRow } from "../api/types.ts";
import { Chooser } from "../parts/chooser.tsx";
import { Icon } from "../parts/icons.tsx";
import { NotLoaded, useLoaded } from "../parts/loaded.tsx";
import { Popover } from "../parts/popover.tsx";
import { Avatar, IconButton } from "../parts/small.tsx";
import { setTag } from "../store/deeds.ts";
import { lettersOf, nameOf, spaced } from "../store/names.ts";
import { say } from "../store/problems.ts";
import { toast } from "../store/say.ts";
import { isManager, mayReply, tags } from "../store/session.ts";
import { dateOnly } from "../text/format.ts";
import { all as t } from "../text/words.ts";
import { Anchored } from "../view/anchored.tsx";
import { sideOpen } from "../view/overlays.ts";
import { Consent } from "./consent.tsx";
import { Happened, History, WhySection } from "./history.tsx";
import { Links } from "./links.tsx";
import { LinkButton, NameForm } from "./who.tsx";

export const Panel = ({ row }: { row: ConversationRow }) => {
  const loaded = useLoaded<Contact>(
    () => calls.contact(row.contact.id),
    [row.contact.id, row.contact.display_name, row.contact.opted_out],
  );
  const { value: contact, put } = loaded;
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
          disabled={!contact}
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
            <NotLoaded of={loaded} />
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
              {row.world === "shared" && <LinkButton row={row} onLinked={() => {}} />}
            </p>
          )
        )}
        {row.world === "shared" && <Links row={row} />}
        <Details row={row} contact={contact} onContact={put} />
        {row.world === "shared" && <Consent row={row} />}
        <Happened row={row} />
        <History row={row} />
        {isManager.value && row.world === "shared" ? <WhySection id={row.id} version={row.version} /> : null}
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
        {row.world === "shared" && (
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
        )}
        {contact && !contact.private && (
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
