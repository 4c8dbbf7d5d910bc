"""The form parser, against the standard library's."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella_sms.form import MAX_FIELDS, TooManyFields, field_text, parse_form

FRAGMENTS = [b"&", b"=", b"%", b"+", b"%2", b"%zz", b"%C3%A9", b"%00", b"a", b"Body", b"\xff", b"\x00", b" "]


@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map(b"".join))
def test_it_reads_what_the_standard_library_reads(form: bytes) -> None:
    # As Latin-1, because there bytes and characters are the same.
    expected = parse_qsl(form.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    assert [(name.decode("latin-1"), value.decode("latin-1")) for name, value in parse_form(form)] == expected


@given(st.lists(st.tuples(st.text(), st.text()), max_size=10))
def test_it_reads_back_every_form(pairs: list[tuple[str, str]]) -> None:
    encoded = urlencode(pairs, errors="surrogatepass").encode()
    expected = [
        (name.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass")) for name, value in pairs
    ]
    assert parse_form(encoded) == expected


def test_blank_and_repeated_values_are_kept_in_order() -> None:
    assert parse_form(b"Body=&a=2&a=1&Name") == [(b"Body", b""), (b"a", b"2"), (b"a", b"1"), (b"Name", b"")]


def test_too_many_fields_are_refused_before_they_cost_anything() -> None:
    assert len(parse_form(b"&".join([b"a=b"] * MAX_FIELDS))) == MAX_FIELDS
    with pytest.raises(TooManyFields):
        parse_form(b"&" * 100_000)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"Gr\xc3\xbc\xc3\x9fe", "Grüße"),
        (b"a\x00b", "ab"),
        (b"\xff", "�"),
        (b" two\nlines \t", " two\nlines \t"),
        (b"\xed\xa0\x80", "���"),
        (b"a" * 70_000, "a" * 65_536),
    ],
)
def test_text_is_clean_and_otherwise_untouched(value: bytes, text: str) -> None:
    assert field_text(value) == text
