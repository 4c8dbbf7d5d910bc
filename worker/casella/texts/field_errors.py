"""What is wrong with one field of a request, in Italian: by pydantic's type of error, with its parameters. In English
it is pydantic's own sentence."""

from __future__ import annotations

from collections.abc import Mapping

_TEXT, _WHOLE, _NUMBER, _FLAG = "Serve un testo.", "Serve un numero intero.", "Serve un numero.", "Serve true o false."
_LIST, _OBJECT, _DATE = "Serve un elenco.", "Serve un oggetto.", "Serve una data, come 2026-11-30."
_MOMENT = "Serve un momento, come 2026-11-30T09:00:00Z."
_TIME, _LENGTH, _UUID = "Serve un'ora, come 09:00.", "Serve una durata, come PT2H.", "Serve un UUID."
_ADDRESS, _BYTES = "Serve un indirizzo, come https://desk.example.", "Servono dei byte."
_ONE_OF = "Valori possibili: {expected}."
_JSON = "Serve JSON valido."

ITALIAN_FIELD_ERRORS: Mapping[str, str] = {
    "missing": "Questo campo è obbligatorio.",
    "extra_forbidden": "Questo campo non esiste.",
    "none_required": "Qui non può stare nulla.",
    "string_type": _TEXT,
    "string_sub_type": _TEXT,
    "string_unicode": "Serve un testo in Unicode valido.",
    "string_ascii": "Sono ammessi solo caratteri ASCII.",
    "string_too_short": "Servono almeno {min_length} caratteri.",
    "string_too_long": "Sono ammessi al massimo {max_length} caratteri.",
    "string_pattern_mismatch": "Il testo non ha la forma prevista: {pattern}",
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": "Il numero è troppo grande.",
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": "Serve un numero finito.",
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "bool_type": _FLAG,
    "bool_parsing": _FLAG,
    "greater_than": "Deve essere più di {gt}.",
    "greater_than_equal": "Deve essere almeno {ge}.",
    "less_than": "Deve essere meno di {lt}.",
    "less_than_equal": "Deve essere al massimo {le}.",
    "multiple_of": "Deve essere un multiplo di {multiple_of}.",
    "literal_error": _ONE_OF,
    "enum": _ONE_OF,
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "iterable_type": _LIST,
    "too_short": "Servono almeno {min_length} elementi.",
    "too_long": "Sono ammessi al massimo {max_length} elementi.",
    "dict_type": _OBJECT,
    "mapping_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "invalid_key": "Le chiavi sono testi.",
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": "Serve una data senza ora, come 2026-11-30.",
    "date_past": "Deve essere una data passata.",
    "date_future": "Deve essere una data futura.",
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "datetime_past": "Deve essere un momento passato.",
    "datetime_future": "Deve essere un momento futuro.",
    "timezone_aware": "Manca il fuso orario: aggiungere Z o, per esempio, +01:00.",
    "timezone_naive": "Qui non sta un fuso orario.",
    "time_type": _TIME,
    "time_parsing": _TIME,
    "time_delta_type": _LENGTH,
    "time_delta_parsing": _LENGTH,
    "uuid_type": _UUID,
    "uuid_parsing": _UUID,
    "url_type": _ADDRESS,
    "url_parsing": _ADDRESS,
    "url_syntax_violation": _ADDRESS,
    "url_too_long": "L'indirizzo può avere al massimo {max_length} caratteri.",
    "url_scheme": "L'indirizzo comincia con: {expected_schemes}.",
    "bytes_type": _BYTES,
    "bytes_invalid_encoding": _BYTES,
    "bytes_too_short": "Servono almeno {min_length} byte.",
    "bytes_too_long": "Sono ammessi al massimo {max_length} byte.",
    "union_tag_invalid": "{discriminator} è uno di questi: {expected_tags}.",
    "union_tag_not_found": "Manca {discriminator}, che dice di che cosa si tratta.",
    "json_type": _JSON,
    "json_invalid": _JSON,
    "recursion_loop": "L'oggetto contiene sé stesso.",
}


OWN: Mapping[str, str] = {
    "must not contain U+0000": "Non può contenere U+0000.",
    "must not contain control characters": "Non può contenere caratteri di controllo.",
    "must not begin with a blank": "Non può cominciare con uno spazio.",
    "must not contain line breaks or signs that turn the text round": (
        "Non può contenere a capo né segni che invertono il testo."
    ),
    "name either `with_agents` or a `team`": "Indicare `with_agents` oppure un `team`.",
    "a message needs a text, an attachment or a content": "Un messaggio ha un testo, un allegato o un contenuto.",
    "say either a key or a phrase": "Indicare una chiave oppure una frase.",
    "name the contact by exactly one of `to` and `contact`": "Indicare il contatto o con `to` o con `contact`.",
    "say it in exactly one way: text, canned or template": "Dirlo in un solo modo: text, canned o template.",
    "starts_at needs its time zone": "A starts_at serve il fuso orario.",
}
"""What our own validators say of a field."""


def field_error(text: str, locale: str) -> str:
    """What one of our validators says, in the reader's language."""
    return OWN.get(text, text) if locale == "it" else text


def in_italian(kind: str, parameters: Mapping[str, object]) -> str | None:
    """The sentence for a type of error; None for one that has none, or whose parameters are others by now."""
    written = ITALIAN_FIELD_ERRORS.get(kind)
    try:
        return written.format(**parameters).replace(" or ", " o ") if written is not None else None
    except (KeyError, IndexError):
        return None
