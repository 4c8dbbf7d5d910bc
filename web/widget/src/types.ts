// What travels between the widget and the server (docs/channels/webchat.md).

export interface ChatFile {
  kind: string;
  mime: string;
  name: string | null;
  size: number | null;
  url: string | null;
}

/** A message as the server tells it. `external_id` of the visitor's own ends with the id this browser gave it. */
export interface Message {
  id: string;
  external_id: string | null;
  direction: "in" | "out";
  kind: string;
  text: string;
  sender: string | null;
  at: string;
  state: string;
  reply_to: string | null;
  files: ChatFile[];
}

export interface Transcript {
  messages: Message[];
  older: string | null;
  cursor: string;
  read_at: string | null;
}

export interface PreChatField {
  name: "name" | "email" | "phone";
  required: boolean;
}

export interface WidgetConfig {
  texts: Partial<Record<"title" | "greeting" | "away", string>>;
  pre_chat: PreChatField[];
  opening: { is_open: boolean; next_open: string | null } | null;
  attachments: { count: number; bytes: number };
  longest_text: number;
}

export interface Session {
  visitor: "visitor" | "customer";
  is_new: boolean;
  token: string;
  expires_in: number;
  resume: string | null;
  widget: WidgetConfig;
}

export interface Identity {
  user_id: string;
  hmac: string;
}

export type Profile = Partial<Record<PreChatField["name"], string>>;

export interface Uploaded extends Omit<ChatFile, "url"> {
  upload: string;
}

/** A message on its way: kept in the browser's storage until the server has it. */
export interface Outgoing {
  client_id: string;
  text: string;
  uploads: Uploaded[];
  reply_to: string | null;
  at: string;
  failed?: boolean;
}
