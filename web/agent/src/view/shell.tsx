// The page around everything.

import { Icon, type IconName } from "../parts/icons.tsx";
import { Fence } from "../parts/problem.tsx";
import { unreadEverywhere } from "../store/counts.ts";
import { unseen } from "../store/notices.ts";
import { addressOf, type Place, place, type Screen } from "../store/place.ts";
import { phase } from "../store/session.ts";
import { panel } from "../store/settings.ts";
import { number } from "../text/format.ts";
import { t } from "../text/words.ts";
import { AnchoredChooser } from "./anchored.tsx";
import { Announcer, Banner, Toasts } from "./banner.tsx";
import { ConversationColumn } from "./conversation.tsx";
import { useLazy } from "./lazily.tsx";
import { List } from "./list.tsx";
import { OtherScreen } from "./other_screens.tsx";
import { drawer, overlay, sideOpen } from "./overlays.ts";
import { follow, Rail } from "./rail.tsx";
import { Side } from "./side.tsx";
import { NotStarted, SignIn, SignInAgain } from "./sign_in.tsx";
import { Slowly } from "./slowly.tsx";

export const Shell = () => {
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
  const { screen, conversation } = place.value;
  const inbox = screen === "inbox";
  const shows = !inbox ? "other" : conversation ? "conversation" : "list";
  return (
    <>
      <a class="skip" href="#main">
        {t().skip}
      </a>
      <Banner />
      <div
        class={`app ${inbox ? "" : "wide"} ${panel.value === "open" && inbox && conversation ? "with-side" : ""} ${sideOpen.value ? "side-open" : ""} ${drawer.value ? "drawer-open" : ""}`}
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
      <Toasts />
      <Announcer />
      <SignInAgain />
    </>
  );
};

const LINKS: { screen: Screen; icon: IconName }[] = [
  { screen: "inbox", icon: "inbox" },
  { screen: "search", icon: "find" },
  { screen: "notices", icon: "bell" },
  { screen: "me", icon: "person" },
];

const PhoneBar = () => {
  const label = (screen: Screen): string =>
    ({ inbox: t().inboxWord, search: t().search, notices: t().notices, me: t().meWord, desk: "" })[screen];
  const figure = (screen: Screen): number =>
    screen === "inbox" ? unreadEverywhere.value : screen === "notices" ? unseen.value : 0;
  return (
    <nav class="phone-bar" aria-label={t().mainMenu}>
      {LINKS.map(({ screen, icon }) => {
        const to: Partial<Place> = { screen, conversation: "", q: "" };
        return (
          <a
            key={screen}
            href={addressOf({ ...place.value, ...to })}
            aria-current={place.value.screen === screen ? "page" : undefined}
            onClick={(event) => (place.value.screen === screen ? event.preventDefault() : follow(event, to))}
          >
            <span class="phone-icon">
              <Icon name={icon} />
              {figure(screen) > 0 && <span class="count">{number(figure(screen))}</span>}
            </span>
            {label(screen)}
          </a>
        );
      })}
    </nav>
  );
};

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
  const View = useLazy<Closing & { to?: string; channel?: string }>(
    async () => (await import("../lazy/all.ts")).Create,
  );
  return View ? <View {...props} /> : null;
};
const LazyPalette = (props: Closing) => {
  const View = useLazy<Closing>(async () => (await import("../lazy/all.ts")).Palette);
  return View ? <View {...props} /> : null;
};
const LazyKeys = (props: Closing) => {
  const View = useLazy<Closing>(async () => (await import("../lazy/all.ts")).Keys);
  return View ? <View {...props} /> : null;
};

export const leaveDrawer = (): void => {
  drawer.value = false;
  sideOpen.value = false;
};
