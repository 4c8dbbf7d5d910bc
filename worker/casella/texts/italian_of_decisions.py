"""Why rules did not do something, and why somebody did not get a conversation, in Italian, by the English."""

from __future__ import annotations

from collections.abc import Mapping

ITALIAN_OF_DECISIONS: Mapping[str, str] = {
    "is not in the team": "non è nel gruppo",
    "is not a member of the inbox": "non è membro della casella",
    "may not reply": "non può rispondere",
    "has the queue switched off": "non prende nuove conversazioni",
    "does not want to be disturbed": "non vuole essere disturbato",
    "is outside working hours": "è fuori dall'orario di lavoro",
    "lacks a skill that was asked for": "non ha una capacità richiesta",
    "has as many conversations as allowed": "ha già tutte le conversazioni che può avere",
    "has as many conversations of this channel type as allowed": (
        "ha già tutte le conversazioni che può avere su questo tipo di canale"
    ),
    "has as many conversations of this inbox as allowed": (
        "ha già tutte le conversazioni che può avere di questa casella"
    ),
    "did not answer it in time": "non ha risposto in tempo",
    "was given one more recently": "ne ha ricevuta una più di recente",
    "has a later turn": "il suo turno viene dopo",
    "has more open conversations": "ha più conversazioni aperte",
    "has open conversations that weigh more": "ha conversazioni aperte che pesano di più",
    "is just as free; only one can get it": "è altrettanto libero; può averla uno solo",
    "did not serve this contact last": "non è l'ultimo che ha servito questo contatto",
    "is left to choose by hand": "si sceglie a mano",
    "was ranked lower by the plugin's strategy": "la strategia del plugin lo mette più in basso",
    "that agent takes no work now": "quell'operatore ora non prende lavoro",
    "a rule before it has assigned the conversation": "una regola precedente ha già assegnato la conversazione",
    "the conversation is closed already": "la conversazione è già chiusa",
    "the conversation is open already": "la conversazione è già aperta",
    "the customer wants no messages already": "il cliente già non vuole messaggi",
    "the conversation is in that inbox already": "la conversazione è già in quella casella",
    "that time has come already": "quel momento è già arrivato",
    "the customer has another open conversation on this channel": (
        "il cliente ha un'altra conversazione aperta su questo canale"
    ),
    "a file is larger than the channel takes": "un file è più grande di quanto il canale accetta",
    "the channel does not take files of this type": "il canale non accetta file di questo tipo",
    "a manager has switched off the replies of rules in this inbox": (
        "un responsabile ha disattivato le risposte delle regole in questa casella"
    ),
    "the message could not be filled in": "non si è potuto compilare il messaggio",
    "a value of the message is not known, and the text has no default for it": (
        "un valore del messaggio non è noto, e il testo non ne ha uno di riserva"
    ),
    "the filled message is too long": "il messaggio compilato è troppo lungo",
    "the channel takes less text beside a file": "accanto a un file il canale accetta meno testo",
    "the channel is not connected": "il canale non è collegato",
    "the customer wants no messages from this sender": "il cliente non vuole messaggi da questo mittente",
    "the conversation is closed": "la conversazione è chiusa",
    "there was nothing to send": "non c'era niente da inviare",
    "somebody has the conversation already, and rules take no work out of hands": (
        "la conversazione è già di qualcuno, e le regole non tolgono lavoro di mano"
    ),
    "nobody has the conversation": "la conversazione non è di nessuno",
    "those office hours never open": "quell'orario non apre mai",
    "the message was not written by an agent": "il messaggio non l'ha scritto un operatore",
    "the channel sends such files without text": "il canale invia questi file senza testo",
    "there is no conversation": "non c'è una conversazione",
    "the plugin that brings this action is not installed": "il plugin di questa azione non è installato",
    "nobody is there to be told": "non c'è nessuno da avvisare",
    "this sender cannot be answered": "a questo mittente non si può rispondere",
    "the time is over in which this customer may be answered freely": (
        "è finito il tempo in cui a questo cliente si risponde liberamente"
    ),
    "the message came from one of the desk's own numbers": "il messaggio viene da un numero del desk stesso",
    "the provider answers STOP, START and HELP itself": "a STOP, START e HELP risponde il fornitore",
    "it was written before the number went to somebody else": (
        "è stato scritto prima che il numero passasse a qualcun altro"
    ),
    "it has been put into the queue since that agent wrote": (
        "da quando quell'operatore ha scritto è stata messa in coda"
    ),
    "its rule was removed or switched off meanwhile": "nel frattempo la sua regola è stata tolta o disattivata",
    "the message may not be sent": "il messaggio non si può inviare",
    "that agent is not of that inbox any more, or may not answer customers": (
        "quell'operatore non è più di quella casella, o non può rispondere ai clienti"
    ),
    "surveys are not in the plan of this inbox": "i sondaggi non sono nel piano di questa casella",
    "a manager has switched off the surveys of this inbox": (
        "un responsabile ha disattivato i sondaggi di questa casella"
    ),
    "this conversation has been asked already": "in questa conversazione si è già chiesto",
    "the text is longer than the channel takes": "il testo è più lungo di quanto il canale accetta",
    "the channel takes fewer files in one message": "il canale accetta meno file in un messaggio",
    "that agent is not in the desk any more": "quell'operatore non è più nel desk",
    "that inbox is not in the desk any more": "quella casella non è più nel desk",
    "that survey is not in the desk": "quel sondaggio non è nel desk",
    "that team is not in the desk any more": "quel gruppo non è più nel desk",
    "that webhook is not in the desk": "quel webhook non è nel desk",
    "the channel has no voice notes": "il canale non ha note vocali",
    "the rule only watches": "la regola osserva soltanto",
    "failed": "fallita",
    "waits": "aspetta",
    "its turn has not come yet": "non è ancora il suo turno",
}
