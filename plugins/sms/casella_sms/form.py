"""The fields of a webhook, decoded once per request and as bytes: signatures cover bytes, blank values count."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from casella.plugin import clean_text
from casella.plugin.events import MAX_TEXT

MAX_FIELDS = 1_000
"""Twilio sends about twenty; each one costs time before the signature is known to be right."""

Fields = list[tuple[bytes, bytes]]


class TooManyFields(ValueError):
    """More than MAX_FIELDS."""


def parse_form(form: bytes) -> Fields:
    """Names and values of application/x-www-form-urlencoded, in order, repeated and blank ones kept.

    Several times as fast as urllib's parse_qsl, which decodes every name and value whether or not it is escaped.
    Total over any bytes: what is no valid escape stands for itself. Raises TooManyFields."""
    if form.count(b"&") >= MAX_FIELDS:
        raise TooManyFields
    fields = []
    for pair in form.replace(b"+", b" ").split(b"&"):
        name, _, value = pair.partition(b"=")
        if b"%" in pair:
            name, value = unquote_to_bytes(name), unquote_to_bytes(value)
        if pair:
            fields.append((name, value))
    return fields


def field_text(value: bytes) -> str:
    """A field's value as text that every database takes."""
    text = value.decode("utf-8", "replace")
    return text if text.isprintable() and len(text) < MAX_TEXT else clean_text(text)
