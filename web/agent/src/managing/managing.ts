// One chunk for what managers look after.
export { Campaigns } from "./campaigns.tsx";
export { InboxSettings } from "./inbox_settings.tsx";
export { Surveys } from "./surveys.tsx";
export { learnManaging } from "./words.ts";
