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
  factorWhy: "Inserisci questa chiave nella tua app di autenticazione, poi scrivi il codice che mostra.",
  factorConfirm: "Conferma",
  recoveryWhy: "Conserva questi codici in un luogo sicuro: ognuno ti fa accedere una volta, se perdi l’app.",
  signInWhy: "Accedi alla tua casella condivisa.",
  signOut: "Esci",
  sessionEnded: "Accedi di nuovo",
  sessionEndedWhy: "La sessione è scaduta. Quello che hai scritto è ancora qui.",
  noRole: "Questo account non ha accesso a nessuna casella",

  availableWord: "Disponibile",
  away: "Assente",
  quiet: "Non disturbare",
  takesWork: "Riceve nuove conversazioni",
  takesNoWork: "Non riceve nuove conversazioni",
  goAway: "Non ricevere nuove conversazioni",
  role: (role) => pick({ agent: "Operatore", manager: "Responsabile", admin: "Amministratore" }, role),

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
  youWrote: "Tu:",
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
  backToConversation: "Torna alla conversazione",
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
  giveBack: "Tua. Premi per restituirla",
  yours: "Tua",
  nobody: "Nessuno",
  meNamed: (name) => `${name} (tu)`,
  lostTo: (name) => `${name} ha preso per primo questa conversazione.`,
  markUnread: "Segna come non letta",
  markRead: "Segna come letta",
  findEmoji: "Cerca un emoji per nome",
  emojiGroups: "Tipi di emoji",
  emojiRecent: "Usati di recente",
  skinTone: "Tono della pelle",
  skinTones: (i) => ["nessun tono", "chiaro", "medio-chiaro", "medio", "medio-scuro", "scuro"][i] ?? "",
  sharedComputer: "Computer condiviso",
  sharedComputerWhy: "Niente di quanto scrivi resta in questo browser; le bozze sono sul server.",
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
  tagWord: "Etichetta",
  removeTag: (tag) => `Togli l’etichetta ${tag}`,
  tagContact: "Etichetta il contatto",
  archive: "Archivia",
  unarchive: "Togli dall’archivio",
  priority: (priority) => ({ low: "Bassa", normal: "Normale", high: "Alta", urgent: "Urgente" })[priority],
  priorityWord: "Priorità",
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
  voiceAsking: "Il browser chiede se si può usare il microfono …",
  voiceRefused:
    "Qui il microfono non si può usare. Consentilo nelle impostazioni del browser per questa pagina.",
  voiceMissing: "Non c'è un microfono, o questo browser non sa registrare una nota vocale.",
  voiceRecording: "Registrazione",
  voiceStop: "Ferma",
  voiceHear: "La tua nota vocale",
  voiceSend: "Invia la nota vocale",
  voiceDrop: "Scarta la nota vocale",
  survey: "Invia un sondaggio",
  noSurvey: "Il desk non ha sondaggi.",
  asked: "chiesto",
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
  assist: (what) => pick({ suggest: "Suggerisci", generate: "Scrivi per me", rewrite: "Riscrivi" }, what),
  assistantOff: "L’assistente non è attivo in questa casella. Un responsabile ne accetta le condizioni.",
  acceptTerms: (terms) => `Accetta le condizioni (versione ${terms})`,
  intent: "Che cosa vuoi dire?",
  mayRead: (count) => plural(count, "Può leggere 1 messaggio", `Può leggere ${count} messaggi`),
  howRewrite: "Come riscrivere",
  how: (how) =>
    pick({ grammar: "Correggi", shorter: "Più breve", longer: "Più lungo", tone: "Con un altro tono" }, how),
  tone: "Tono",
  anyTone: "Qualsiasi tono",
  toneNamed: (tone) =>
    pick(
      {
        neutral: "Neutro",
        friendly: "Amichevole",
        professional: "Professionale",
        apologetic: "Di scuse",
        empathetic: "Empatico",
        concise: "Conciso",
        enthusiastic: "Entusiasta",
      },
      tone,
    ),
  thinking: "Sto pensando …",
  propose: "Proponi",
  useIt: "Usa",
  fromCanned: (keys) => `Dalla risposta pronta ${keys}`,
  fromAnswers: (count) => plural(count, "Da una risposta precedente", `Da ${count} risposte precedenti`),
  usedMessages: (count, model) =>
    plural(count, `Letto 1 messaggio · ${model}`, `Letti ${count} messaggi · ${model}`),
  flag: (code, excerpt) =>
    `${pick(
      {
        unfilled_hole: "Resta qualcosa da completare:",
        unknown_link: "Un link che non è nella conversazione:",
        unknown_number: "Un numero che non è nella conversazione:",
        too_long: "Troppo lungo per questo canale:",
        too_many_parts: "Parte in molte parti:",
        other_language: "In un’altra lingua:",
        prompt_echo: "Sembra un’istruzione:",
        other_person: "Tralasciata: una proposta che ripete ciò che è stato detto a un altro.",
        unknown_tag: "Un'etichetta che il desk non ha:",
      },
      code,
    )} ${excerpt}`,

  contact: "Contatto",
  nameWord: "Nome",
  nameIt: "Dai un nome",
  rename: "Cambia il nome",
  keep: "Salva",
  linkTo: "È qualcuno che conosciamo",
  isSomebodyElse: "È qualcun altro",
  findContact: "Trova un contatto",
  findContactHow: "Scrivi un nome o un numero.",
  unknownNumber: "Numero sconosciuto",
  favourites: "Preferiti",
  contacts: "Contatti",
  favourite: "Segna come preferito",
  noFavourite: "Togli dai preferiti",
  customerSince: (date, language) => `Contatto dal ${date}${language ? ` · ${language}` : ""}`,
  details: "Dettagli",
  address: "Indirizzo",
  addressKind: (kind) =>
    pick(
      {
        phone: "Telefono",
        whatsapp: "WhatsApp",
        messenger: "Messenger",
        instagram: "Instagram",
        visitor: "Sito web",
        email: "E-mail",
      },
      kind,
    ),
  tagsOfConversation: "Etichette",
  tagsOfContact: "Del contatto",
  consent: "Consenso",
  optOut: "Disiscrivi",
  optIn: "Riscrivi",
  optOutReason: "Disiscritto da un operatore.",
  optInReason: "Riscritto da un operatore.",
  nowOptedOut: (name) => `${name} non riceve più messaggi su questo canale.`,
  nowOptedIn: (name) => `A ${name} si può di nuovo scrivere.`,
  mayBeWritten: "Gli si può scrivere",
  mayNotBeWritten: "Disiscritto: non si invia nulla",
  channelWord: "Canale",
  typeWord: "Tipo",
  durationWord: "Durata",
  channelType: (type: string): string =>
    (({ sms: "SMS", webchat: "Chat sul sito", whatsapp: "WhatsApp" }) as Record<string, string>)[type] ??
    type.charAt(0).toUpperCase() + type.slice(1),
  teamWord: "Squadra",
  history: "Storico",
  noHistory: "Nessuna conversazione precedente.",
  allOf: (count) => `Tutte e ${count}`,
  why: "Perché è qui?",
  noDecisions: "Nessuna regola se n’è occupata.",
  noRuleMatched: "Nessuna regola corrispondeva",
  otherRules: (count) => plural(count, "1 regola aspetta altro.", `${count} regole aspettano altro.`),
  outcome: (outcome) =>
    pick(
      {
        matched: "Corrispondeva",
        watched: "Avrebbe corrisposto; osserva soltanto",
        not_matched: "Non corrispondeva",
        delayed: "Corrispondeva; aspetta",
        held: "Corrispondeva; trattenuta",
      },
      outcome,
    ),
  notReached: (count) =>
    plural(count, "1 regola non è stata raggiunta.", `${count} regole non sono state raggiunte.`),
  chosen: (name) => `Scelto: ${name}`,
  nobodyFree: "Nessuno era libero",
  waitsIn: (team, ahead) => `Aspetta nella coda di ${team}; ${ahead} prima.`,

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
  noNotices: "Nulla per te",
  noNoticesWhy: "Quando un collega ti nomina o ti sostituisce, lo leggi qui.",
  allSeen: "Tutti visti",

  searchFor: "Parole, o un numero di telefono",
  searchHow: "Devono esserci tutte le parole; l’ultima può essere solo l’inizio.",
  found: "Trovati",
  newConversation: "Nuova conversazione",
  beginWhat: "Che cosa iniziare",
  beginning: (kind) =>
    pick(
      {
        conversation: "Nuova conversazione",
        text_message: "Nuovo SMS",
        direct_chat: "Nuova chat diretta",
        team_chat: "Nuova chat del team",
      },
      kind,
    ),
  beginKind: (kind) =>
    pick(
      {
        conversation: "Conversazione",
        text_message: "SMS",
        direct_chat: "Chat diretta",
        team_chat: "Chat del team",
      },
      kind,
    ),
  ownNumber: "Dal mio numero",
  ownNumberWhy: "Il contatto è solo tuo, e così le sue risposte.",
  to: "A",
  firstMessage: "Primo messaggio",
  onlyContactBegins: (channel) => `Su ${channel} può iniziare solo il contatto. Puoi scrivergli per SMS.`,
  bySms: (type) => `Invia invece per ${type === "sms" ? "SMS" : type}`,

  yourChats: "Le tue chat",
  noChats: "Ancora nessuna chat",
  noChatsWhy: "Iniziane una con dei colleghi o con un tuo team. Non la vede nessun altro.",
  noChatOpen: "Nessuna chat è aperta",
  noChatOpenWhy: "Scegline una dall'elenco, o iniziane una.",
  newChat: "Nuova chat",
  withWhom: "Con chi",
  findColleague: "Cerca un collega",
  openIt: "Inizia",
  peopleOf: (count) => plural(count, "1 persona", `${count} persone`),
  onlyThese: (count) => (count === 2 ? "La vedete solo voi due" : `La vedono solo queste ${count} persone`),
  chatGone: "Non sei in questa chat",
  chatGoneWhy: "Chi lascia un team non ne vede più la chat.",
  writeTo: (name) => `Scrivi a ${name}`,
  nothingSaid: "Non è ancora stato detto nulla.",
  olderChats: "Chat più vecchie",

  factorOff: "Per entrare basta la password.",
  factorOn: (date) => `Per entrare serve anche un codice, dal ${date}.`,
  factorNeeded: "Il tuo ruolo lo richiede.",
  codesLeft: (count) => plural(count, "Resta 1 codice di recupero.", `Restano ${count} codici di recupero.`),
  setUp: "Configura",
  scanIt:
    "Inquadra questa immagine con la tua app di autenticazione, o scrivici la chiave. Poi inserisci il codice che mostra.",
  theKey: "Chiave",
  qrOf: "La chiave come codice QR",
  renewCodes: "Nuovi codici di recupero",
  renewWhy: "Quelli vecchi non valgono più. Inserisci un codice della tua app.",
  removeFactor: "Rimuovi",
  removeWhy:
    "Inserisci un codice della tua app, o uno di recupero. Senza, la sola password apre la tua casella.",
  removeWhyNeeded:
    "Inserisci un codice della tua app, o uno di recupero. Il tuo ruolo richiede un secondo fattore: finché non ce n'è un altro, non si può fare altro.",
  copy: "Copia",
  copied: "Copiato.",
  keptThem: "Li ho conservati",

  appearance: "Aspetto",
  languageWord: "Lingua",
  theme: "Colori",
  themes: (theme) => pick({ system: "Come il sistema", light: "Chiari", dark: "Scuri" }, theme),
  density: "Righe",
  densities: (density) => pick({ roomy: "Ampie", dense: "Fitte" }, density),
  writingWord: "Scrittura",
  enterSendsWhy: "Maiusc+Invio va a capo. Spento: spedisce Ctrl o ⌘ con Invio.",
  singleKeys: "Tasti singoli",
  singleKeysWhy: "J, K, R, E e gli altri, fuori dai testi.",
  keyboard: "Tastiera",
  alerts: "Segnalazioni",
  soundsWord: "Suoni",
  soundsWhy: "Un tono leggero quando qualcuno ti scrive.",
  notificationsWord: "Notifiche",
  notificationsWhy: "Del browser, mentre questa pagina è in secondo piano.",
  takesWorkWhy: "Un solo interruttore per tutte le caselle. Ciò che hai resta tuo.",
  quietWhy: "Ci sei, ma lasciato in pace: nessuna nuova conversazione, nessun suono.",
  palette: "Comandi",
  paletteFind: "Che cosa vuoi fare?",
  keyGroup: (group) => pick({ list: "Elenco", conversation: "Conversazione", page: "Ovunque" }, group),
  keyDown: "Giù",
  keyUp: "Su",
  keyNext: "Conversazione successiva",
  keyPrevious: "Conversazione precedente",

  deskVersion: (version, rules) => `Versione ${version} · ${plural(rules, "1 regola", `${rules} regole`)}`,
  deskMistaken: "Un desk modificato non è stato adottato",
  rulesThisWeek: "Regole, ultimi sette giorni",
  ruleWord: "Regola",
  fired: "Scattata",
  lastTime: "Ultima",
  onlyWatches: "osserva",
  off: "spenta",
  works: "Funziona",
  kept: (count) => plural(count, "1 webhook conservato", `${count} webhook conservati`),
  resume: "Riprendi",
  people: "Persone",
};
