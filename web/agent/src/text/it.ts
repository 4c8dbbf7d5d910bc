// Italian.
import type { Words } from "./en.ts";
import { pick, plural } from "./words.ts";

export const it: Words = {
  skip: "Vai al contenuto",
  mainMenu: "Menu principale",
  channels: "Canali",
  search: "Cerca",
  create: "Nuova",
  you: "Tu",
  meWord: "Io",
  inboxWord: "Casella",
  notices: "Avvisi",
  deskAndRules: "Desk e regole",
  settings: "Impostazioni",
  managing: "Gestione",
  campaigns: "Campagne",
  surveysWord: "Sondaggi",
  inboxSettings: "Opzioni caselle",
  allChannels: "Tutti i canali",
  ownNumbers: "I miei numeri",
  allNumbers: "Tutti i miei numeri",
  privateWord: "Privati",
  chats: "Chat",
  chatsOf: (kind) => pick({ all: "Chat", direct: "Chat dirette", team: "Chat dei team" }, kind),
  paused: "Al momento non parte nulla",
  unreadWord: "non letti",
  myMenu: "Il mio menu",
  news: "Novità",
  more: "Altro",
  close: "Chiudi",
  cancel: "Annulla",
  open: "Apri",
  edit: "Modifica",
  discard: "Elimina",
  done: "Fatto",
  now: "Ora",
  reload: "Ricarica",
  tryAgain: "Riprova",
  failed: "Non ha funzionato.",
  unreachable: "Il server non è raggiungibile.",
  notLoaded: "Impossibile caricare",
  request: (id) => `Richiesta ${id}`,
  nothingFound: "Nessun risultato",
  newVersion: "C’è una nuova versione di questa pagina.",
  offline: (seconds) =>
    seconds > 0
      ? `Nessuna connessione. Nuovo tentativo tra ${seconds} s; ciò che invii aspetta.`
      : "Nessuna connessione. Nuovo tentativo …",
  leaveAnyway: (count) =>
    plural(
      count,
      "Un messaggio non è ancora partito. Uscire e perderlo?",
      `${count} messaggi non sono ancora partiti. Uscire e perderli?`,
    ),

  email: "E-mail",
  password: "Password",
  signIn: "Accedi",
  signingIn: "Accesso in corso …",
  signInBy: (provider: string) => `Accedi con ${provider}`,
  code: "Codice della tua app di autenticazione, o un codice di recupero",
  factor: "Secondo fattore",
  signInWhy: "Accedi alla tua casella condivisa.",
  signOut: "Esci",
  sessionEnded: "Accedi di nuovo",
  sessionEndedWhy: "La sessione è scaduta. Quello che hai scritto è ancora qui.",
  noRole: "Questo account non ha accesso a nessuna casella",

  availableWord: "Disponibile",
  away: "Assente",
  quiet: "Non disturbare",
  told: (kind) =>
    pick(
      {
        messages: "Un nuovo messaggio",
        new_conversations: "Una conversazione attende",
        notices: "Qualcosa ti riguarda",
        chats: "Ha scritto qualcuno del team",
      },
      kind,
    ),
  takesWork: "Riceve nuove conversazioni",
  takesNoWork: "Non riceve nuove conversazioni",
  goAway: "Non ricevere nuove conversazioni",

  conversations: "Conversazioni",
  status: "Stato",
  whose: "Di chi",
  filter: "Filtra",
  inboxOrChannel: "Casella e canale",
  clearFilters: "Togli i filtri",
  onlyTag: (tag) => `Etichetta: ${tag}`,
  tab: (tab) => ({ open: "Aperte", snoozed: "Rimandate", closed: "Chiuse", history: "Archivio" })[tab],
  who: (who) =>
    ({ all: "Tutte", me: "Mie", unassigned: "Da assegnare", others: "Di altri", with_me: "Con me" })[who],
  show: (show) => ({ all: "Tutte", unread: "Non lette", archived: "Archiviate" })[show],
  sorts: (sort, tab) =>
    ({
      recent_messages: "Messaggi recenti",
      oldest_messages: "Messaggi meno recenti",
      recent_conversations: tab === "closed" ? "Recenti" : "Conversazioni recenti",
      oldest_conversations: tab === "closed" ? "Meno recenti" : "Conversazioni meno recenti",
    })[sort],
  sortBy: (sort) => `Ordine: ${sort}`,
  moved: (count) => plural(count, "1 nuova", `${count} nuove`),
  nothingFits: "Nulla corrisponde a questi filtri",
  emptyTab: (tab) =>
    ({
      open: "Tutto fatto",
      snoozed: "Nulla è rimandato",
      closed: "Nulla è ancora chiuso",
      history: "Prima qui non c'era nulla",
    })[tab],
  emptyTabWhy: (tab) =>
    ({
      open: "Le nuove conversazioni compaiono qui da sole.",
      snoozed: "Ciò che rimandi torna alla sua ora.",
      closed: "Le conversazioni che chiudi restano qui.",
      history: "Ciò che è stato scritto su un numero prima che entrasse in questa casella resta qui.",
    })[tab],
  ownEmptyWhy: "Ciò che arriva ai tuoi numeri compare qui, e non lo vede nessun altro.",
  noChannel: "Ancora nessun canale",
  noChannelWhy: "Un responsabile ne collega uno nel desk; poi i clienti possono scrivere.",
  assignToMe: "Assegna a me",
  mentionedYou: "Una nota ti nomina",
  noMessageYet: "Ancora nessun messaggio",
  answered: "Risposto:",
  visitor: "Visitatore",
  noteBy: "Nota:",
  draft: "bozza",
  optedOut: "disiscritto",
  waits: "aspetta",
  waitsSince: (since) => `Aspetta una risposta da: ${since}`,
  kinds: (kind) =>
    pick(
      {
        text: "Testo",
        image: "Foto",
        audio: "Audio",
        voice: "Messaggio vocale",
        video: "Video",
        document: "Documento",
        sticker: "Sticker",
        location: "Luogo",
        contacts: "Contatto",
        reaction: "Reazione",
        buttons: "Scelta",
        list: "Elenco",
        template: "Modello",
        unsupported: "Qualcosa che qui non si può mostrare",
      },
      kind,
    ),

  conversation: "Conversazione",
  nothingOpen: "Nessuna conversazione aperta",
  nothingOpenWhy: "Scegline una dall’elenco, oppure premi J e Invio.",
  backToList: "Torna all’elenco",
  aboutContact: "Sul contatto",
  sidePanel: "Pannello laterale",
  closeIt: "Chiudi",
  reopen: "Riapri",
  wake: "Riprendi",
  snooze: "Rimanda",
  snoozeUntil: "Rimanda fino a",
  assign: "Assegna",
  assignTo: "Assegna a",
  assignedTo: (name) => `Assegnata a ${name}`,
  giveItBack: "Restituisci",
  giveBack: "Tua. Premi per restituirla",
  yours: "Tua",
  nobody: "Nessuno",
  meNamed: (name) => `${name} (tu)`,
  lostTo: (name) => `${name} ha preso per primo questa conversazione.`,
  markUnread: "Segna come non letta",
  markRead: "Segna come letta",
  pickMany: "Seleziona più di una",
  pickOne: (name) => `Seleziona ${name}`,
  pickNone: "Non selezionare niente",
  pickAll: "Tutte",
  pickedCount: (count) => `${count} ${plural(count, "selezionata", "selezionate")}`,
  doToPicked: "Conversazioni selezionate",
  moreForPicked: "Altro per le selezionate",
  withoutTag: (tag) => `Togli ${tag}`,
  bulkDone: (count) => `${count} ${plural(count, "conversazione cambiata", "conversazioni cambiate")}.`,
  bulkLeft: (count, why) =>
    `${count} ${plural(count, "conversazione non è stata cambiata", "conversazioni non sono state cambiate")}: ${why}`,
  addTag: "Aggiungi o togli etichette",
  archive: "Archivia",
  unarchive: "Togli dall’archivio",
  priority: (priority) => ({ low: "Bassa", normal: "Normale", high: "Alta", urgent: "Urgente" })[priority],
  handTo: (team) => `Passa a ${team}`,
  handedTo: (team) => `Passata a ${team}.`,
  moveTo: (inbox) => `Sposta in ${inbox}`,
  movedTo: (inbox) => `Spostata in ${inbox}.`,
  writing: (name) => (name ? `${name} sta scrivendo …` : "sta scrivendo …"),
  alsoLooking: (names) => `La sta guardando anche ${names}`,
  gone: "Non puoi più vedere questa conversazione",
  goneWhy: "È stata spostata in una casella che non è tua, o non è mai esistita.",
  copyDraft: "Copia la mia bozza",

  messages: "Messaggi",
  customer: "Cliente",
  newMessages: "Nuovi",
  olderComing: "Arrivano i messaggi precedenti …",
  toNewest: "Ai più recenti",
  youName: "Tu",
  youSubject: "Tu",
  somebody: "Qualcuno",
  ruleNamed: (name) => `Regola “${name}”`,
  aRule: (name) => `La regola “${name}”`,
  theHouse: (part) =>
    pick(
      { queue: "La coda", snooze: "L’orologio", reassign: "L’orologio", schedule: "L’orologio" },
      part || "Casella",
    ),
  otherProgram: "Un altro programma",
  deleted: "Questo messaggio è stato eliminato.",
  edited: "modificato",
  state: (state) =>
    pick(
      {
        queued: "In attesa di partire",
        sending: "In partenza …",
        sent: "Inviato",
        delivered: "Consegnato",
        read: "Letto",
        canceled: "Ritirato",
        received: "Ricevuto",
      },
      state,
    ),
  failedBecause: (why) => `Non inviato. ${why}`,
  unconfirmed: "Nessuno sa se è arrivato.",
  itArrived: "È arrivato",
  sendAgain: "Invia di nuovo",
  withdraw: "Ritira",
  waitsForNet: "Aspetta la connessione",
  until: (time) => `Fino a ${time}.`,
  fileLost: "Non è stato possibile recuperare questo file.",
  fileComing: "Questo file sta ancora arrivando …",
  openFile: (name) => `Apri ${name}`,
  did: (what, after, before, self, you) => {
    const has = (participle: string): string => `${you ? "hai" : "ha"} ${participle}`;
    switch (what) {
      case "assigned":
        return self ? has("preso la conversazione") : `${has("dato la conversazione a")} ${after}`;
      case "unassigned":
        return `${has("tolto la conversazione a")} ${before}`;
      case "team_changed":
        return after
          ? `${has("passato la conversazione a")} ${after}`
          : `${has("tolto la conversazione a")} ${before}`;
      case "moved":
        return `${has("spostato la conversazione in")} ${after}`;
      case "closed":
        return has("chiuso la conversazione");
      case "reopened":
        return has("riaperto la conversazione");
      case "snoozed":
        return `${has("rimandato la conversazione a")} ${after}`;
      case "woken":
        return has("ripreso la conversazione");
      case "prioritized":
        return `${has("impostato la priorità:")} ${after}`;
      case "tagged":
        return `${has("messo l’etichetta")} ${after}`;
      case "untagged":
        return `${has("tolto l’etichetta")} ${before}`;
      case "contact_changed":
        return `${has("collegato la conversazione a")} ${after}`;
      case "archived":
        return has("archiviato la conversazione");
      case "unarchived":
        return has("tolto la conversazione dall’archivio");
      default:
        return what.replaceAll("_", " ");
    }
  },

  write: "Scrivi",
  kind: (kind) => ({ reply: "Risposta", note: "Nota" })[kind],
  replyTo: (name) => `Rispondi a ${name}`,
  noteFor: "Una nota che vedono solo i colleghi. @ nomina qualcuno.",
  note: "Nota",
  onlyColleagues: "Le note le vedono solo i colleghi",
  freeUntil: (time) => `Risposte libere fino a ${time}`,
  send: "Invia",
  keepNote: "Aggiungi nota",
  enterSends: "Invio spedisce",
  fillsIn: "inserisce il messaggio",
  attach: "Allega file",
  attachedFiles: "File allegati",
  removeFile: (name) => `Togli ${name}`,
  uploading: "Caricamento …",
  tooBig: (name, most) => `${name} è troppo grande; questo canale accetta al massimo ${most}.`,
  tooManyFiles: (count) => `Questo canale accetta al massimo ${count} file.`,
  emoji: "Emoji",
  voiceNote: "Nota vocale",
  survey: "Invia un sondaggio",
  noSurvey: "Il desk non ha sondaggi.",
  asked: "chiesto",
  answeredWord: "ha risposto",
  byLink: "con un link",
  canned: "Risposta pronta",
  cannedFind: "Trova una risposta pronta",
  noCanned: "Nessuna risposta pronta corrisponde",
  cannedMissing: (what) => `A questo messaggio manca qualcosa che del contatto non si sa: ${what}.`,
  mention: "Nomina un collega",
  parts: (count) => plural(count, "1 parte", `${count} parti`),
  left: (count) => `ne restano ${count}`,
  onlyYou: "Lo vedi solo tu",
  onlyThePast: "È il passato del numero: non vi si può aggiungere nulla.",
  beforeItJoined: (channel, inbox, when) =>
    `Scritto su ${channel} prima che entrasse in ${inbox}${when ? ` (${when})` : ""}.`,
  onlyReading: "Qui puoi leggere, ma non scrivere ai clienti.",
  takenToEdit: "Leggi, correggi, invia tu.",

  assistant: "Assistente ai messaggi",

  history: "Storico",

  notice: (what, contact, by) => {
    const it = contact ? `la conversazione con ${contact}` : "una conversazione";
    switch (what) {
      case "reassigned":
        return `${by || "Qualcuno"} ha preso ${it}`;
      case "returned":
        return `È tornata in coda ${it}`;
      case "mentioned":
        return `${by || "Qualcuno"} ti ha nominato: ${it}`;
      case "unconfirmed":
        return `Non si sa se un messaggio è arrivato: ${it}`;
      case "unanswered":
        return `Nessuno può prendere ${it}`;
      default:
        return `Una regola ti segnala ${it}`;
    }
  },

  newConversation: "Nuova conversazione",

  theme: "Colori",
  themes: (theme) => pick({ system: "Come il sistema", light: "Chiari", dark: "Scuri" }, theme),
  keyboard: "Tastiera",
  palette: "Comandi",
  keyDown: "Giù",
  keyUp: "Su",
  keyNext: "Conversazione successiva",
  keyPrevious: "Conversazione precedente",
};
