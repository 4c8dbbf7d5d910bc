// What takes the place of list and conversation: notices, settings, search, the desk. Each from a chunk of its own.
import type { ComponentType } from "preact";
import { Fence } from "../parts/problem.tsx";
import { place, type Screen } from "../store/place.ts";
import { useLazy } from "./lazily.tsx";

const LOADS: Record<Exclude<Screen, "inbox">, () => Promise<ComponentType>> = {
  notices: async () => (await import("../lazy/all.ts")).Notices,
  me: async () => (await import("../lazy/all.ts")).Settings,
  search: async () => (await import("../lazy/all.ts")).Search,
  desk: async () => (await import("../lazy/all.ts")).Desk,
};

const One = ({ screen }: { screen: Exclude<Screen, "inbox"> }) => {
  const View = useLazy<Record<string, never>>(
    LOADS[screen] as () => Promise<ComponentType<Record<string, never>>>,
  );
  return View ? <View /> : null;
};

export const OtherScreen = () => {
  const { screen } = place.value;
  if (screen === "inbox") return null;
  return (
    <main class="col other" id="main">
      <Fence name={screen} key={screen}>
        <One screen={screen} />
      </Fence>
    </main>
  );
};
