"""Sentences that only managers and admins meet, in Italian, by the English ones."""

from __future__ import annotations

from collections.abc import Mapping

ITALIAN_OF_MANAGERS: Mapping[str, str] = {
    "There is no such setting.": "Questa impostazione non esiste.",
    "There is no such setting of this inbox.": "Questa casella non ha un'impostazione così.",
    "The desk does not take this value.": "Il desk non accetta questo valore.",
    "This belongs to other inboxes, too; a manager of all of them changes it.": (
        "Riguarda anche altre caselle; lo modifica un responsabile di tutte."
    ),
    "This inbox has no office hours of its own; name them in desk.yaml.": (
        "Questa casella non ha un orario di apertura suo; indicalo in desk.yaml."
    ),
    "Write a date such as 2026-12-24.": "Scrivi una data come 2026-12-24.",
    "This cannot be a key.": "Questa non può essere una chiave.",
    "The desk's file is written in a way in which this value cannot be changed alone; change it in the folder.": (
        "Il file del desk è scritto in un modo in cui questo valore non si può cambiare da solo; modificalo nella "
        "cartella."
    ),
    "Another desk came into use meanwhile; try again.": "Nel frattempo è in uso un altro desk; riprova.",
    "Customers of this inbox are not asked; a manager has switched surveys off.": (
        "Ai clienti di questa casella non si chiede; un responsabile ha disattivato i sondaggi."
    ),
    "There is no such campaign, or it is not yours to see.": "Questa campagna non esiste, o non puoi vederla.",
    "This campaign has been scheduled; only a draft can be changed.": (
        "Questa campagna è già programmata; si cambia solo una bozza."
    ),
    "This campaign cannot be sent as it is.": "Questa campagna non si può inviare così com'è.",
    "This channel has no templates; write a text.": "Questo canale non ha modelli; scrivi un testo.",
    "On this channel a campaign is an approved template.": "Su questo canale una campagna è un modello approvato.",
    "On this channel conversations begin with the contact.": (
        "Su questo canale è il contatto a iniziare le conversazioni."
    ),
    "A campaign cannot fill this variable in.": "Una campagna non può compilare questa variabile.",
    "Say why this may go to who has not agreed to marketing.": (
        "Scrivi perché si può inviare a chi non ha dato il consenso al marketing."
    ),
    "The text cannot be filled in.": "Il testo non si può compilare.",
    "Say whom it is for.": "Scrivi per chi è.",
    "Marketing keeps quiet hours; say which.": "Il marketing rispetta le ore di silenzio; scrivi quali.",
    "Quiet hours begin and end at a quarter of an hour, such as 20:00.": (
        "Le ore di silenzio iniziano e finiscono al quarto d'ora, per esempio alle 20:00."
    ),
    "A campaign is for 20000 people at most.": "Una campagna è per 20000 persone al massimo.",
    "This is no template.": "Questo non è un modello.",
    "A value of the template is empty, or longer than a template takes.": (
        "Un valore del modello è vuoto, o più lungo di quanto un modello ammetta."
    ),
    "This campaign is not being sent; look at its state.": "Questa campagna non è in corso; guarda il suo stato.",
    "This campaign is not paused; look at its state.": "Questa campagna non è in pausa; guarda il suo stato.",
    "This campaign has ended.": "Questa campagna è finita.",
    "The channel stands still; a manager resumes it first.": "Il canale è fermo; prima un responsabile lo riattiva.",
    "The provider has not approved this template.": "Il fornitore non ha approvato questo modello.",
    "This is a marketing template; its campaign is marketing, too.": (
        "Questo è un modello di marketing; anche la sua campagna è di marketing."
    ),
    "It begins at a time to come, within a year.": "Inizia in un momento futuro, entro un anno.",
    "Somebody has paused it.": "Qualcuno l'ha messa in pausa.",
    "Its people cannot be written down; see the log.": (
        "Non si riesce ad annotare le persone; vedi il registro del server."
    ),
    "It cannot go on; the log says why.": "Non può continuare; il registro del server dice perché.",
    "The contact has not agreed to marketing messages.": "Il contatto non ha dato il consenso a messaggi di marketing.",
    "Ask him first, or send what is no marketing.": "Prima chiediglielo, o invia ciò che non è marketing.",
    "There is no such subscription.": "Questa sottoscrizione non esiste.",
    "There is no such letter, or it is not yours to see.": "Questa lettera non esiste, o non puoi vederla.",
    "This subscription is off; switch it on first.": "Questa sottoscrizione è disattivata; prima riattivala.",
    "This letter is on its way already.": "Questa lettera è già in viaggio.",
    "There are 50 subscriptions; end one first.": "Ci sono 50 sottoscrizioni; prima chiudine una.",
    "Letters go to an https address, without a name or password in it.": (
        "Le lettere vanno a un indirizzo https, senza nome né password."
    ),
    "Webhooks that were set aside name this person, and others' messages may be in them. Read them first "
    "(`casella replay`), then erase again.": (
        "Dei webhook messi da parte nominano questa persona, e possono contenere messaggi di altri. Prima leggili "
        "(`casella replay`), poi cancella di nuovo."
    ),
    "There is nothing like this to be tried again.": "Non c'è niente così da ritentare.",
    "Its plugin was set aside.": "Il suo plugin era stato messo da parte.",
    "Its plugin fails at it.": "Il suo plugin non ci riesce.",
    "It waited behind another one.": "Aspettava dietro a un altro.",
    "Its connection cannot be used.": "La sua connessione non si può usare.",
    "The last day lies before the first.": "L'ultimo giorno viene prima del primo.",
    "A report is about 366 days at most.": "Un rapporto riguarda al massimo 366 giorni.",
    "There is nothing to tell of these days.": "Di questi giorni non c'è niente da raccontare.",
    "Its last 20 messages have all failed: look at why before it goes on.": (
        "I suoi ultimi 20 messaggi sono tutti falliti: guardare perché, prima di farla continuare."
    ),
    "The desk has no such office hours.": "Il desk non ha un orario di apertura così.",
    "This is too much for one report; choose fewer days, or one inbox.": (
        "È troppo per un solo rapporto; scegli meno giorni, o una sola casella."
    ),
    "This installation cannot write Parquet; ask for CSV, or the operator for casella[parquet].": (
        "Questa installazione non può scrivere Parquet; chiedi il CSV, o al gestore casella[parquet]."
    ),
    "A backup was restored: some of the people may have been written to after it was made.": (
        "È stata ripristinata una copia di sicurezza: dopo, ad alcuni potrebbe essere già stato scritto."
    ),
}
