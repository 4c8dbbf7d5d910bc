// What takes the place of list and conversation: notices, settings, search, the desk, what managers look after. Each from a chunk of its own.
import type { ComponentType } from "preact";
import { Fence } from "../parts/problem.tsx";
import { place, type Screen } from "../store/place.ts";
import { later, laterManaging, laterOwn, useLazy } from "./lazily.tsx";

type Other = Exclude<Screen, "inbox" | "chats">;
const LOADS: Record<Other, () => Promise<ComponentType>> = {
  notices: async () => (await later()).Notices,
  me: async () => (await laterOwn()).Settings,
  search: async () => (await later()).Search,
  desk: async () => (await later()).Desk,
  campaigns: async () => (await laterManaging()).Campaigns,
  inboxes: async () => (await laterManaging()).InboxSettings,
  surveys: async () => (await laterManaging()).Surveys,
};

const One = ({ screen }: { screen: Other }) => {
  const View = useLazy<Record<string, never>>(
    LOADS[screen] as () => Promise<ComponentType<Record<string, never>>>,
  );
  return View ? <View /> : null;
};

const Chats = () => {
  const View = useLazy<Record<string, never>>(async () => (await later()).Chats);
  return View ? <View /> : null;
};

export const OtherScreen = () => {
  const { screen } = place.value;
  if (screen === "inbox") return null;
  if (screen === "chats")
    return (
      <main class="both" id="main">
        <Fence name={screen} key={screen}>
          <Chats />
        </Fence>
      </main>
    );
  return (
    <main class="col other" id="main">
      <Fence name={screen} key={screen}>
        <One screen={screen} />
      </Fence>
    </main>
  );
};
