"""Without a model: what fits, put in shape, and honest about it."""

from __future__ import annotations

import asyncio

import pytest

from casella_assistant import HOWS, TONES, Answer, Limits, Measured, OfflineProvider, Task
from tests.assistant.builders import answer, canned, said, suggestion, wish


def offline(task: Task, locale: str = "en") -> Answer:
    return asyncio.run(answer(task, OfflineProvider(locale)))


def texts(found: Answer) -> list[str]:
    return [proposal.text for proposal in found.proposals]


def test_the_best_fitting_sources_are_proposed_and_cited() -> None:
    sources = (canned("a", "Hello!", 0.5), canned("b", "Refund on its way.", 3.0), canned("c", "Unrelated", 0.0))
    found = offline(suggestion("I want a refund", sources=sources))
    assert texts(found) == ["Refund on its way.", "Hello!"]
    assert [proposal.cites for proposal in found.proposals] == [("canned:b",), ("canned:a",)]
    assert found.used_sources == ("canned:a", "canned:b", "canned:c")
    assert found.offline
    assert found.sent == ()


@pytest.mark.parametrize("kind", ["suggest", "summary", "tags"])
def test_it_says_that_it_is_offline_in_the_readers_language(kind: str) -> None:
    task = Task(kind=kind, turns=said("Hello, I want a refund"), count=3)  # type: ignore[arg-type]  # one of the kinds
    assert offline(task).notice.startswith("Offline: no model was asked")
    assert offline(task, "it").notice.startswith("Offline: nessun modello")


def test_with_nothing_fitting_it_gives_a_general_answer_and_says_so() -> None:
    found = offline(suggestion("Dove siete?", language="it"))
    assert texts(found) == ["Grazie per il messaggio. Sto verificando e ti rispondo appena possibile."]
    assert "nothing" not in found.notice
    assert "no canned message" in found.notice


def test_a_source_that_does_not_fit_the_channel_is_left_out() -> None:
    limits = Limits(10, None, lambda text: Measured(len(text), 10))
    sources = (canned("long", "This is much too long", 9.0), canned("short", "Short.", 1.0))
    assert texts(offline(suggestion("x", sources=sources, limits=limits))) == ["Short."]


@pytest.mark.parametrize("tone", TONES.values(), ids=lambda tone: tone.key)
@pytest.mark.parametrize("language", ["en", "it"])
def test_every_tone_has_a_template_in_both_languages(tone: object, language: str) -> None:
    [text] = texts(
        offline(wish("generate", intent="the parcel 7 leaves now", tone=tone, language=language, contact="Ada L"))
    )
    assert "he parcel 7 leaves now." in text
    assert ("Ada" in text) is (tone not in (TONES["concise"],))


def test_a_greeting_of_the_agents_own_is_not_repeated() -> None:
    assert texts(offline(wish("generate", intent="Hi Ada, it is ready", tone=TONES["friendly"]))) == [
        "Hi Ada, it is ready."
    ]


@pytest.mark.parametrize(
    ("how", "draft", "expected"),
    [
        ("grammar", "hello  ada ,it is ready .come by", "Hello ada, it is ready. Come by."),
        ("shorter", "It is ready. You can come by. We are open all day long.", "It is ready."),
        ("longer", "It is ready.", "It is ready."),
        ("translate", "It is ready.", "It is ready."),
        ("tone", "it is ready", "Hello. It is ready."),
    ],
)
def test_a_draft_is_rewritten_as_far_as_that_goes_without_a_model(how: str, draft: str, expected: str) -> None:
    found = offline(wish("rewrite", how=how, draft=draft, tone=TONES["neutral"] if how == "tone" else None))
    assert texts(found) == [expected]
    assert found.notice


def test_every_way_of_rewriting_is_answered() -> None:
    assert all(offline(wish("rewrite", how=how, draft="Ready.")).proposals for how in HOWS)


def test_a_summary_is_an_extract_with_whose_words_they_are() -> None:
    turns = (*said("I want a refund", "Hello?"), *said("On its way", author="agent"))
    [text] = texts(offline(wish("summary", turns=turns)))
    assert text.splitlines() == [
        "The customer wrote first: I want a refund",
        "The customer's last message: Hello?",
        "The last answer: On its way",
    ]


def test_tags_are_those_whose_words_occur() -> None:
    task = wish(
        "tags",
        turns=said("I want my refund, the order was late"),
        tags=("refund", "vip", "after-hours", "order"),
        sources=(canned("hello", "Hello!"), canned("refund", "We look into your refund.")),
    )
    found = offline(task)
    assert found.tags == ("refund", "order")
    assert found.canned == "canned:refund"
