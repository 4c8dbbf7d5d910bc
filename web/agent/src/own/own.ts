// A chunk of its own: few open their settings on the days on which they work.
export { SetUpFirst } from "./set_up_first.tsx";
export { Settings } from "./settings.tsx";
