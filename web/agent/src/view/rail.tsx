// The first column: inboxes, their channels, and oneself.

import { channelIcon, Icon, type IconName } from "../parts/icons.tsx";
import { MenuButton } from "../parts/menu.tsx";
import { Avatar, IconButton } from "../parts/small.tsx";
import { unreadChats } from "../store/chats.ts";
import { open as counted, ownUnread, pick } from "../store/counts.ts";
import { unseen } from "../store/notices.ts";
import { addressOf, go, OWN, type Place, place } from "../store/place.ts";
import { agents, channelsOf, inboxes, isManager, mayReply, me, ownInbox } from "../store/session.ts";
import { number } from "../text/format.ts";
import { t } from "../text/words.ts";
import { overlay } from "./overlays.ts";
import { setAvailable, statusGroups } from "./status.ts";

export const Rail = () => (
  <nav class="col rail" aria-label={t().channels}>
    <div class="bar">
      <span class="mark">
        <Icon name="inbox" />
      </span>
      <span class="strong grow">Casella</span>
      <IconButton
        icon="find"
        label={t().search}
        hint="/"
        onClick={() => go({ screen: "search", conversation: "" })}
      />
    </div>
    <div class="rail-scroll">
      {canCreate() && (
        <button
          type="button"
          class="button primary wide"
          onClick={() => (overlay.value = { kind: "create" })}
        >
          <Icon name="plus" />
          {t().create}
        </button>
      )}
      {inboxes.value.map((inbox) => (
        <InboxLinks key={inbox.id} id={inbox.id} inboxKey={inbox.key} name={inbox.name} />
      ))}
      {ownInbox.value && <OwnNumbers id={ownInbox.value.id} />}
      <section aria-label={t().chats}>
        <h2 class="rail-head">{t().chats}</h2>
        {(["direct", "team"] as const).map((kind) => (
          <RailLink
            key={kind}
            icon={kind === "direct" ? "chat" : "people"}
            to={{ screen: "chats", chat: "", chats: kind }}
            label={t().chatsOf(kind)}
            count={unreadChats[kind].value}
            fresh
          />
        ))}
      </section>
      <h2 class="rail-head">{t().you}</h2>
      <RailLink icon="bell" to={{ screen: "notices" }} label={t().notices} count={unseen.value} fresh />
      <RailLink icon="gear" to={{ screen: "me" }} label={t().settings} />
      {isManager.value && <Managing />}
    </div>
    <Me />
  </nav>
);

/** For managers; a phone, which has no rail, shows them among what is one's own. */
export const managingLinks = (): { icon: IconName; to: Partial<Place>; label: string }[] => [
  ...(inboxes.value.some((one) => one.features.includes("campaigns"))
    ? [{ icon: "send" as const, to: { screen: "campaigns" as const, item: "" }, label: t().campaigns }]
    : []),
  { icon: "vote", to: { screen: "surveys" }, label: t().surveysWord },
  { icon: "inbox", to: { screen: "inboxes", item: "" }, label: t().inboxSettings },
  { icon: "rule", to: { screen: "desk" }, label: t().deskAndRules },
];

const Managing = () => (
  <section aria-label={t().managing}>
    <h2 class="rail-head">{t().managing}</h2>
    {managingLinks().map((one) => (
      <RailLink key={one.icon} {...one} />
    ))}
  </section>
);

/** S-88: on a phone as well, where there is no rail. */
export const canCreate = (): boolean =>
  ownInbox.value !== null ||
  agents.value.length > 1 ||
  (mayReply.value && inboxes.value.some((one) => one.creates.includes("conversation")));

const InboxLinks = ({ id, inboxKey, name }: { id: string; inboxKey: string; name: string }) => {
  const all = pick(counted.value, id, "");
  return (
    <section aria-label={name}>
      <h2 class="rail-head cut">
        <bdi>{name}</bdi>
      </h2>
      <RailLink
        icon="inbox"
        to={{ screen: "inbox", inbox: inboxKey, channel: "" }}
        label={t().allChannels}
        count={all?.unread ?? 0}
        fresh
      />
      {channelsOf(id).map((channel) => (
        <RailLink
          key={channel.id}
          sub
          icon={channelIcon(channel.channel_type)}
          to={{ screen: "inbox", inbox: inboxKey, channel: channel.key }}
          label={channel.name}
          count={pick(counted.value, id, channel.id)?.unread ?? 0}
          warn={channel.paused_code ? (channel.paused_text ?? t().paused) : ""}
        />
      ))}
    </section>
  );
};

/** What is written on one's own numbers, and seen by nobody else; without any there is nothing of it. */
const OwnNumbers = ({ id }: { id: string }) => {
  const all = channelsOf(id);
  return (
    <section aria-label={t().ownNumbers}>
      <h2 class="rail-head cut">{t().ownNumbers}</h2>
      {all.length > 1 && (
        <RailLink
          icon="lock"
          to={{ screen: "inbox", inbox: OWN, channel: "" }}
          label={t().allNumbers}
          count={ownUnread.value}
          fresh
        />
      )}
      {all.map((channel) => (
        <RailLink
          key={channel.id}
          sub={all.length > 1}
          icon={all.length > 1 ? channelIcon(channel.channel_type) : "lock"}
          to={{ screen: "inbox", inbox: OWN, channel: all.length > 1 ? channel.key : "" }}
          label={channel.name}
          count={pick(counted.value, id, channel.id)?.unread ?? 0}
          fresh={all.length === 1}
          warn={channel.paused_code ? (channel.paused_text ?? t().paused) : ""}
        />
      ))}
    </section>
  );
};

const isHere = (to: Partial<Place>): boolean => {
  const here = place.value;
  if (to.screen !== here.screen) return false;
  if (to.screen === "chats") return to.chats === here.chats;
  return to.screen !== "inbox" || (to.inbox === here.inbox && to.channel === here.channel);
};

/** A link, so that it opens in a new tab as well; here it only changes the place. */
export const follow = (event: MouseEvent, to: Partial<Place>): void => {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  go(to);
};

export const RailLink = (props: {
  icon: IconName;
  to: Partial<Place>;
  label: string;
  count?: number;
  fresh?: boolean;
  sub?: boolean;
  warn?: string;
}) => {
  const to: Partial<Place> = { conversation: "", q: "", tag: "", ...props.to };
  const here = isHere(props.to);
  const badge = props.count ? number(props.count) : "";
  return (
    <a
      class={`rail-link ${props.sub ? "sub" : ""} ${here ? "on" : ""}`}
      aria-current={here ? "page" : undefined}
      href={addressOf({ ...place.value, message: "", ...to })}
      onClick={(event) => follow(event, to)}
    >
      <Icon name={props.icon} />
      <span class="grow cut">
        <bdi>{props.label}</bdi>
      </span>
      {props.warn && (
        <span class="warn" title={props.warn}>
          <Icon name="warn" />
          <span class="aside">{props.warn}</span>
        </span>
      )}
      {badge && (
        <span class={`badge ${props.fresh ? "fresh" : ""}`}>
          {badge}
          <span class="aside"> {t().unreadWord}</span>
        </span>
      )}
    </a>
  );
};

const Me = () => {
  const mine = me.value!;
  return (
    <div class="bar rail-me">
      <MenuButton label={t().myMenu} groups={statusGroups} class="me-button">
        <Avatar name={mine.name} size="s" />
        <span class="grow cut">
          <bdi>{mine.name}</bdi>
        </span>
      </MenuButton>
      <button
        type="button"
        class="status"
        role="switch"
        aria-checked={mine.available}
        title={mine.available ? t().takesWork : t().takesNoWork}
        onClick={() => setAvailable(!mine.available)}
      >
        <span class={`dot ${mine.available ? (mine.do_not_disturb ? "quiet" : "on") : ""}`} />
        {mine.available ? (mine.do_not_disturb ? t().quiet : t().availableWord) : t().away}
      </button>
    </div>
  );
};
