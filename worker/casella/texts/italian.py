"""Sentences for people in Italian, by the English ones."""

from __future__ import annotations

from collections.abc import Mapping

from casella.texts.italian_of_managers import ITALIAN_OF_MANAGERS

DID_YOU_MEAN = "Did you mean '{}'?"

ITALIAN: Mapping[str, str] = {
    **ITALIAN_OF_MANAGERS,
    "Choose an answer first.": "Prima scegli una risposta.",
    "A new message": "Un nuovo messaggio",
    "A conversation waits": "Una conversazione aspetta",
    "A conversation was given to you": "Ti è stata assegnata una conversazione",
    "A subscription was switched off": "Una sottoscrizione è stata disattivata",
    "Something concerns you": "Qualcosa ti riguarda",
    "A colleague has written": "Ha scritto un collega",
    "This is no push subscription of a browser.": "Questa non è una sottoscrizione push di un browser.",
    "There is no such device of yours.": "Non hai un dispositivo così.",
    "You have 20 devices; remove one first.": "Hai 20 dispositivi; prima rimuovine uno.",
    DID_YOU_MEAN: "Intendevi '{}'?",
    "You have too many event streams open; close one and try again.": (
        "Hai troppi flussi di eventi aperti; chiudine uno e riprova."
    ),
    "Your role needs a second factor: set up an authenticator app first.": (
        "Il tuo ruolo richiede un secondo fattore: configura prima un'app di autenticazione."
    ),
    "Too many requests of this kind; wait a moment.": "Troppe richieste di questo tipo; aspetta un momento.",
    "As much was uploaded as may be in a day; try again later.": (
        "È stato caricato quanto si può in un giorno; riprova più tardi."
    ),
    "The server's disk is full; nothing more can be stored until the operator makes room.": (
        "Il disco del server è pieno; non si può salvare altro finché il gestore non libera spazio."
    ),
    "The server's disk is nearly full; no more files are taken until the operator makes room.": (
        "Il disco del server è quasi pieno; non si accettano altri file finché il gestore non libera spazio."
    ),
    "There is no such assignee, or it is not yours to see.": "Non esiste un operatore così, o non puoi vederlo.",
    "This is done in shared conversations only, not on a private number, nor with what was written on one before.": (
        "Questo si fa solo nelle conversazioni condivise, non su un numero privato né con quanto vi fu scritto prima."
    ),
    "This is a private contact; make a shared one first.": (
        "Questo è un contatto privato; prima creane uno condiviso."
    ),
    "This was written before the number went to somebody else; it can only be read.": (
        "È stato scritto prima che il numero passasse ad altri; si può solo leggere."
    ),
    "Begin a conversation on a number of yours.": "Inizia una conversazione da un tuo numero.",
    "There is no such chat, or it is not yours to see.": "Questa chat non esiste, o non puoi vederla.",
    "There is no such team, or you are not in it.": "Non esiste un gruppo così, o non ne fai parte.",
    "A chat needs somebody else.": "In una chat ci vuole qualcun altro.",
    "A direct chat has at most fifty people.": "Una chat diretta ha al massimo cinquanta persone.",
    "There is no such message in this chat.": "Non c'è un messaggio così in questa chat.",
    "Give a contact a name or a number.": "Dai al contatto un nome o un numero.",
    "You belong to no inbox; ask a manager.": "Non appartieni a nessuna casella; chiedi a un responsabile.",
    "This is no whole telephone number.": "Questo non è un numero di telefono completo.",
    "Another contact has this number; link or merge them instead.": (
        "Un altro contatto ha questo numero; collegali o uniscili."
    ),
    "The desk has no such attribute.": "Il desk non ha questo attributo.",
    "This attribute cannot have this value.": "Questo attributo non può avere questo valore.",
    "This is no language, such as it or it-IT.": "Questa non è una lingua, come it o it-IT.",
    "A contact cannot be merged with himself.": "Un contatto non si unisce a se stesso.",
    "There is no such merge of this contact.": "Non esiste un'unione così di questo contatto.",
    "This merge cannot be undone any more.": "Questa unione non si può più annullare.",
    "There is no such import of yours.": "Non hai un'importazione così.",
    "Say where and when he has said so: consent counts only with its evidence.": (
        "Indica dove e quando lo ha detto: il consenso vale solo con la sua prova."
    ),
    "Nobody has said anything in the future.": "Nessuno ha detto qualcosa nel futuro.",
    "Say for which channels he has said so.": "Indica per quali canali lo ha detto.",
    "Contacts of this channel have no numbers.": "I contatti di questo canale non hanno numeri.",
    "Whether he agrees is yes or no.": "Il consenso è sì o no.",
    "Only a number can agree to messages.": "Solo un numero può acconsentire ai messaggi.",
    "Write when he has said so as 2026-11-30 or 2026-11-30T09:30.": (
        "Scrivi quando lo ha detto come 2026-11-30 o 2026-11-30T09:30."
    ),
    "This is no file of comma-separated values.": "Questo non è un file CSV.",
    "The first line names no such column.": "La prima riga nomina una colonna che non esiste.",
    "The first line names the columns: name or numbers at least.": (
        "La prima riga nomina le colonne: almeno name o numbers."
    ),
    "This line has more cells than the first one.": "Questa riga ha più celle della prima.",
    "Too much of this is being done right now; try again in a moment.": (
        "In questo momento se ne sta facendo troppo; riprova tra un momento."
    ),
    "This is not in the plan of this inbox; ask a manager.": (
        "Questo non è nel piano di questa casella; chiedi a un responsabile."
    ),
    "A contact center does not have this.": "Un contact center non ha questa funzione.",
    "There is no channel to send by yet; a manager connects one first.": (
        "Non c'è ancora un canale da cui inviare; prima un responsabile ne collega uno."
    ),
    "The desk has no such survey.": "Il desk non ha questo sondaggio.",
    "This conversation has been asked already.": "Questa conversazione ha già ricevuto il sondaggio.",
    "This path has no such parameter.": "Questo percorso non ha un parametro così.",
    "The desk has no such tag; a manager adds it to desk.yaml.": (
        "Il desk non ha questa etichetta; un responsabile la aggiunge in desk.yaml."
    ),
    "The conversation is closed; reopen it first.": "La conversazione è chiusa; riaprila prima.",
    "Assignment mode is off for this inbox; a manager can switch it on.": (
        "L'assegnazione è disattivata per questa casella; un responsabile può attivarla."
    ),
    "Only a manager assigns to others; you may assign to yourself.": (
        "Solo un responsabile assegna ad altri; tu puoi assegnare a te."
    ),
    "There is no such agent.": "Questo operatore non esiste.",
    "This agent is not a member of the inbox.": "Questo operatore non fa parte della casella.",
    "There is no such canned message in this inbox.": "Questa risposta pronta non esiste nella casella.",
    "An attachment is not there, not yours, or was sent already; upload it again.": (
        "Un allegato non c'è, non è tuo o è già stato inviato; caricalo di nuovo."
    ),
    "The quoted message is not in this conversation.": "Il messaggio citato non è in questa conversazione.",
    "The provider does not know that message yet.": "Il fornitore non conosce ancora quel messaggio.",
    "Ask a manager.": "Chiedi a un responsabile.",
    "This channel is not connected.": "Questo canale non è collegato.",
    "Ask a manager to repair the channel.": "Chiedi a un responsabile di riparare il canale.",
    "Wait until the contact writes START, or use another channel.": (
        "Attendi che il contatto scriva START, o usa un altro canale."
    ),
    "This sender cannot be answered.": "A questo mittente non si può rispondere.",
    "Reach the contact under another address.": "Raggiungi il contatto a un altro indirizzo.",
    "The conversation is closed.": "La conversazione è chiusa.",
    "Reopen it first.": "Riaprila prima.",
    "There is nothing to send.": "Non c'è nulla da inviare.",
    "Write a text or attach a file.": "Scrivi un testo o allega un file.",
    "Shorten it, or send it in two messages.": "Accorcialo, o invialo in due messaggi.",
    "Write, or attach a sound file.": "Scrivi, o allega un file audio.",
    "Send fewer.": "Inviane meno.",
    "Attach fewer.": "Allegane meno.",
    "This channel sends such files without text.": "Questo canale invia questi file senza testo.",
    "Send the text in its own message.": "Invia il testo in un messaggio a parte.",
    "This channel's plugin is set aside for a while; what you send waits until it is let in again.": (
        "Il plugin di questo canale è messo da parte per un po'; ciò che invii aspetta finché non viene riammesso."
    ),
    "Attach another type of file.": "Allega un altro tipo di file.",
    "Attach a smaller one.": "Allegane uno più piccolo.",
    "Search for at least one word.": "Cerca almeno una parola.",
    "This message is not unconfirmed any more; look at its state.": (
        "Questo messaggio non è più in dubbio; guarda il suo stato."
    ),
    "This contact has no address that this channel reaches.": (
        "Questo contatto non ha un indirizzo che questo canale raggiunge."
    ),
    "Wait for the contact to write.": "Attendi che il contatto scriva.",
    "The contact has just written; look again.": "Il contatto ha appena scritto; guarda di nuovo.",
    "This is not a place in a transcript; begin without one.": (
        "Questo non è un punto di una conversazione; comincia senza."
    ),
    "The time in which this contact may be answered freely is over.": (
        "Il tempo in cui si può rispondere liberamente a questo contatto è scaduto."
    ),
    "On this channel a conversation begins with the contact.": (
        "Su questo canale la conversazione la inizia il contatto."
    ),
    "This channel stands still until a manager repairs it; what you send waits.": (
        "Questo canale è fermo finché un responsabile non lo ripara; ciò che invii resta in attesa."
    ),
    "This channel has no voice notes.": "Questo canale non ha messaggi vocali.",
    "A reaction needs the message it is for.": "Una reazione ha bisogno del messaggio a cui si riferisce.",
    "The provider cannot be asked right now; try again in a moment.": (
        "Il fornitore non risponde in questo momento; riprova tra poco."
    ),
    "Something went wrong.": "Si è verificato un errore.",
    "Something went wrong here; it has been noted. Try again, and name the request id if it stays.": (
        "Si è verificato un errore; è stato registrato. Riprova e, se persiste, indica l'id della richiesta."
    ),
    "The database does not answer right now; try again in a moment.": (
        "Il database non risponde in questo momento; riprova tra poco."
    ),
    "There is no such thing, or it is not yours to see.": "Non esiste, o non puoi vederlo.",
    "There is no such path.": "Questo percorso non esiste.",
    "There is no such conversation, or it is not yours to see.": "Questa conversazione non esiste, o non puoi vederla.",
    "There is no such message, or it is not yours to see.": "Questo messaggio non esiste, o non puoi vederlo.",
    "There is no such inbox, or it is not yours to see.": "Questa casella non esiste, o non puoi vederla.",
    "There is no such channel, or it is not yours to see.": "Questo canale non esiste, o non puoi vederlo.",
    "There is no such team, or it is not yours to see.": "Questo gruppo non esiste, o non puoi vederlo.",
    "There is no such contact, or it is not yours to see.": "Questo contatto non esiste, o non puoi vederlo.",
    "There is no such attachment, or it is not yours to see.": "Questo allegato non esiste, o non puoi vederlo.",
    "The attachment is still being fetched; try again in a moment.": (
        "L'allegato è ancora in arrivo; riprova tra un momento."
    ),
    "The attachment could not be fetched.": "Non è stato possibile recuperare l'allegato.",
    "Sign in first: send a bearer token or the session cookie.": (
        "Accedi prima: invia un token bearer o il cookie di sessione."
    ),
    "The e-mail address or the password is wrong.": "L'indirizzo e-mail o la password sono errati.",
    "Too many attempts to sign in; wait before the next one.": (
        "Troppi tentativi di accesso; attendi prima di riprovare."
    ),
    "A browser sent this from another site; nothing was changed.": (
        "Un browser ha inviato questa richiesta da un altro sito; nulla è stato modificato."
    ),
    "Your role does not allow this; ask a manager.": "Il tuo ruolo non lo consente; chiedi a un responsabile.",
    "A manager has switched this off.": "Un responsabile ha disattivato questa funzione.",
    "Somebody else changed this first; read it again and decide anew.": (
        "Qualcun altro ha modificato prima di te; rileggi e decidi di nuovo."
    ),
    "You may read here, but not write to customers.": "Qui puoi leggere, ma non scrivere ai clienti.",
    "This agent may not answer customers.": "Questo operatore non può rispondere ai clienti.",
    "Somebody else was given this, or gave it away, at the same moment; try again.": (
        "Nello stesso momento è passata ad altri o è stata lasciata; riprova."
    ),
    "Somebody else took this conversation first.": "Qualcun altro ha preso prima questa conversazione.",
    "This Idempotency-Key was used for another request; use a new key for a new request.": (
        "Questa Idempotency-Key è stata usata per un'altra richiesta; usa una chiave nuova."
    ),
    "Send an Idempotency-Key header, a new one for each new message.": (
        "Invia un'intestazione Idempotency-Key, nuova per ogni messaggio."
    ),
    "An Idempotency-Key is 1 to 200 printable ASCII characters.": (
        "Una Idempotency-Key ha da 1 a 200 caratteri ASCII stampabili."
    ),
    "This message may not be sent.": "Questo messaggio non può essere inviato.",
    "The request's content is wrong.": "Il contenuto della richiesta è errato.",
    "This is not a cursor of this list; begin without one.": (
        "Questo non è un cursore di questa lista; comincia senza cursore."
    ),
    "The feed no longer holds what came after this cursor; load the lists anew and go on from the given cursor.": (
        "Il flusso non contiene più ciò che seguiva questo cursore; ricarica le liste e continua dal cursore indicato."
    ),
    "The file has no such part.": "Il file non ha questa parte.",
    "The body is not valid JSON.": "Il corpo non è JSON valido.",
    "The request could not be read.": "Non è stato possibile leggere la richiesta.",
    "This path does not take this method.": "Questo percorso non accetta questo metodo.",
    "The request is larger than this path takes.": "La richiesta è più grande di quanto questo percorso accetti.",
    "Send the body as application/json.": "Invia il corpo come application/json.",
    "Files of this type may not be sent.": "I file di questo tipo non possono essere inviati.",
    "You have too many tokens; revoke one you no longer need.": "Hai troppi token; revocane uno che non ti serve.",
    "A channel plugin failed; what it was to do is kept. See `casella doctor`.": (
        "Un plugin di canale si è guastato; ciò che doveva fare è conservato. Vedi `casella doctor`."
    ),
    "A channel plugin is set aside for a while; what it was to do is kept. See `casella doctor`.": (
        "Un plugin di canale è messo da parte per un po'; ciò che doveva fare è conservato. Vedi `casella doctor`."
    ),
    "The assistant is switched off; a manager can switch it on in the desk.": (
        "L'assistente è disattivato; un responsabile può attivarlo nel desk."
    ),
    "The assistant is switched off in this inbox.": "L'assistente è disattivato in questa casella.",
    "The organisation has not consented to the assistant's terms yet; a manager does that once.": (
        "L'organizzazione non ha ancora accettato le condizioni dell'assistente; lo fa un responsabile, una volta sola."
    ),
    "Today's budget of the assistant is used up; write by hand, or ask a manager for a larger one.": (
        "Il budget di oggi per l'assistente è esaurito; scrivi a mano, o chiedi a un responsabile di aumentarlo."
    ),
    "The assistant's provider cannot be reached right now; write by hand, or try again later.": (
        "Il fornitore dell'assistente non è raggiungibile in questo momento; scrivi a mano, o riprova più tardi."
    ),
    "There is no such tone.": "Questo tono non esiste.",
    "Say what the message is to say.": "Indica che cosa deve dire il messaggio.",
    "There is no draft to rewrite.": "Non c'è una bozza da riscrivere.",
    "Say how to rewrite it: tone, shorter, longer, grammar or translate.": (
        "Indica come riscriverla: tone, shorter, longer, grammar o translate."
    ),
    "Say into which language to translate.": "Indica in quale lingua tradurre.",
    "A message to leave out is not in this conversation.": (
        "Un messaggio da escludere non appartiene a questa conversazione."
    ),
    "There is no message of the customer to answer.": "Non c'è un messaggio del cliente a cui rispondere.",
    "There is no such proposal in this conversation.": "Questa proposta non esiste in questa conversazione.",
    "Say what it became: the text as it was sent.": "Indica che cosa è diventata: il testo inviato.",
    "These are not the current terms; read them again.": "Non sono le condizioni attuali; rileggile.",
    "A request with this Idempotency-Key is being answered; wait for it, or send it again in a moment.": (
        "Una richiesta con questa Idempotency-Key è in corso; attendi, o riprova tra poco."
    ),
    "The contact has opted out himself; only he can come back, by writing START.": (
        "Il contatto si è disiscritto da sé; solo lui può tornare, scrivendo START."
    ),
    "Nobody opts out of this kind of channel.": "Da questo tipo di canale non ci si disiscrive.",
    "The contact has opted out of messages from this sender.": (
        "Il contatto non vuole più ricevere messaggi da questo mittente."
    ),
    "Too many event streams are open; close one and try again.": (
        "Troppi flussi di eventi aperti; chiudine uno e riprova."
    ),
    "Choose a time between now and a year from now.": "Scegli un momento tra adesso e un anno da adesso.",
    "It would fail again; the reason beside it says why.": "Fallirebbe di nuovo; il motivo accanto dice perché.",
    "Only a closed conversation can be archived; close it first.": (
        "Si archivia solo una conversazione chiusa; chiudila prima."
    ),
    "Only a manager hands over what somebody else has.": "Solo un responsabile passa ad altri ciò che ha un collega.",
    "Only a message of the contact can be unread.": "Solo un messaggio del contatto può essere da leggere.",
    "Only a message that has failed can be sent again.": "Si invia di nuovo solo un messaggio fallito.",
    "There is no such agent to mention.": "Non c'è un operatore così da menzionare.",
    "There is no such message in this conversation.": "Questo messaggio non è in questa conversazione.",
    "There is no such team.": "Questo gruppo non esiste.",
    "There is no such view of yours.": "Non hai una vista così.",
    "This message is on its way already.": "Questo messaggio è già in partenza.",
    "This message was sent again before.": "Questo messaggio è già stato inviato di nuovo.",
    "You have a view of this name; choose another.": "Hai già una vista con questo nome; scegline un altro.",
    "You have written on at another place; look at what stands there before you replace it.": (
        "Hai continuato a scrivere altrove; guarda che cosa c'è prima di sostituirlo."
    ),
    "Call": "Chiama",
}
