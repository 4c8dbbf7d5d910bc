"""Canned messages are filled completely or not at all."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casella.desk import VARIABLES, CannedError, CannedMessage, InputsMissing, TextTooLong, fill, fill_text, first_name
from casella.desk.canned.messages import FILTERS
from casella.desk.canned.template_check import check_text, variables_in
from tests.budget import tries


def message(**texts: str) -> CannedMessage:
    return CannedMessage("m", {locale.replace("_", "-"): text for locale, text in texts.items()})


def test_variables_are_filled_in() -> None:
    text = "{{ contact.first_name }} / {{ contact.name }} / {{ agent.name }} / {{ inbox.name }}"
    assert fill(message(en=text), "en", VARIABLES) == "Ada / Ada Lovelace / Ann / Support"


@pytest.mark.parametrize(
    ("locale", "expected"),
    [("it", "Ciao"), ("it-CH", "Ciao"), ("en-US", "Howdy"), ("en-GB", "Hello"), ("de", "Hello"), ("", "Hello")],
)
def test_the_nearest_locale_is_taken(locale: str, expected: str) -> None:
    assert fill(message(en="Hello", en_US="Howdy", it="Ciao"), locale, {}) == expected


def test_a_language_falls_to_another_region_before_the_fallback() -> None:
    assert fill(message(en="Hello", pt_BR="Oi"), "pt-PT", {}) == "Oi"


def test_every_missing_value_is_asked_for_by_name() -> None:
    text = "{{ contact.name }} {{ agent.name | upper }} {{ contact.name }} {{ inbox.name }}"
    with pytest.raises(InputsMissing) as caught:
        fill(message(en=text), "en", {"inbox.name": "Support", "agent.name": "", "contact.name": None})
    assert caught.value.missing == ("contact.name", "agent.name")
    assert caught.value.code == "canned_inputs_missing"
    assert "contact.name, agent.name" in caught.value.text


@pytest.mark.parametrize(
    ("text", "without", "given_ada"),
    [
        ("{{ contact.name | default('you') }}", "you", "Ada"),
        ("{{ contact.name | default(agent.name) | upper }}", "ANN", "ADA"),
        ("{% if contact.name %}Hi {{ contact.name }}{% else %}Hi{% endif %}", "Hi", "Hi Ada"),
        ("{{ contact.name or 'you' }}", "you", "Ada"),
        ("{{ 'Dear ' if contact.name else '' }}x", "x", "Dear x"),
        ("{% if not contact.name %}who?{% endif %}", "who?", ""),
        ("{% if contact.name == 'Ada' %}A{% endif %}", "", "A"),
    ],
)
def test_what_may_be_missing_can_be_said(text: str, without: str, given_ada: str) -> None:
    assert check_text(text) == ()
    assert fill_text(text, {"agent.name": "Ann"}) == without
    assert fill_text(text, {"agent.name": "Ann", "contact.name": "Ada"}) == given_ada


def test_values_are_text_and_nothing_else() -> None:
    sly = "{{ agent.name }} <b> {% for %}"
    assert fill_text("Hi {{ contact.name }}", {"contact.name": sly}) == f"Hi {sly}"


@pytest.mark.parametrize(
    "text",
    [
        "{% for i in contact.name %}x{% endfor %}",
        "{{ range(1000000000) }}",
        "{{ 'x' * 1000000000 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ contact.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ contact['name'] }}",
        "{{ self }}",
        "{{ contact }}",
        "{{ contact.name.upper }}",
        "{% set x = 1 %}",
        "{% include 'x' %}",
        "{% macro m() %}{% endmacro %}",
        "{{ contact.name | attr('x') }}",
        "{{ contact.name | map('upper') }}",
        "{{ contact.name is defined }}",
        "{{ [1, 2] }}",
        "{{ {'a': 1} }}",
        "{{ 'a' ~ 'b' }}",
        "{% filter upper %}x{% endfilter %}",
        "{{",
        "{% if %}",
        "{% if contact.name %}" * 150 + "x" + "{% endif %}" * 150,
        "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
        "{{ " + "not " * 3000 + "1 }}",
    ],
)
def test_whatever_could_loop_call_or_look_around_is_refused(text: str) -> None:
    assert check_text(text)


UNFILLABLE = [
    "{{ contact.name|upper('x') }}",
    "{{ contact.name|upper(*contact.name) }}",
    "{{ contact.name|trim(5) }}",
    "{{ contact.phone|default(1, 2, 3, 4) }}",
    "{% if contact.phone > 3 %}x{% endif %}",
    "{% if agent.name > 'a' %}x{% endif %}",
    "{% if agent.name in 'abc' %}x{% endif %}",
    "{% if contact.name == 'Ada' %}{{ 1 < 'a' }}{% endif %}",
    "{{ 'a' in 5 }}",
    "{{ 1e999 }}",
    "{{ " + "9" * 5_000 + " }}",
]


@pytest.mark.parametrize(
    "text",
    [
        *UNFILLABLE,
        r"{{ '\0' }}",
        r"{{ '\ud800' }}",
        r"{{ contact.name|default('\x1b') }}",
        "{{ contact.name|default('x', boolean=true) }}",
        "{{ 1" + "|trim" * 1_600 + " }}",
        "{{ contact.name" + ".a" * 3_000 + " }}",
        "{{ " + " and ".join(["1"] * 1_300) + " }}",
    ],
)
def test_what_could_fail_for_some_value_is_refused(text: str) -> None:
    assert check_text(text)


@pytest.mark.parametrize("text", UNFILLABLE)
def test_a_text_that_no_check_has_seen_fails_in_one_way_only(text: str) -> None:
    for values in ({}, VARIABLES):
        with suppress(CannedError):
            fill_text(text, values)


def test_what_comes_out_is_fit_for_every_database() -> None:
    assert fill_text("Hi {{ contact.name }}", {"contact.name": "A\0d\ud800a"}) == "Hi Ad?a"


def test_a_problem_names_its_line_and_the_nearest_name() -> None:
    (problem,) = check_text("Dear\n{{ contact.frist_name }}")
    assert (problem.line, problem.token) == (2, "contact.frist_name")
    assert (problem.message, problem.hint) == (
        "unknown variable 'contact.frist_name'",
        "Did you mean 'contact.first_name'?",
    )


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_works(name: str) -> None:
    text = "{{ contact.name | " + name + " }}"
    assert check_text(text) == ()
    assert fill_text(text, {"contact.name": " ada L "}).strip().casefold() == "ada l"


def test_a_text_that_grows_too_long_is_refused() -> None:
    with pytest.raises(TextTooLong):
        fill_text("{{ contact.name }}" * 100, {"contact.name": "x" * 100})


def test_the_variables_of_a_text_are_known() -> None:
    assert variables_in("{{ contact.name }}{% if agent.name %}x{% endif %}") == {"contact.name", "agent.name"}


@pytest.mark.parametrize(("name", "expected"), [("Ada Lovelace", "Ada"), ("Ada", "Ada"), (" ", None), (None, None)])
def test_the_first_name_is_the_first_word(name: str | None, expected: str | None) -> None:
    assert first_name(name) == expected


PIECES = [
    "contact.name", "contact.phone", "agent.name", "'a'", "''", "5", "1.5", "true", "none", "==", "!=", "and", "or",
    "not", "|upper", "|default('x')", "|default(agent.name, true)", "|title", "|trim", "if", "else", "(", ")",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=12),
    st.dictionaries(st.sampled_from(sorted(VARIABLES)), st.text(max_size=4)),
)
@settings(max_examples=tries(300))
def test_what_the_check_passes_can_be_filled_with_anything(pieces: list[str], values: dict[str, str]) -> None:
    for text in ("{{ " + " ".join(pieces) + " }}", "{% if " + " ".join(pieces) + " %}x{% endif %}"):
        if not check_text(text):
            with suppress(InputsMissing):
                fill_text(text, values)


@given(st.text(max_size=200))
def test_any_text_is_either_refused_or_filled(text: str) -> None:
    if not check_text(text):
        assert len(fill_text(text, VARIABLES)) <= 4_096


@given(
    st.lists(
        st.sampled_from(
            ["{{", "}}", "{%", "%}", "if", "endif", "contact", ".", "name", "|", "(", ")", " ", "'", "*", "for"]
        )
    )
)
def test_any_soup_of_template_parts_is_either_refused_or_filled(parts: list[str]) -> None:
    text = "".join(parts)
    if not check_text(text):
        fill_text(text, VARIABLES)


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("first_name", "contact.first_name"),
        ("name", "contact.name"),
        ("customer.name", "contact.name"),
        ("user.first_name", "contact.first_name"),
        ("contact.firstname", "contact.first_name"),
        ("agentname", "agent.name"),
    ],
)
def test_what_others_call_it_is_the_contacts_unless_it_says_the_agents(word: str, meant: str) -> None:
    [problem] = check_text(f"Hello {{{{ {word} }}}}")
    assert problem.hint == f"Write {meant}"
