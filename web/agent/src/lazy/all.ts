// One chunk for all that is not needed to begin: many small ones would cost a request each.
export { Panel } from "../beside/side.tsx";
export { Assistant } from "./assistant.tsx";
export { Chats } from "./chats.tsx";
export { Create } from "./create.tsx";
export { Desk } from "./desk.tsx";
export { Emoji } from "./emoji.tsx";
export { Notices } from "./notices.tsx";
export { Keys, Palette } from "./palette.tsx";
export { Search } from "./search.tsx";
export { Voice } from "./voice.tsx";
