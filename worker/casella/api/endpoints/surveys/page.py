"""The page on which a customer answers a survey: one small document without scripts, pictures or anything else that
is fetched, in English or Italian."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from html import escape

from casella.inbox.commands import surveying

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "Your opinion", "scale": "From {} (bad) to {} (good)", "up": "Good", "down": "Not good",
        "comment": "Anything else? (not needed)", "words": "Your answer", "send": "Send", "again": "Change the answer",
        "thanks": "Thank you, your answer has arrived.", "until": "You can change it until {}.",
        "gone": "This link is no longer valid.",
        "gone_more": "The time for an answer is over, or the link is not whole.",
        "missing": "Choose an answer first.", "missing_words": "Write an answer first.", "date": "{d} {m} {y}",
    },
    "it": {
        "title": "La tua opinione", "scale": "Da {} (male) a {} (bene)", "up": "Bene", "down": "Non bene",
        "comment": "Altro? (facoltativo)", "words": "La tua risposta", "send": "Invia", "again": "Cambia la risposta",
        "thanks": "Grazie, la tua risposta è arrivata.", "until": "Puoi cambiarla fino al {}.",
        "gone": "Questo link non è più valido.",
        "gone_more": "Il tempo per rispondere è finito, oppure il link non è completo.",
        "missing": "Prima scegli una risposta.", "missing_words": "Prima scrivi una risposta.", "date": "{d} {m} {y}",
    },
}  # fmt: skip
_MONTHS = {
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    "it": [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
}
_STYLE = """
:root { color-scheme: light dark; --ground: #f6f6f4; --card: #fff; --ink: #1d1f23; --soft: #5c6068; --line: #c9cbd0;
  --mark: #1f5fbf; --on-mark: #fff; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --ground: #16181c; --card: #202329; --ink: #eceef1; --soft: #a6abb5;
  --line: #4a4f59; --mark: #8ab4f8; --on-mark: #10213a; --bad: #ffb4ab } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; padding: 16px; display: grid; place-items: center; background: var(--ground);
  color: var(--ink); font: 17px/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 34rem; padding: 24px; background: var(--card); border-radius: 12px;
  border: 1px solid var(--line) }
h1 { margin: 0 0 16px; font-size: 1.25rem; line-height: 1.35; white-space: pre-line; overflow-wrap: anywhere }
p { margin: 0 0 16px } .soft, legend { color: var(--soft) } .bad { color: var(--bad) }
fieldset { margin: 0 0 16px; padding: 0; border: 0 } legend { padding: 0; margin-bottom: 8px }
.choices { display: grid; gap: 8px; grid-template-columns: repeat(auto-fit, minmax(36px, 1fr)) }
.thumbs { grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)) } .choices label { position: relative }
.choices input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0; cursor: pointer }
.choices span { display: flex; align-items: center; justify-content: center; min-height: 48px;
  padding: 4px; border: 1px solid var(--line); border-radius: 8px; font-weight: 600 }
.choices input:checked + span { background: var(--mark); border-color: var(--mark); color: var(--on-mark) }
.choices input:focus-visible + span { outline: 3px solid var(--mark); outline-offset: 2px }
.words { display: block; margin-bottom: 16px; color: var(--soft) }
textarea { display: block; width: 100%; margin-top: 8px; padding: 8px; font: inherit; color: var(--ink);
  background: var(--card); border: 1px solid var(--line); border-radius: 8px; resize: vertical }
button { width: 100%; min-height: 48px; font: inherit; font-weight: 600; color: var(--on-mark); background: var(--mark);
  border: 0; border-radius: 8px; cursor: pointer }
textarea:focus-visible, button:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px }
"""
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def language_of(locale: str | None, accepted: str) -> str:
    """The contact's, as far as it is known; else what his browser says."""
    known = [locale or "", *(part.strip() for part in accepted.split(","))]
    return next((one[:2].lower() for one in known if one[:2].lower() in _WORDS), "en")


def question_page(survey: surveying.LinkedSurvey, language: str, mistake: bool = False) -> str:
    """The question with its form, and what was answered so far."""
    words = _WORDS[language]
    parts = [f"<h1>{escape(survey.question)}</h1>"]
    if mistake:
        what = words["missing_words" if survey.kind == "text" else "missing"]
        parts.append(f'<p class="bad" role="alert">{escape(what)}</p>')
    elif survey.answered_at is not None:
        until = words["until"].format(_day(survey.until, language))
        parts.append(f'<p role="status">{escape(words["thanks"])}<br><span class="soft">{escape(until)}</span></p>')
    parts.append(f'<form method="post" accept-charset="utf-8">{_fields(survey, words)}')
    button = words["send" if survey.answered_at is None else "again"]
    parts.append(f'<button type="submit">{escape(button)}</button></form>')
    return _document(language, words["title"], "".join(parts))


def gone_page(language: str) -> str:
    """Of a link that leads nowhere."""
    words = _WORDS[language]
    return _document(language, words["gone"], f'<h1>{words["gone"]}</h1><p class="soft">{words["gone_more"]}</p>')


def _fields(survey: surveying.LinkedSurvey, words: Mapping[str, str]) -> str:
    scores = "" if survey.kind == "text" else _choices(survey, words)
    label = words["words" if survey.kind == "text" else "comment"]
    needed = " required" if survey.kind == "text" else ""
    text = escape(survey.comment or "")
    return (
        f'{scores}<label class="words">{escape(label)}<textarea name="comment" rows="3" dir="auto" '
        f'maxlength="{surveying.LONGEST_COMMENT}"{needed}>\n{text}</textarea></label>'
    )


def _choices(survey: surveying.LinkedSurvey, words: Mapping[str, str]) -> str:
    if survey.kind == "thumbs":
        legend, options = words["title"], [(1, f"👍 {words['up']}"), (0, f"👎 {words['down']}")]
    else:
        legend = words["scale"].format(survey.lowest, survey.highest)
        options = [(score, str(score)) for score in range(survey.lowest, survey.highest + 1)]
    inputs = "".join(
        f'<label><input type="radio" name="score" value="{score}" required{_checked(score, survey)}>'
        f"<span>{escape(text)}</span></label>"
        for score, text in options
    )
    return f'<fieldset><legend>{escape(legend)}</legend><div class="choices {survey.kind}">{inputs}</div></fieldset>'


def _checked(score: int, survey: surveying.LinkedSurvey) -> str:
    return " checked" if score == survey.score else ""


def _document(language: str, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><main>{body}</main></body></html>"
    )


def _day(moment: datetime, language: str) -> str:
    return _WORDS[language]["date"].format(d=moment.day, m=_MONTHS[language][moment.month - 1], y=moment.year)
