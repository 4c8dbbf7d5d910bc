"""What the offline provider writes of its own: tones, and its honest sentences. English and Italian."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from casella_assistant.language import primary
from casella_assistant.model import Tone

Sentence = Literal[
    "ranked", "nothing", "template", "no_translation", "no_more", "shortened", "tidied", "extract", "tags"
]

_NOTICES: Mapping[Sentence, tuple[str, str]] = {
    "ranked": (
        "Offline: no model was asked. These are the canned messages and earlier answers that share most words with "
        "the conversation.",
        "Offline: nessun modello è stato interpellato. Questi sono i messaggi predefiniti e le risposte precedenti con "
        "più parole in comune con la conversazione.",
    ),
    "nothing": (
        "Offline: no model was asked, and no canned message or earlier answer fits. This is a general answer.",
        "Offline: nessun modello è stato interpellato e nessun messaggio predefinito o risposta precedente è adatto. "
        "Questa è una risposta generica.",
    ),
    "template": (
        "Offline: no model was asked. Your words were put into a template of this tone.",
        "Offline: nessun modello è stato interpellato. Le tue parole sono state inserite in un modello di questo tono.",
    ),
    "no_translation": (
        "Offline: translating needs a model. The text is unchanged.",
        "Offline: per tradurre serve un modello. Il testo è invariato.",
    ),
    "no_more": (
        "Offline: making a text longer needs a model. The text is unchanged.",
        "Offline: per allungare un testo serve un modello. Il testo è invariato.",
    ),
    "shortened": (
        "Offline: no model was asked. The last sentences were left out; nothing was reworded.",
        "Offline: nessun modello è stato interpellato. Le ultime frasi sono state omesse; nulla è stato riformulato.",
    ),
    "tidied": (
        "Offline: no model was asked. Only blanks, capital letters and punctuation were tidied.",
        "Offline: nessun modello è stato interpellato. Sono stati sistemati solo spazi, maiuscole e punteggiatura.",
    ),
    "extract": (
        "Offline: no model was asked. This is an extract, not a summary.",
        "Offline: nessun modello è stato interpellato. Questo è un estratto, non un riassunto.",
    ),
    "tags": (
        "Offline: no model was asked. These are the tags whose words occur in the conversation.",
        "Offline: nessun modello è stato interpellato. Questi sono i tag le cui parole compaiono nella conversazione.",
    ),
}
_GENERAL = {
    "en": "Thank you for your message. I am looking into it and will get back to you as soon as I can.",
    "it": "Grazie per il messaggio. Sto verificando e ti rispondo appena possibile.",
}
_EXTRACT = {
    "en": {"first": "The customer wrote first", "last": "The customer's last message", "agent": "The last answer",
           "none": "There is no message yet."},
    "it": {"first": "Il cliente ha scritto per primo", "last": "L'ultimo messaggio del cliente",
           "agent": "L'ultima risposta", "none": "Non ci sono ancora messaggi."},
}  # fmt: skip
#: The fixed set of tones; a desk may add its own. {name}: the contact's first name with a blank before it, or nothing.
TONES: Mapping[str, Tone] = {
    tone.key: tone
    for tone in (
        Tone(
            "neutral", "Plain, correct, to the point.", {"en": "Hello{name}. {text}", "it": "Buongiorno{name}. {text}"}
        ),
        Tone(
            "friendly",
            "Warm and friendly, as among people who like each other; simple words.",
            {"en": "Hi{name}! {text} Have a great day!", "it": "Ciao{name}! {text} Buona giornata!"},
        ),
        Tone(
            "professional",
            "Professional and courteous, the formal form of address.",
            {
                "en": "Dear{name}, thank you for contacting us. {text} Kind regards",
                "it": "Gentile{name}, grazie per averci contattato. {text} Cordiali saluti",
            },
        ),
        Tone(
            "empathetic",
            "Understanding: acknowledge how the customer feels before anything else.",
            {
                "en": "Hello{name}, I understand, and I am sorry for the trouble. {text} I am here for you.",
                "it": "Buongiorno{name}, capisco, e mi dispiace per il disagio. {text} Resto a disposizione.",
            },
        ),
        Tone("concise", "As short as possible, still polite.", {"en": "{text}", "it": "{text}"}),
        Tone(
            "apologetic",
            "Apologise sincerely, once, without excuses, and say what happens next.",
            {
                "en": "Hello{name}, we apologise for this. {text} Thank you for your patience.",
                "it": "Buongiorno{name}, ci scusiamo per l'accaduto. {text} Grazie per la pazienza.",
            },
        ),
        Tone(
            "enthusiastic",
            "Cheerful and full of energy, without exaggeration.",
            {"en": "Hello{name}! Great news: {text}", "it": "Ciao{name}! Ottime notizie: {text}"},
        ),
    )
}


def notice(sentence: Sentence, locale: str) -> str:
    """For the agent who reads the answer."""
    return _NOTICES[sentence][1 if primary(locale) == "it" else 0]


def general_answer(language: str) -> str:
    return _GENERAL.get(primary(language), _GENERAL["en"])


def extract_words(language: str) -> Mapping[str, str]:
    return _EXTRACT.get(primary(language), _EXTRACT["en"])


def template_of(tone: Tone | None, language: str) -> str:
    """The tone's template in this language, else in English, else none at all."""
    templates = (tone or TONES["neutral"]).templates
    return templates.get(primary(language)) or templates.get("en") or next(iter(templates.values()), "{text}")
