// The words of the page, in English and Italian. A language is chosen by the browser, or by ?lang=it.
const words = {
  en: {
    title: "Phones", hint: "You are the customer. Write, and read what the desk answers.",
    openAnother: "Open another phone", newPhone: "New phone", website: "Website with a webchat", faults: "Faults", log: "Provider log",
    logEmpty: "Nothing yet: every webhook the provider sends appears here.",
    number: "Phone number", numberHint: "With the country code, like +12025550143 or +393331234567.",
    cancel: "Cancel", add: "Add", writesTo: "writes to", closePhone: "Close this phone", quick: "Quick words",
    attach: "Attach files", write: "Text message", send: "Send", remove: "Remove {name}",
    empty: "No messages yet. Write one below.", conversation: "Conversation of {number}", phone: "Phone {number}",
    noLine: "no business number yet", connected: "live", disconnected: "reconnecting…",
    you: "You", business: "The business", carrier: "The carrier",
    state_sending: "sending", state_queued: "queued", state_accepted: "accepted", state_sent: "sent",
    state_delivered: "delivered", state_read: "read", state_failed: "failed", state_undelivered: "not delivered",
    because: "{state}: {error}", picture: "Picture {name}", tooLarge: "This file is too large.",
    notSent: "Could not be sent: {error}",
    kind_inbound: "message", kind_receipt: "receipt", attempt: "try {n}", copy: "copy {n}", fallback: "fallback address",
    badSignature: "wrongly signed", noAnswer: "no answer", took: "{ms} ms", answered: "Answer", error: "Error",
    active: "{n} on", everybody: "everybody", target: "For", from: "from", to: "to",
    preset_none: "All fine", preset_slow: "Slow provider", preset_bad: "Bad day", preset_chaos: "Chaos",
    group_send: "Sending", group_carrier: "Carrier", group_receipts: "Receipts", group_webhooks: "Customer's messages", group_media: "Media",
    latency_ms: "Answer takes (ms)", throttle_per_second: "At most per second", error_before: "Error, nothing accepted",
    error_after: "Error, though accepted", cut_before: "Cut, nothing accepted", cut_after: "Cut, though accepted",
    timeout_after: "Accepted, no answer", undelivered: "Undelivered, code", failed: "Failed, code", refuse: "Refused, code",
    receipt_delay_ms: "Pause before each (ms)", receipts_missing: "Missing", receipts_late: "Late", receipts_reordered: "In reverse order",
    receipts_copies: "Copies", receipts_first: "Before the answer", webhook_delay_ms: "Pause (ms)", webhook_copies: "Copies",
    copies_apart_ms: "Copies apart (ms)", bad_signature: "Wrongly signed", media_delay_ms: "Takes (ms)",
    media_missing_first: "404 for the first", media_bytes: "Padded to bytes", media_type: "Lies about its type",
  },
  it: {
    title: "Telefoni", hint: "Qui sei il cliente. Scrivi, e leggi che cosa risponde l’assistenza.",
    openAnother: "Apri un altro telefono", newPhone: "Nuovo telefono", website: "Sito con webchat", faults: "Guasti", log: "Registro del fornitore",
    logEmpty: "Ancora niente: qui appare ogni webhook inviato dal fornitore.",
    number: "Numero di telefono", numberHint: "Con il prefisso del paese, come +12025550143 o +393331234567.",
    cancel: "Annulla", add: "Aggiungi", writesTo: "scrive a", closePhone: "Chiudi questo telefono", quick: "Parole rapide",
    attach: "Allega file", write: "Messaggio di testo", send: "Invia", remove: "Togli {name}",
    empty: "Ancora nessun messaggio. Scrivine uno qui sotto.", conversation: "Conversazione di {number}", phone: "Telefono {number}",
    noLine: "ancora nessun numero aziendale", connected: "dal vivo", disconnected: "riconnessione…",
    you: "Tu", business: "L’azienda", carrier: "L’operatore",
    state_sending: "in invio", state_queued: "in coda", state_accepted: "accettato", state_sent: "inviato",
    state_delivered: "consegnato", state_read: "letto", state_failed: "non riuscito", state_undelivered: "non consegnato",
    because: "{state}: {error}", picture: "Immagine {name}", tooLarge: "Questo file è troppo grande.",
    notSent: "Non è stato possibile inviare: {error}",
    kind_inbound: "messaggio", kind_receipt: "ricevuta", attempt: "tentativo {n}", copy: "copia {n}", fallback: "indirizzo di riserva",
    badSignature: "firma errata", noAnswer: "nessuna risposta", took: "{ms} ms", answered: "Risposta", error: "Errore",
    active: "{n} attivi", everybody: "tutti", target: "Per", from: "da", to: "a",
    preset_none: "Tutto bene", preset_slow: "Fornitore lento", preset_bad: "Giornata storta", preset_chaos: "Caos",
    group_send: "Invio", group_carrier: "Operatore", group_receipts: "Ricevute", group_webhooks: "Messaggi del cliente", group_media: "Media",
    latency_ms: "Tempo di risposta (ms)", throttle_per_second: "Al massimo al secondo", error_before: "Errore, niente accettato",
    error_after: "Errore, ma accettato", cut_before: "Interrotto, niente accettato", cut_after: "Interrotto, ma accettato",
    timeout_after: "Accettato, senza risposta", undelivered: "Non consegnati, codice", failed: "Falliti, codice", refuse: "Rifiutati, codice",
    receipt_delay_ms: "Pausa prima di ognuna (ms)", receipts_missing: "Mancanti", receipts_late: "In ritardo", receipts_reordered: "In ordine inverso",
    receipts_copies: "Copie", receipts_first: "Prima della risposta", webhook_delay_ms: "Pausa (ms)", webhook_copies: "Copie",
    copies_apart_ms: "Distanza fra le copie (ms)", bad_signature: "Firma errata", media_delay_ms: "Durata (ms)",
    media_missing_first: "404 per i primi", media_bytes: "Allungati a byte", media_type: "Tipo dichiarato falso",
  },
};

const wanted = [new URLSearchParams(location.search).get("lang"), ...navigator.languages];
export const language = wanted.filter(Boolean).map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in words) ?? "en";

export function say(key, values = {}) {
  const text = words[language][key] ?? words.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** Puts the words into everything below `root` that names them by data-text, data-label, data-hint or data-tip. */
export function translate(root) {
  for (const node of root.querySelectorAll("[data-text]")) node.textContent = say(node.dataset.text);
  for (const node of root.querySelectorAll("[data-label]")) node.setAttribute("aria-label", say(node.dataset.label));
  for (const node of root.querySelectorAll("[data-hint]")) node.placeholder = say(node.dataset.hint);
  for (const node of root.querySelectorAll("[data-tip]")) node.title = say(node.dataset.tip);
}

export function clockTime(iso, seconds = false) {
  const shown = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...(seconds && { second: "2-digit" }) };
  return new Date(iso).toLocaleTimeString(language, shown);
}
