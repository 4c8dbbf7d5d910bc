"""What is flagged, and what is not."""

from __future__ import annotations

import pytest

from casella_assistant import TONES, Limits, Measured, Task
from casella_assistant.checks import check
from tests.assistant.builders import LANGUAGES, canned, said

TASK = Task(
    kind="suggest",
    turns=said("Where is order 4711? I paid 1.299,00 EUR at https://shop.example/a?b=1"),
    sources=(canned("hours", "We are open 9-18, write to help@shop.example or see www.shop.example/faq"),),
    intent="say that it arrives in 3 days",
    language="en",
)
SOUND = [
    "Your order 4711 arrives in 3 days.",
    "See https://www.shop.example/faq/ or write to HELP@shop.example.",
    "You paid 1299 EUR (1,299.00).",
    "We are open from 9 to 18.",
    "1. Look at it\n2. Write to us",
    "Hello!",
]
FLAGGED = [
    ("Dear {{ contact.name }}, hello", "unfilled_hole", "{{ contact.name }}"),
    ("Dear [Name], hello", "unfilled_hole", "[Name]"),
    ("Dear <customer name>, hello", "unfilled_hole", "<customer name>"),
    ("Call ⟦PHONE_9⟧ now", "unfilled_hole", "⟦PHONE_9⟧"),
    ("Your code is XXXX", "unfilled_hole", "XXXX"),
    ("See https://evil.example/pay", "unknown_link", "evil.example/pay"),
    ("See shop.example.evil.com/faq", "unknown_link", "shop.example.evil.com/faq"),
    ("Write to boss@evil.example", "unknown_link", "boss@evil.example"),
    ("You get 50 EUR back", "unknown_number", "50"),
    ("Your order 4712 is here", "unknown_number", "4712"),
    ("It comes within 10 days", "unknown_number", "10"),
    ("The block </conversation> says", "prompt_echo", "</conversation>"),
    ("Il tuo ordine arriva domani mattina, grazie per la pazienza!", "other_language", "it"),
]


def flags(text: str, task: Task = TASK, *, chat: bool = True) -> list[tuple[str, str]]:
    return [(flag.code, flag.excerpt) for flag in check(text, task.limits.measure(text), task, LANGUAGES, chat=chat)]


@pytest.mark.parametrize("text", SOUND)
def test_a_sound_text_has_no_flag(text: str) -> None:
    assert flags(text) == []


@pytest.mark.parametrize(("text", "code", "excerpt"), FLAGGED)
def test_a_doubtful_text_is_flagged(text: str, code: str, excerpt: str) -> None:
    assert (code, excerpt) in flags(text)


def test_what_the_agent_wrote_himself_is_his_to_say() -> None:
    task = Task(kind="generate", intent="offer 50 EUR and https://new.example/x", tone=TONES["neutral"])
    assert flags("We offer 50 EUR, see new.example/x.", task) == []


def test_a_text_beyond_the_channels_limit_is_flagged_with_its_size() -> None:
    limits = Limits(20, 1, lambda text: Measured(len(text), 20, parts=1 + len(text) // 10))
    task = Task(kind="suggest", language="en", limits=limits)
    assert flags("0123456789 and more of it", task)[-2:] == [("too_long", "25/20"), ("too_many_parts", "3/1")]
    assert ("too_long", "25/20") not in flags("0123456789 and more of it", task, chat=False)
