// What the widget says, in every language it speaks. The channel's own texts come from the desk.

const en = {
  open: "Open chat",
  close: "Close chat",
  title: "Chat with us",
  greeting: "Hello! How can we help?",
  log: "Messages",
  message: "Your message",
  send: "Send",
  attach: "Attach files",
  remove: "Remove {name}",
  uploading: "Uploading {name}",
  uploadFailed: "{name} could not be attached.",
  tooBig: "{name} is larger than {size}.",
  tooMany: "At most {count} files per message.",
  tooLong: "The message is too long.",
  you: "You",
  us: "Support",
  sending: "Sending…",
  waiting: "Will be sent when you are back online",
  sent: "Sent",
  read: "Read",
  failed: "Not sent",
  retry: "Try again",
  typing: "Somebody is typing…",
  connecting: "Connecting…",
  offline: "No connection. Trying again…",
  refused: "The chat is not available on this page.",
  away: "We are closed at the moment. Leave a message and we will answer.",
  awayUntil: "We are closed at the moment and open again {time}. Leave a message and we will answer.",
  older: "Earlier messages",
  intro: "Before we begin:",
  name: "Name",
  email: "E-mail",
  phone: "Phone",
  optional: "optional",
  start: "Start chat",
  unread: "{count} unread messages",
  unreadOne: "1 unread message",
  file: "File",
  image: "Picture {name}",
  reply: "Reply to {name}: {text}",
  inReply: "In reply to {name}: {text}",
  unquote: "Do not quote",
};

export type TextKey = keyof typeof en;

const it: Record<TextKey, string> = {
  open: "Apri la chat",
  close: "Chiudi la chat",
  title: "Scrivici",
  greeting: "Ciao! Come possiamo aiutarti?",
  log: "Messaggi",
  message: "Il tuo messaggio",
  send: "Invia",
  attach: "Allega file",
  remove: "Rimuovi {name}",
  uploading: "Caricamento di {name}",
  uploadFailed: "Non è stato possibile allegare {name}.",
  tooBig: "{name} supera {size}.",
  tooMany: "Al massimo {count} file per messaggio.",
  tooLong: "Il messaggio è troppo lungo.",
  you: "Tu",
  us: "Assistenza",
  sending: "Invio in corso…",
  waiting: "Sarà inviato quando torni in linea",
  sent: "Inviato",
  read: "Letto",
  failed: "Non inviato",
  retry: "Riprova",
  typing: "Qualcuno sta scrivendo…",
  connecting: "Connessione…",
  offline: "Nessuna connessione. Nuovo tentativo…",
  refused: "La chat non è disponibile in questa pagina.",
  away: "Al momento siamo chiusi. Lascia un messaggio e ti risponderemo.",
  awayUntil: "Al momento siamo chiusi e riapriamo {time}. Lascia un messaggio e ti risponderemo.",
  older: "Messaggi precedenti",
  intro: "Prima di cominciare:",
  name: "Nome",
  email: "E-mail",
  phone: "Telefono",
  optional: "facoltativo",
  start: "Inizia la chat",
  unread: "{count} messaggi non letti",
  unreadOne: "1 messaggio non letto",
  file: "File",
  image: "Immagine {name}",
  reply: "Rispondi a {name}: {text}",
  inReply: "In risposta a {name}: {text}",
  unquote: "Non citare",
};

export const LANGUAGES: Record<string, Record<TextKey, string>> = { en, it };

/** The first of these tags whose language is spoken here, else English. */
export function chooseLanguage(...tags: (string | null | undefined)[]): string {
  for (const tag of tags) {
    const language = tag?.toLowerCase().split("-")[0];
    if (language && language in LANGUAGES) return language;
  }
  return "en";
}

export function say(language: string, key: TextKey, values: Record<string, string | number> = {}): string {
  const text = (LANGUAGES[language] ?? en)[key];
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** "tomorrow at 9:00", in the reader's own time. */
export function sayWhen(language: string, at: string, now = new Date()): string {
  const then = new Date(at);
  const days = Math.round(
    (new Date(then).setHours(0, 0, 0, 0) - new Date(now).setHours(0, 0, 0, 0)) / 86_400_000,
  );
  const time = new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit" }).format(then);
  const day =
    Math.abs(days) < 2
      ? new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(days, "day")
      : new Intl.DateTimeFormat(language, { weekday: "long", day: "numeric", month: "long" }).format(then);
  return `${day}, ${time}`;
}

export function sayTime(language: string, at: string, now = new Date()): string {
  const then = new Date(at);
  const today = then.toDateString() === now.toDateString();
  const parts: Intl.DateTimeFormatOptions = { hour: "numeric", minute: "2-digit" };
  return new Intl.DateTimeFormat(
    language,
    today ? parts : { ...parts, day: "numeric", month: "short" },
  ).format(then);
}

export function saySize(language: string, bytes: number): string {
  const mega = bytes >= 1_000_000;
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: mega ? 1 : 0 });
  return `${number.format(mega ? bytes / 1_000_000 : Math.max(1, bytes / 1000))} ${mega ? "MB" : "kB"}`;
}
