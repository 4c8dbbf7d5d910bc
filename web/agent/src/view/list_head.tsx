// Above the list: what it is, its tabs, whose, in which order.
import type { StartInbox } from "../api/types.ts";
import { Icon } from "../parts/icons.tsx";
import { type Item, MenuButton } from "../parts/menu.tsx";
import { IconButton } from "../parts/small.tsx";
import { here, open, openHere, pick } from "../store/counts.ts";
import {
  go,
  OWN,
  place,
  type Show,
  SORTS,
  type Sort,
  TABS,
  type Tab,
  WHO,
  type Who,
} from "../store/place.ts";
import { queryOf, usualSort } from "../store/query.ts";
import { picking } from "../store/selection.ts";
import { channel, channelsOf, hasHistory, inbox, inboxes, ownInbox, tags } from "../store/session.ts";
import { rememberSort } from "../store/settings.ts";
import { number } from "../text/format.ts";
import { t } from "../text/words.ts";
import { Bulk } from "./bulk.tsx";
import { drawer } from "./overlays.ts";

const remember = (): void => {
  const { inbox: key, tab, who, show, sort } = place.peek();
  rememberSort(key, JSON.stringify({ tab, who, show, sort }));
};

const choose = (change: Partial<{ tab: Tab; who: Who; show: Show; sort: Sort | ""; tag: string }>): void => {
  go(change, true);
  remember();
};

export const chooseWho = (who: Who): void => choose({ who });
export const chooseTab = (tab: Tab): void => choose({ tab, show: "all", sort: "" });

const showGroups = (): Item[][] => {
  const { show, tab, tag } = place.peek();
  const usual: Item[] = (
    ["all", "unread", ...(tab === "closed" ? (["archived"] as const) : [])] as const
  ).map((one) => ({
    label: t().show(one),
    checked: show === one,
    run: () => choose({ show: one }),
  }));
  const byTag: Item[] = (place.peek().inbox === OWN ? [] : tags.peek()).map((one) => ({
    label: t().onlyTag(one),
    checked: tag === one,
    run: () => choose({ tag: tag === one ? "" : one }),
  }));
  if (tab === "history") return [usual];
  const many: Item = {
    label: t().pickMany,
    hint: "x",
    icon: "check",
    run: () => {
      picking.value = true;
    },
  };
  return [usual, byTag, [many]];
};

const sortGroups = (): Item[][] => {
  const { sort, tab } = place.peek();
  const now = sort || usualSort(tab);
  const offered = tab === "closed" || tab === "history" ? SORTS.slice(2) : SORTS;
  return [
    offered.map((one) => ({
      label: t().sorts(one, tab),
      checked: one === now,
      run: () => choose({ sort: one === usualSort(tab) ? "" : one }),
    })),
  ];
};

/** On a narrow screen the channels are behind the name of the inbox. */
const placeGroups = (): Item[][] =>
  [...inboxes.peek(), ...(ownInbox.peek() ? [ownInbox.peek()!] : [])].map((one) => [
    {
      label: called(one),
      icon: one.key === OWN ? "lock" : "inbox",
      checked: inbox.peek()?.id === one.id && !channel.peek(),
      run: () => go({ screen: "inbox", inbox: one.key, channel: "", conversation: "" }),
    },
    ...channelsOf(one.id).map(
      (through): Item => ({
        label: through.name,
        hint: badge(one.id, through.id),
        checked: channel.peek()?.id === through.id,
        run: () => go({ screen: "inbox", inbox: one.key, channel: through.key, conversation: "" }),
      }),
    ),
  ]);

/** What an inbox is called; that of one's own numbers has its name from the page. */
export const called = (one: StartInbox | null): string =>
  one?.key === OWN ? t().ownNumbers : (one?.name ?? "");

/** Which of them there are here: on one's own numbers nothing is put aside, and not every inbox has a past. */
const tabsHere = (): readonly Tab[] =>
  place.value.inbox === OWN
    ? ["open", "closed"]
    : TABS.filter((tab) => tab !== "history" || place.value.tab === tab || hasHistory(inbox.value?.id ?? ""));

const badge = (inboxId: string, channelId: string): string => {
  const unread = pick(open.peek(), inboxId, channelId)?.unread ?? 0;
  return unread ? number(unread) : "";
};

export const ListHead = () => {
  const { show, tag, sort, tab } = place.value;
  return (
    <>
      <div class="bar list-bar">
        <IconButton
          icon="menu"
          label={t().channels}
          class="only-middle"
          onClick={() => (drawer.value = true)}
        />
        <h1 class="title grow cut">
          <bdi>{called(inbox.value)}</bdi>
          {channel.value && (
            <span class="soft title-sub">
              {" "}
              <bdi>{channel.value.name}</bdi>
            </span>
          )}
        </h1>
        <IconButton
          icon="find"
          label={t().search}
          class="only-phone"
          onClick={() => go({ screen: "search", conversation: "" })}
        />
        <MenuButton icon="swap" label={t().inboxOrChannel} groups={placeGroups} class="only-phone" />
        <MenuButton
          icon="filter"
          label={t().filter}
          groups={showGroups}
          marked={show !== "all" || tag !== ""}
        />
        <MenuButton
          icon="sort"
          label={t().sortBy(t().sorts(sort || usualSort(tab), tab))}
          groups={sortGroups}
          marked={sort !== ""}
        />
      </div>
      <Tabs />
      {picking.value ? <Bulk /> : place.value.inbox !== OWN && tab !== "history" && <Whose />}
      {(tag || show !== "all") && <Filters />}
    </>
  );
};

const move = (event: KeyboardEvent): void => {
  const tabs = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>("[role=tab]")];
  const to = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!to) return;
  event.preventDefault();
  const at = tabs.indexOf(document.activeElement as HTMLElement);
  const next = tabs[(at + to + tabs.length) % tabs.length];
  next?.focus();
  next?.click();
};

/** An address may name a tab that is not here. */
const tabShown = (): Tab => queryOf(place.value, "", "").tab;

const Tabs = () => (
  <div class="tabs" role="tablist" aria-label={t().status} onKeyDown={move}>
    {tabsHere().map((tab) => {
      const on = tabShown() === tab;
      const count = on ? here.value?.total : tab === "open" ? openHere.value?.total : undefined;
      return (
        <button
          type="button"
          key={tab}
          role="tab"
          id={`tab-${tab}`}
          aria-controls="list"
          aria-selected={on}
          tabIndex={on ? 0 : -1}
          onClick={() => chooseTab(tab)}
        >
          {t().tab(tab)}
          {count !== undefined && <span class="tab-count">{number(count)}</span>}
        </button>
      );
    })}
  </div>
);

const Whose = () => {
  const counts = here.value;
  const figure = (who: Who): number | undefined => (who === "all" ? undefined : counts?.[who]);
  return (
    <div class="whose" role="radiogroup" aria-label={t().whose}>
      {WHO.filter((who) => who === "all" || (inbox.value?.assignees.includes(who) ?? true)).map((who) => (
        <button
          type="button"
          key={who}
          role="radio"
          aria-checked={place.value.who === who}
          class="chip"
          onClick={() => chooseWho(who)}
        >
          {t().who(who)}
          {figure(who) ? <span class="chip-count">{number(figure(who)!)}</span> : null}
        </button>
      ))}
    </div>
  );
};

const Filters = () => {
  const { show, tag } = place.value;
  return (
    <div class="filters">
      {show !== "all" && (
        <button type="button" class="chip on" onClick={() => choose({ show: "all" })}>
          {t().show(show)}
          <Icon name="close" />
        </button>
      )}
      {tag && (
        <button type="button" class="chip on" onClick={() => choose({ tag: "" })}>
          {tag}
          <Icon name="close" />
        </button>
      )}
      <button type="button" class="link small" onClick={() => choose({ show: "all", tag: "" })}>
        {t().clearFilters}
      </button>
    </div>
  );
};
