"""Sentences about signing in by a provider, in Italian, by the English ones."""

from __future__ import annotations

from collections.abc import Mapping

SIGN_IN: Mapping[str, str] = {
    "Nobody signs in with a password here: take the button that leads to your sign-in provider.": (
        "Qui non si accede con una password: usa il pulsante che porta al tuo fornitore di accesso."
    ),
    "The sign-in provider does not answer right now; try again in a moment.": (
        "Il fornitore di accesso non risponde in questo momento; riprova tra un attimo."
    ),
    "What the sign-in provider answered cannot be trusted; tell whoever runs this server.": (
        "La risposta del fornitore di accesso non è affidabile; avvisa chi gestisce questo server."
    ),
    "This sign-in was not begun in this browser, was used already, or was begun too long ago; begin again.": (
        "Questo accesso non è iniziato in questo browser, è già stato usato o è iniziato da troppo tempo; ricomincia."
    ),
    "The sign-in provider did not let you in; begin again, or ask whoever looks after your account there.": (
        "Il fornitore di accesso non ti ha fatto entrare; ricomincia, o chiedi a chi gestisce il tuo account."
    ),
    "The sign-in provider does not vouch for your e-mail address; confirm it there, or take another account.": (
        "Il fornitore di accesso non garantisce il tuo indirizzo e-mail; confermalo lì, o usa un altro account."
    ),
    "Nobody of this desk has the e-mail address of the account you took; take another one, or ask a manager.": (
        "Nessuno qui ha l'indirizzo e-mail dell'account che hai usato; usane un altro, o chiedi a un responsabile."
    ),
    "Type the code of your authenticator app, or one of your recovery codes.": (
        "Scrivi il codice della tua app di autenticazione, o uno dei codici di recupero."
    ),
    "This code is wrong, was used before, or is too old; type the next one.": (
        "Questo codice è errato, già usato o troppo vecchio; scrivi il prossimo."
    ),
    "You have a second factor already; remove it first, or ask an admin.": (
        "Hai già un secondo fattore; rimuovilo prima, o chiedi a un amministratore."
    ),
    "There is no second factor that counts; set one up first.": (
        "Non c'è un secondo fattore attivo; configurane prima uno."
    ),
    "Begin to set up a second factor first.": "Comincia prima a configurare un secondo fattore.",
    "This agent has no second factor.": "Questo operatore non ha un secondo fattore.",
}
