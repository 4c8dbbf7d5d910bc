"""Personal values as people write them (issue 17.7): a few values, in more than two hundred spellings."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casella_assistant.findings import without_overlaps
from casella_assistant.masking import Masks
from casella_assistant.plain_text import plain
from tests.budget import tries

CARDS = ("4111111111111111", "5500000000000004", "378282246310005", "6011111111111117", "2223003122003222")
IBANS = (
    "DE89370400440532013000",
    "IT60X0542811101000000123456",
    "GB29NWBK60161331926819",
    "FR1420041010050500013M02606",
)
BETWEEN = (" ", "-", ".", "\u202f", "\u00a0", "\u2009", "\u2013", "\u2212", " - ", "/", "\u200b", "\u00b7", ", ", "_")
ARABIC, FULL = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"), str.maketrans("0123456789", "０１２３４５６７８９")
DEVANAGARI = str.maketrans("0123456789", "०१२३४५६७८९")


def grouped(value: str, between: str, size: int = 4) -> str:
    return between.join(value[at : at + size] for at in range(0, len(value), size))


NUMBERS = [
    *((grouped(card, between), "card") for card, between in product(CARDS, BETWEEN)),
    *((grouped(iban, between), "iban") for iban, between in product(IBANS, BETWEEN)),
    *((card.translate(script), "card") for card, script in product(CARDS, (ARABIC, FULL, DEVANAGARI))),
    *((card, "card") for card in CARDS),
    *((iban.lower(), "iban") for iban in IBANS),
    ("+39\u202f06\u202f6982\u202f1234", "phone"),
    ("+39\u00a006\u00a06982\u00a01234", "phone"),
    ("+39\u200906\u20096982\u20091234", "phone"),
    ("06\u20116982\u20111234", "phone"),
    ("+1\u2007(202)\u2007555\u20110143", "phone"),
    ("＋３９ ０６ ６９８２ １２３４", "phone"),
    ("+39 06\u00ad6982 1234", "phone"),
]
WORDS = [
    ("ann (at) example (dot) com", "email"),
    ("ann [at] example [dot] com", "email"),
    ("ann.lee (at) example.co.uk", "email"),
    ("ann at example dot com", "email"),
    ("ann chiocciola esempio punto it", "email"),
    ("ann (chiocciola) esempio.it", "email"),
    ("ann＠example.com", "email"),
    ("ann@exa\u200bmple.com", "email"),
    ("RSSMRA85T10A562S", "taxcode"),
    ("rssmra85t10a562s", "taxcode"),
    ("RSS MRA 85T10 A562S", "taxcode"),
    ("RSSMRA85T10A56NH", "taxcode"),
    ("078-05-1120", "taxcode"),
    ("078 05 1120", "taxcode"),
    ("078\u201105\u20111120", "taxcode"),
    ("12 Baker Street", "street"),
    ("221b Baker St", "street"),
    ("1600 Pennsylvania Avenue", "street"),
    ("10 Upper King Rd", "street"),
    ("via Garibaldi 12", "street"),
    ("Via Giuseppe Verdi, 4/b", "street"),
    ("piazza della Repubblica 1", "street"),
    ("Corso Italia n. 15", "street"),
    ("viale dei Mille 7", "street"),
    ("Hauptstraße 5", "street"),
    ("Bahnhofstr. 12a", "street"),
]
SECRETS = [
    ("my password is hunter22", "hunter22"),
    ("my password was hunter22", "hunter22"),
    ("la mia password è gattino9", "gattino9"),
    ("la password e' gattino9", "gattino9"),
    ("Password nuova: gattino9", "gattino9"),
    ("parola d\u2019ordine: gattino9", "gattino9"),
    ("parola chiave = gattino9", "gattino9"),
    ("il PIN è 4821", "4821"),
    ("pin 4821", "4821"),
    ("PIN: ٤٨٢١", "٤٨٢١"),
    ("cvv 123", "123"),
    ("CVC2: 123", "123"),
    ("codice di sicurezza 123", "123"),
    ("security code 123", "123"),
    ("codice segreto: 99812", "99812"),
    ("OTP 482193", "482193"),
    ("puk 12345678", "12345678"),
    ("passphrase is correct horse battery staple", "correct horse battery staple"),
    ("la passphrase è cavallo corretto graffetta", "cavallo corretto graffetta"),
    ("recovery phrase: apple banana cherry date", "apple banana cherry date"),
    ("api key -> abcd-1234-efgh", "abcd-1234-efgh"),
    ("chiave api: abcd-1234-efgh", "abcd-1234-efgh"),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz", "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuvwxyz"),
    ("glpat-abcdefghij0123456789", "glpat-abcdefghij0123456789"),
    ("npm_abcdefghijklmnopqrstuvwxyz0123456789", "npm_abcdefghijklmnopqrstuvwxyz0123456789"),
    ("hf_abcdefghijklmnopqrstuvwxyz01234567", "hf_abcdefghijklmnopqrstuvwxyz01234567"),
    ("SG.abcdefghijklmnop.abcdefghijklmnopqrstuvwxyz", "SG.abcdefghijklmnop.abcdefghijklmnopqrstuvwxyz"),
    ("xapp-1-A012345-abcdef", "xapp-1-A012345-abcdef"),
    ("whsec_abcdefghijklmnopqrstuvwx", "whsec_abcdefghijklmnopqrstuvwx"),
    ("dop_v1_" + "0123456789abcdef" * 4, "dop_v1_" + "0123456789abcdef" * 4),
    ("123456789:AAabcdefghijklmnopqrstuvwxyz01234567", "123456789:AAabcdefghijklmnopqrstuvwxyz01234567"),
    ("AccountKey=abcdefghijklmnopqrstuvwxyz0123456789==", "abcdefghijklmnopqrstuvwxyz0123456789=="),
]
CORPUS = [*((value, value, kind) for value, kind in [*NUMBERS, *WORDS]), *((t, v, "secret") for t, v in SECRETS)]
AROUND = ("{}", "here: {}.", "Hello, {} thanks", "({})", "a\n{}\nb")
ORDINARY = [
    "I am at home, dot the i", "meet at 10:30 on 2026-11-23", "my order 12345678901 is late", "look at me",
    "via e-mail", "drive 5 km", "the way is long", "pin it on the wall", "a secret place", "12 monkeys",
    "corso di cucina",
    "size 42 or 43", "v. 1.2.3.4", "is the password wrong?", "5 stars", "100-200-3000 pieces", "la strada è lunga",
]  # fmt: skip


def test_there_are_two_hundred() -> None:
    assert len(CORPUS) >= 200


@pytest.mark.parametrize(("text", "value", "kind"), CORPUS, ids=lambda one: one[:30])
def test_it_is_kept_back_and_comes_back(text: str, value: str, kind: str) -> None:
    for around in AROUND:
        written = around.format(text)
        masks = Masks("IT")
        masked = masks.mask(written)
        assert value not in masked, masked
        assert kind in masks.counts, (masked, masks.counts)
        left = [one for one in plain(masked.replace("\u27e6", " ")).text.split() if one in plain(value).text.split()]
        assert not [one for one in left if any(character.isdigit() for character in one) and len(one) > 2], masked
        assert masks.restore(masked) == written


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_words_stay(text: str) -> None:
    assert Masks("IT").mask(text) == text


@pytest.mark.parametrize("before", ["", "1", "12 ", "order 99", "0-", "7777 "])
@pytest.mark.parametrize("behind", ["", " 12/27", " 123", "-9", " 0000"])
def test_a_card_is_found_wherever_it_begins(before: str, behind: str) -> None:
    assert "4111111111111111" not in Masks("IT").mask(f"{before}4111111111111111{behind}")


@settings(max_examples=tries(200))
@given(st.text(st.sampled_from("49 -.(@aT0٤\u200b\u202fé⟦⟧:/viaPIN"), max_size=120))
def test_whatever_is_masked_comes_back(text: str) -> None:
    masks = Masks("IT")
    assert masks.restore(masks.mask(text)) == text


ADVERSARIAL = ("4 ", "4", "a@", "it60 ", "password: ", "via A ", "1-", "eyJ", "(at) ", "12 A ", "\u200b", "sk-", "://")


@pytest.mark.parametrize("unit", ADVERSARIAL)
def test_what_is_looked_at_grows_with_the_text_and_no_faster(unit: str) -> None:
    """Counted, not timed: the spans that are looked at, and the characters in them (issue 17.6)."""

    def work(times: int) -> int:
        text = unit * times
        spans = list(Masks("IT")._found(text))
        without_overlaps(spans, len(text))
        return sum(stop - start for start, stop, _ in spans) + len(spans)

    small, large = work(400), work(1600)
    assert large <= 5 * small + 400
