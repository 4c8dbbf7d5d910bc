"""An approved answer is no leak: what is somebody's is taken out, and who repeats it is dropped."""

from __future__ import annotations

import pytest

from casella_assistant.impersonal import cleaned, impersonal, repeats, words_of

OWN = words_of(["Acme Shoes, Rome: we are open 9:00-18:00, call 800 123 456.", "Ask for the Premium plan."])
LEAKS = [
    ("Hello Maria, your parcel is on its way.", ["Maria"]),
    ("hi maria, it has been sent", ["maria"]),
    ("Dear MARIA ROSSI, thank you.", ["MARIA", "ROSSI"]),
    ("Maria's husband Giovanni may fetch it.", ["Maria", "Giovanni"]),
    ("Your wife Anna can sign; ask Karl-Heinz otherwise.", ["Anna", "Karl-Heinz"]),
    ("Giovanni can sign for it.", ["Giovanni"]),
    ("Order 48213 leaves today.", ["48213"]),
    ("Your code is AB-1234x.", ["1234", "AB-1234x"]),
    ("The card ends in 4 4 2 1.", ["4 4 2 1"]),
    ("Your booking K7Q2ZP is confirmed.", ["K7Q2ZP"]),
    ("You were born on 12/03/1980, weren't you?", ["12/03/1980", "1980"]),
    ("Born 3rd of March 1971: correct.", ["March 1971", "1971"]),
    ("Nata il 12 marzo 1980: confermato.", ["12 marzo 1980", "1980"]),
    ("We wrote to ada.love@example.com yesterday.", ["ada.love@example.com", "ada.love"]),
    ("We called +39 333 123 4567 twice.", ["333 123 4567", "4567"]),
    ("It goes to Via Garibaldi 12, Torino.", ["Garibaldi", "Torino"]),
    ("It goes to 221B Baker Street, London.", ["Baker Street", "London"]),
    ("Gentile Signor Bianchi, il rimborso è partito.", ["Bianchi"]),
    ("Il pacco è per Chiara e per suo figlio Leo.", ["Chiara", "Leo"]),
    ("Il codice fiscale RSSMRA80A01H501U è corretto.", ["RSSMRA80A01H501U"]),
    ("IBAN IT60X0542811101000000123456 received.", ["IT60X0542811101000000123456"]),
    ("Thanks \u200bMa\u00adria, all good.", ["Maria", "Ma\u00adria"]),
    ("Ｏrder ４８２１３ leaves.", ["48213", "４８２１３"]),
    ("Flight BA2490 with Mrs O'Neill.", ["BA2490", "O'Neill"]),
]
HARMLESS = [
    "Delivery takes two to three days.",
    "We are open 9:00-18:00 from Monday to Friday.",
    "You can return shoes within 30 days, free of charge.",
    "Please send us a photo, and we refund you at once.",
    "Ask for the Premium plan of Acme Shoes in Rome.",
    "La consegna richiede due giorni. Spediamo ogni lunedì.",
    "Grazie! Può restituire le scarpe entro 30 giorni.",
    "Unfortunately it is out of stock. Would you like another size?",
]


@pytest.mark.parametrize(("answer", "personal"), LEAKS)
def test_what_is_somebodys_is_taken_out(answer: str, personal: list[str]) -> None:
    kept = impersonal(answer, OWN, "IT", [("NAME", "Maria"), ("NAME", "Rossi"), ("ADDRESS", "+393331234567")])
    assert not [one for one in personal if one.casefold() in kept.casefold()], kept


@pytest.mark.parametrize("answer", HARMLESS)
def test_what_is_nobodys_stays_word_by_word(answer: str) -> None:
    assert impersonal(answer, OWN, "IT", [("NAME", "Maria")]) == answer


def test_numbers_of_the_business_are_its_own() -> None:
    assert cleaned("Call 800 123 456, not 800 123 457.", OWN).text == "Call 800 123 456, not [number]."


def test_what_was_cleaned_stays_as_it_is() -> None:
    for answer, _ in LEAKS:
        once = cleaned(answer, OWN).text
        assert cleaned(once, OWN).text == once


@pytest.mark.parametrize(("answer", "personal"), LEAKS)
def test_a_proposal_that_repeats_it_is_known(answer: str, personal: list[str]) -> None:
    """Of an answer that an older version kept as it was."""
    taken = cleaned(answer, OWN).taken
    if answer.startswith("hi maria"):
        assert taken == (), "in small letters only what is known of the contact is found, before it is kept"
        return
    assert repeats(f"Well: {answer}", taken, ["When does it come?"])
    assert not repeats(f"Well: {answer}", taken, [answer]), "who has said it himself may hear it"
    assert not repeats("Delivery takes two days.", taken, ["When does it come?"])
