// Line icons on a grid of 24, drawn here.
const PATHS = {
  sms: "M4 5h16v11H9l-5 4z",
  whatsapp: "M4 20l1.4-4A8 8 0 1 1 8 18.600z M9.500 9c0 3 2.500 5.500 5.500 5.500",
  messenger:
    "M12 4c5 0 8.500 3.300 8.500 7.500S17 19 12 19c-1 0-2-.1-2.800-.4L6 20v-3c-1.600-1.400-2.500-3.300-2.500-5.500C3.500 7.300 7 4 12 4z M7.500 13l3-3 3 2.200 3-3",
  instagram:
    "M9 4h6a5 5 0 0 1 5 5v6a5 5 0 0 1-5 5H9a5 5 0 0 1-5-5V9a5 5 0 0 1 5-5z M12 8.500a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7z",
  webchat:
    "M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17z M3.500 12h17 M12 3.500c3 3 3 14 0 17 M12 3.500c-3 3-3 14 0 17",
  star: "M12 4l2.500 5.200 5.500.8-4 4 1 5.700-5-2.700-5 2.700 1-5.700-4-4 5.500-.8z",
  people:
    "M9 5a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7z M3 19c.6-3 3-5 6-5s5.400 2 6 5 M16 6a3.300 3.300 0 0 1 0 6 M17 14.500c2 .6 3.500 2.200 4 4.500",
  find: "M11 5a6 6 0 1 1 0 12 6 6 0 0 1 0-12z M16 16l4 4",
  sort: "M8 5v14 M8 19l-3-3 M8 19l3-3 M16 19V5 M16 5l-3 3 M16 5l3 3",
  filter: "M4 7h16 M7 12h10 M10 17h4",
  vote: "M5 19V9 M12 19V5 M19 19v-7",
  reply: "M10 7l-5 5 5 5 M5 12h9a5 5 0 0 1 5 5v1",
  more: "M6 12h.01 M12 12h.01 M18 12h.01",
  clock: "M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16z M12 8v4l3 2",
  check: "M5 12.500l4.500 4.500L19 7.500",
  clip: "M19 11l-7.500 7.500a4 4 0 0 1-6-6L13 5a2.700 2.700 0 0 1 4 4l-7.500 7.500a1.200 1.200 0 0 1-2-2L14 8",
  smile:
    "M12 3.500a8.500 8.500 0 1 1 0 17 8.500 8.500 0 0 1 0-17z M8.500 14c1.700 2.300 5.300 2.300 7 0 M9 9.500h.01 M15 9.500h.01",
  canned: "M8 4h8a4 4 0 0 1 4 4v8a4 4 0 0 1-4 4H8a4 4 0 0 1-4-4V8a4 4 0 0 1 4-4z M14 8l-4 8",
  spark: "M12 4l1.700 5L19 11l-5.300 1.800L12 18l-1.700-5.200L5 11l5.300-2z M19 16.500v4 M17 18.500h4",
  rule: "M5 6h6 M5 12h4 M5 18h6 M14 6l3 6-3 6",
  inbox: "M4 13l2.500-8h11L20 13v6H4z M4 13h5l1 2.500h4L15 13h5",
  plus: "M12 5v14 M5 12h14",
  person:
    "M12 5a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7z M5 20c.7-3.600 3.500-5.500 7-5.500s6.300 1.900 7 5.500",
  panel:
    "M6.500 5h11A2.500 2.500 0 0 1 20 7.500v9a2.500 2.500 0 0 1-2.500 2.500h-11A2.500 2.500 0 0 1 4 16.500v-9A2.500 2.500 0 0 1 6.500 5z M15 5v14",
  back: "M14.500 5.500L8 12l6.500 6.500",
  down: "M6 9.500l6 6 6-6",
  close: "M6 6l12 12 M18 6L6 18",
  bell: "M6 16V11a6 6 0 0 1 12 0v5l1.500 2h-15z M10 20.500h4",
  tag: "M4 5h7l9 9-6.500 6.500L4 11.500z M8 9h.01",
  send: "M4 12l16-7-6 15-3-6.500z M11 13.500L20 5",
  file: "M7 4h7l4 4v12H7z M14 4v4h4",
  flag: "M6 20V5h11l-2 4 2 4H6",
  menu: "M4 7h16 M4 12h16 M4 17h16",
  warn: "M12 5l8.500 14.500h-17z M12 10.500v4 M12 17h.01",
  eye: "M3 12c2.500-4.500 5.500-6.500 9-6.500s6.500 2 9 6.500c-2.500 4.500-5.500 6.500-9 6.500S5.500 16.500 3 12z M12 9.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5z",
  swap: "M5 9h13l-3-3 M19 15H6l3 3",
  note: "M6 4h12v11l-5 5H6z M13 20v-5h5",
  gear: "M12 8.500a3.500 3.500 0 1 1 0 7 3.500 3.500 0 0 1 0-7z M12 3.500v3 M12 17.500v3 M3.500 12h3 M17.500 12h3 M6 6l2 2 M16 16l2 2 M18 6l-2 2 M8 16l-2 2",
  keys: "M5 7h14a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V9a2 2 0 0 1 2-2z M7 11h.01 M11 11h.01 M15 11h.01 M8 14h8",
  leave: "M10 5H5v14h5 M9 12h11 M16.500 8.500L20 12l-3.500 3.500",
  archive: "M4 5h16v4H4z M5.500 9v10h13V9 M10 13h4",
  phone:
    "M7 4h3l1.500 4-2 1.500a11 11 0 0 0 5 5l1.500-2 4 1.500v3a2 2 0 0 1-2.200 2A15 15 0 0 1 5 6.200 2 2 0 0 1 7 4z",
  screen: "M4 5h16v11H4z M9 20h6 M12 16v4",
  out: "M13 5h6v6 M19 5l-8 8 M16 14v5H5V8h5",
  chat: "M4 5h11v8H8l-4 3z M18 9h2v10l-4-3h-6",
  lock: "M8 10h8a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2v-6a2 2 0 0 1 2-2z M8.500 10V8a3.500 3.500 0 0 1 7 0v2",
  mic: "M12 4a2.500 2.500 0 0 1 2.500 2.500v5a2.500 2.500 0 0 1-5 0v-5A2.500 2.500 0 0 1 12 4z M6.500 11.500a5.500 5.500 0 0 0 11 0 M12 17v3",
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={PATHS[name]} class={name === "more" ? "dots" : undefined} />
  </svg>
);

const BY_TYPE: Record<string, IconName> = {
  sms: "sms",
  whatsapp: "whatsapp",
  messenger: "messenger",
  instagram: "instagram",
  webchat: "webchat",
};

/** A channel's own icon, else that of any message: third parties bring types of their own. */
export const channelIcon = (type: string): IconName => BY_TYPE[type] ?? "sms";
