"""What is personal or secret in a text: where it stands, and what it is.

Everything is looked for in the normalised text, in one sweep for each kind and within bounds, so that a text of twice
the length takes twice as long, whoever has written it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

Span = tuple[int, int, str]

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_AT, _DOT = r"(?:@|[\[({<]? ?(?:at|chiocciola) ?[\])}>]?)", r"(?:\.| ?[\[({<]? ?(?:dot|punto) ?[\])}>]? ?)"
_SPELT_EMAIL = re.compile(
    rf"(?i)(?<![\w.+-])[\w+-]{{1,64}}(?:\.[\w+-]{{1,64}}){{0,4}} ?{_AT} ?[\w-]{{1,63}}(?:{_DOT}[\w-]{{2,63}}){{1,4}}"
)
_SPELT = re.compile(r"(?i)[\[({<] ?(?:at|dot|chiocciola|punto) ?[\])}>]|\b(?:at|chiocciola) \S+ (?:dot|punto) ")
_SECRETS = tuple(
    re.compile(pattern)
    for pattern in (
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]{0,8000}?-----END [A-Z ]{0,30}PRIVATE KEY-----",
        r"\beyJ[\w-]{8,2000}\.[\w-]{8,4000}\.[\w-]{8,2000}",  # JSON Web Token
        r"\b(?:sk|pk|rk)[-_][\w-]{16,200}",
        r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b",
        r"\bgithub_pat_\w{20,255}|\bgh[pousr]_\w{20,255}|\bgl(?:pat|dt|rt|soat)-[\w-]{20,100}",
        r"\bxox[abeprs]-[\w-]{10,200}|\bxapp-[\w-]{10,200}",
        r"\bAIza[\w-]{35}|\bya29\.[\w-]{20,500}|\bGOCSPX-[\w-]{20,60}",
        r"\bSG\.[\w-]{16,40}\.[\w-]{16,80}|\bwhsec_\w{20,100}|\bnpm_\w{30,60}|\bhf_\w{30,60}|\bpypi-[\w-]{40,300}",
        r"\bdop_v1_[0-9a-f]{40,80}|\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{30,40}|\bSK[0-9a-f]{32}\b|\bAC[0-9a-f]{32}\b",
        r"\b\d{8,10}:AA[\w-]{30,40}",  # Telegram
        r"\bcsl_[\w-]{20,100}",
        r"(?i)\bAccountKey=([\w+/=]{20,200})",
        r"(?i)\baws.{0,30}?secret.{0,30}?[:= ]([\w+/]{40})(?![\w+/])",
        r"(?i)\bbearer\s{1,3}([\w.~+/=-]{8,2000})",
        r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,100}:([^\s/@]{1,200})@",
        r"(?i)\b(?:pass ?phrase|recovery phrase|seed phrase|frase segreta|frase di recupero)\b"
        r"(?:\s{0,3}[:=]\s{0,3}|\s{1,3}(?:is|è|e'|was|era)\s{1,3})[\"']?([^\n\"'.;]{3,200})",
        r"(?i)\b(?:password|passwort|passcode|passwd|pwd|kennwort|contraseña|mot de passe|parola d'ordine|parola chiave"
        r"|api[ _-]?key|chiave api|access[ _-]?token|secret|pin|cvv2?|cvc2?|otp|tan|puk"
        r"|codice (?:pin|segreto|di sicurezza|di accesso|di verifica|otp)"
        r"|security code|verification code|chiave segreta)\b"
        r"(?: (?:code|number|codice|nuova|new|attuale|temporanea))?"
        r"(?:\s{0,3}(?:[:=]|->|=>)\s{0,3}|\s{1,3}(?:is|ist|è|e'|es|est|was|era|sarebbe)\s{1,3}(?:now |ora )?)"
        r"[\"']?([^\s\"']{3,200})",
        r"(?i)\b(?:pin|cvv2?|cvc2?|otp|tan|puk|security code|codice di sicurezza|codice pin)\b:? {1,2}(\d{3,8})\b",
    )
)
_TAX_CODES = (
    re.compile(
        r"(?i)(?<![a-z0-9])[a-z]{3} ?[a-z]{3} ?[0-9lmnpqrstuv]{2} ?[a-ehlmprst] ?[0-9lmnpqrstuv]{2} ?[a-z]"
        r" ?[0-9lmnpqrstuv]{3} ?[a-z](?![a-z0-9])"
    ),
    re.compile(r"(?<![\d-])(?!000|666|9\d\d)\d{3}[- ](?!00)\d{2}[- ](?!0000)\d{4}(?![\d-])"),
)
_NAME_OF_STREET = r"(?:[A-ZÀ-Þ0-9][\w'.-]{0,30}|de[ilagl]{0,3}|d[aei]|of|the|e|san|von)"
_STREETS = (
    re.compile(
        rf"\b\d{{1,5}}[a-zA-Z]?,? (?:{_NAME_OF_STREET} ){{1,4}}(?i:street|st|road|rd|avenue|ave|lane|ln|drive|dr"
        r"|boulevard|blvd|way|court|ct|square|sq|place|pl|terrace|close|crescent)\b\.?"
    ),
    re.compile(
        r"\b(?i:via|viale|v\.le|piazza|p\.zza|piazzale|corso|c\.so|largo|vicolo|strada|contrada|lungarno|lungotevere|salita)"
        rf" (?:{_NAME_OF_STREET} ){{0,4}}{_NAME_OF_STREET},? (?i:n\.? ?|numero |num\.? ?)?\d{{1,4}}(?:/?[a-zA-Z])?\b"
    ),
    re.compile(r"\b[A-ZÄÖÜ][a-zäöüß-]{1,30}(?:straße|strasse|str\.|weg|platz|gasse|allee) \d{1,4}[a-z]?\b"),
)
_BETWEEN = r"[ .,:;|/_()*'-]{0,3}"
_DIGITS = re.compile(rf"\d(?:{_BETWEEN}\d){{12,400}}")
_IBAN_BEGINS = re.compile(r"(?i)[a-z]{2}" + _BETWEEN + r"\d" + _BETWEEN + r"\d")
_IBAN_LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
    "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27, "LI": 21,
    "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24,
    "SI": 19, "SK": 24, "SM": 27, "TR": 26, "VA": 22, "AE": 23, "SA": 24, "BR": 29, "IL": 23, "UA": 29,
}  # fmt: skip
_CARD_LENGTHS = {"4": (16, 13, 19), "5": (16,), "2": (16,), "3": (15, 16, 14), "6": (16, 19)}
_CARD_BEGINS = re.compile(
    r"4|5[0-8]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|3(?:0[0-5]|[68])|35(?:2[89]|[3-8])|6(?:011|4[4-9]|5|2|[0379])"
)


def secrets(text: str) -> Iterator[Span]:
    """Keys, tokens, and what stands behind a word like "password"."""
    for pattern in _SECRETS:
        for found in pattern.finditer(text):
            group = 1 if pattern.groups else 0
            yield found.start(group), found.end(group), "SECRET"


def emails(text: str) -> Iterator[Span]:
    if "@" in text:
        yield from ((found.start(), found.end(), "EMAIL") for found in _EMAIL.finditer(text))
    if _SPELT.search(text):
        yield from ((found.start(), found.end(), "EMAIL") for found in _SPELT_EMAIL.finditer(text))


def places(text: str) -> Iterator[Span]:
    """Codes of the tax office, and addresses of streets."""
    for pattern in _TAX_CODES:
        yield from ((found.start(), found.end(), "TAXCODE") for found in pattern.finditer(text))
    for pattern in _STREETS:
        yield from ((found.start(), found.end(), "STREET") for found in pattern.finditer(text))


def ibans(text: str) -> Iterator[Span]:
    """At every place, glued to other letters too: the country says how long each is. Of countries that are not in the
    table, where it stands alone."""
    for found in _IBAN_BEGINS.finditer(text):
        begin = found.start()
        where = _alphanumerics(text, begin, 34)
        length = _IBAN_LENGTHS.get("".join(text[at] for at in where[:2]).upper())
        alone = (begin == 0 or not text[begin - 1].isalnum()) and text[begin : begin + 4].isalnum()
        for wanted in (length,) if length else range(len(where), 14, -1) if alone else ():
            written = "".join(text[at] for at in where[:wanted])
            if len(written) == wanted and is_iban(written):
                yield begin, where[wanted - 1] + 1, "IBAN"
                break


def _alphanumerics(text: str, begin: int, most: int) -> list[int]:
    """Where the next letters and digits stand, with no more than three other signs between two of them."""
    found: list[int] = []
    gap = 0
    for at in range(begin, min(len(text), begin + 4 * most)):
        if text[at].isascii() and text[at].isalnum():
            found.append(at)
            gap = 0
            if len(found) == most:
                break
        elif gap == 3 or text[at] not in " .,:;|/_()*'-":
            break
        else:
            gap += 1
    return found


def cards(text: str) -> Iterator[Span]:
    """Wherever they begin in a row of digits: those of every issuer, and rows that are one as a whole."""
    for row in _DIGITS.finditer(text):
        where = [at for at in range(row.start(), row.end()) if text[at].isdigit()]
        digits = "".join(text[at] for at in where)
        if is_card(digits):
            yield row.start(), row.end(), "CARD"
            continue
        at = 0
        while at <= len(digits) - 13:
            length = _card_at(digits, where, at)
            if length:
                yield where[at], where[at + length - 1] + 1, "CARD"
            at += length or 1


def _card_at(digits: str, where: list[int], at: int) -> int:
    """The length of the card that begins here; 0: none does. One shorter than sixteen stands by itself."""
    if not _CARD_BEGINS.match(digits, at):
        return 0
    for length in _CARD_LENGTHS[digits[at]]:
        end = at + length
        if end > len(digits) or not is_card(digits[at:end]):
            continue
        alone = (at == 0 or where[at] - where[at - 1] > 1) and (end == len(digits) or where[end] - where[end - 1] > 1)
        if alone or length == 16 or (length == 15 and digits[at : at + 2] in ("34", "37")):
            return length
    return 0


def is_card(written: str) -> bool:
    """Whether the digits fulfil Luhn's formula, which every payment card does."""
    digits = [int(character) for character in written if character.isascii() and character.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0


def is_iban(written: str) -> bool:
    """Whether the check digits are right: the number, its first four moved behind, is 1 modulo 97."""
    plain = re.sub(r"[ -]", "", written).upper()
    if not 15 <= len(plain) <= 34 or not plain.isascii():
        return False
    moved = plain[4:] + plain[:4]
    return int("".join(str(int(character, 36)) for character in moved)) % 97 == 1


def without_overlaps(spans: Iterable[Span], length: int) -> list[Span]:
    """In order of place; earlier findings win over later ones. One look at what is taken for each, and no list of them
    is gone through again and again."""
    taken = bytearray(length)
    kept: list[Span] = []
    for start, stop, kind in spans:
        if start < stop and taken.find(1, start, stop) < 0:
            taken[start:stop] = b"\x01" * (stop - start)
            kept.append((start, stop, kind))
    return sorted(kept)
