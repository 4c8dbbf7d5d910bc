// The page around everything.

import { Icon, type IconName } from "../parts/icons.tsx";
import { Fence } from "../parts/problem.tsx";
import { remembered } from "../store/begin.ts";
import { chatUnread } from "../store/chats.ts";
import { ownUnread, unreadEverywhere } from "../store/counts.ts";
import { unseen } from "../store/notices.ts";
import { addressOf, OWN, type Place, place, type Screen } from "../store/place.ts";
import { ownInbox, phase } from "../store/session.ts";
import { lastInbox, panel } from "../store/settings.ts";
import { number } from "../text/format.ts";
import { t } from "../text/words.ts";
import { AnchoredChooser } from "./anchored.tsx";
import { Announcer, Banner, Toasts } from "./banner.tsx";
import { ConversationColumn } from "./conversation.tsx";
import { later, useLazy } from "./lazily.tsx";
import { List } from "./list.tsx";
import { OtherScreen } from "./other_screens.tsx";
import { drawer, overlay, sideOpen } from "./overlays.ts";
import { follow, Rail } from "./rail.tsx";
import { Side } from "./side.tsx";
import { NotStarted, SignIn, SignInAgain } from "./sign_in.tsx";
import { Slowly } from "./slowly.tsx";

export const Shell = () => (
  <>
    <Whole />
    <Toasts />
    <Announcer />
  </>
);

const Whole = () => {
  switch (phase.value) {
    case "starting":
      return (
        <Slowly>
          <div class="starting" aria-hidden="true">
            <span class="mark big">
              <Icon name="inbox" />
            </span>
          </div>
        </Slowly>
      );
    case "signed_out":
      return <SignIn />;
    case "no_role":
      return <NotStarted role />;
    case "failed":
      return <NotStarted role={false} />;
    default:
      return <App />;
  }
};

const App = () => {
  const { screen, conversation, chat } = place.value;
  const inbox = screen === "inbox";
  const columns = inbox || screen === "chats";
  const shows = !columns ? "other" : (inbox ? conversation : chat) ? "conversation" : "list";
  return (
    <>
      <a class="skip" href="#main">
        {t().skip}
      </a>
      <Banner />
      <div
        class={`app ${columns ? "" : "wide"} ${panel.value === "open" && inbox && conversation ? "with-side" : ""} ${sideOpen.value ? "side-open" : ""} ${drawer.value ? "drawer-open" : ""}`}
        data-shows={shows}
      >
        <Fence name="rail">
          <Rail />
        </Fence>
        {inbox && (
          <>
            <main class="both" id="main">
              <Fence name="list">
                <List />
              </Fence>
              <ConversationColumn />
            </main>
            <Side />
          </>
        )}
        <OtherScreen />
        {/* biome-ignore lint/a11y/useKeyWithClickEvents: Escape and the columns' own buttons do the same */}
        {/* biome-ignore lint/a11y/noStaticElementInteractions: a veil is nothing to be named */}
        <div
          class="veil"
          onClick={() => {
            drawer.value = false;
            sideOpen.value = false;
          }}
        />
        {shows !== "conversation" && <PhoneBar />}
      </div>
      <AnchoredChooser />
      <Overlays />
      <SignInAgain />
    </>
  );
};

interface PhoneLink {
  icon: IconName;
  label: string;
  figure: number;
  to: Partial<Place>;
  here: boolean;
}

/** S-90, S-91: the shared inbox and what is one's own come first. Searching is above the list. */
const phoneLinks = (): PhoneLink[] => {
  const { screen, inbox } = place.value;
  const own = inbox === OWN;
  const other = (to: Screen, icon: IconName, label: string, figure = 0): PhoneLink => ({
    icon,
    label,
    figure,
    to: { screen: to },
    here: screen === to,
  });
  return [
    {
      icon: "inbox",
      label: t().inboxWord,
      figure: unreadEverywhere.value - ownUnread.value,
      to: {
        screen: "inbox",
        ...(own ? { inbox: lastInbox.value, channel: "", ...remembered(lastInbox.value) } : {}),
      },
      here: screen === "inbox" && !own,
    },
    ...(ownInbox.value
      ? [
          {
            icon: "lock" as const,
            label: t().privateWord,
            figure: ownUnread.value,
            to: { screen: "inbox" as const, ...(own ? {} : { inbox: OWN, channel: "" }) },
            here: screen === "inbox" && own,
          },
        ]
      : []),
    {
      icon: "chat",
      label: t().chats,
      figure: chatUnread.value,
      to: { screen: "chats", chat: "", chats: "all" },
      here: screen === "chats",
    },
    other("notices", "bell", t().notices, unseen.value),
    other("me", "person", t().meWord),
  ];
};

const PhoneBar = () => (
  <nav class="phone-bar" aria-label={t().mainMenu}>
    {phoneLinks().map(({ icon, label, figure, to, here }) => {
      const there: Partial<Place> = { conversation: "", q: "", ...to };
      return (
        <a
          key={icon}
          href={addressOf({ ...place.value, ...there })}
          aria-current={here ? "page" : undefined}
          onClick={(event) => (here ? event.preventDefault() : follow(event, there))}
        >
          <span class="phone-icon">
            <Icon name={icon} />
            {figure > 0 && <span class="count">{number(figure)}</span>}
          </span>
          {label}
        </a>
      );
    })}
  </nav>
);

const Overlays = () => {
  const now = overlay.value;
  const close = (): void => {
    overlay.value = null;
  };
  if (now?.kind === "create")
    return (
      <LazyCreate
        onClose={close}
        {...(now.to ? { to: now.to } : {})}
        {...(now.channel ? { channel: now.channel } : {})}
      />
    );
  if (now?.kind === "palette") return <LazyPalette onClose={close} />;
  if (now?.kind === "keys") return <LazyKeys onClose={close} />;
  return null;
};

interface Closing {
  onClose: () => void;
}
const LazyCreate = (props: Closing & { to?: string; channel?: string }) => {
  const View = useLazy<Closing & { to?: string; channel?: string }>(async () => (await later()).Create);
  return View ? <View {...props} /> : null;
};
const LazyPalette = (props: Closing) => {
  const View = useLazy<Closing>(async () => (await later()).Palette);
  return View ? <View {...props} /> : null;
};
const LazyKeys = (props: Closing) => {
  const View = useLazy<Closing>(async () => (await later()).Keys);
  return View ? <View {...props} /> : null;
};

export const leaveDrawer = (): void => {
  drawer.value = false;
  sideOpen.value = false;
};
