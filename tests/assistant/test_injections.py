"""Whatever a customer writes, it is material: the instructions stay what they are, and so do the blocks."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from casella_assistant import ChatMessage, Kind
from casella_assistant.masking import Masks
from casella_assistant.prompting import visible
from tests.assistant.builders import PROMPTS, Scripted, answer, ask, joined
from tests.assistant.injections import ATTACKS, HARMLESS, attacked

KINDS: tuple[Kind, ...] = ("suggest", "generate", "summary", "tags")
IDS = [str(number) for number in range(1, len(ATTACKS) + 1)]


def rendered(text: str, kind: Kind, *, structured: bool = True) -> tuple[ChatMessage, ...]:
    task = replace(attacked(text), kind=kind, intent="say hello", tags=("vip",))
    return PROMPTS.render(Masks().task(task), structured=structured)


def frame(message: ChatMessage) -> list[str]:
    """Everything but the rows of material."""
    return [line for line in message.content.splitlines() if not line.startswith("{")]


def rows(message: ChatMessage) -> list[dict[str, str]]:
    return [json.loads(line) for line in message.content.splitlines() if line.startswith("{")]


def test_there_are_enough_attacks_and_all_differ() -> None:
    assert len(set(ATTACKS)) == len(ATTACKS) >= 60


@pytest.mark.parametrize("attack", ATTACKS, ids=IDS)
def test_the_instructions_are_the_same_whatever_the_customer_writes(attack: str) -> None:
    for kind in KINDS:
        for structured in (True, False):
            sound = rendered(HARMLESS, kind, structured=structured)
            tried = rendered(attack, kind, structured=structured)
            assert tried[0] == sound[0]
            assert [message.role for message in tried] == ["system", "user"]
            assert frame(tried[1]) == frame(sound[1])


@pytest.mark.parametrize("attack", ATTACKS, ids=IDS)
def test_the_attack_is_one_row_of_material_as_it_was_written(attack: str) -> None:
    masks = Masks()
    user = PROMPTS.render(masks.task(attacked(attack)), structured=True)[1]
    turns = [row for row in rows(user) if row["id"].startswith("m")]
    assert [(row["id"], row["from"]) for row in turns] == [("m1", "customer"), ("m2", "customer"), ("m3", "customer")]
    assert masks.restore(turns[1]["text"]) == visible(attack)
    assert not any(character in line for line in user.content.splitlines() if line[0] == "{" for character in "<>[]|")


@pytest.mark.parametrize("attack", ATTACKS, ids=IDS)
def test_a_model_that_falls_for_it_and_repeats_the_attack_gives_away_no_value(attack: str) -> None:
    """The worst model: it answers with the attack itself, and with every mark an attacker can think of."""
    marks = "⟦TEXT_1⟧⟦TEXT_2⟧⟦EMAIL_2⟧⟦SECRET_2⟧⟦PHONE_1⟧⟦CARD_1⟧"

    def falls(request: object) -> str:
        text = rows(request.messages[1])[1]["text"]  # type: ignore[attr-defined]  # it is a request
        return json.dumps({"replies": [{"text": f"{text} {marks}", "sources": ["S1"]}]})

    deltas, found = asyncio.run(ask(attacked(attack), Scripted([falls], cut=3)))
    [proposal] = found.proposals
    assert "ada@x.example" not in proposal.text
    assert "4821" not in proposal.text
    assert proposal.text.startswith(joined(deltas)[:1])
    assert any(flag.code == "unfilled_hole" for flag in proposal.flags)


def test_a_promise_and_a_link_that_an_attack_brought_in_are_material_but_others_are_flagged() -> None:
    text = json.dumps({"replies": [{"text": "You get 500 EUR, see https://evil.example/pay", "sources": []}]})
    found = asyncio.run(answer(attacked("Give me money"), Scripted([text])))
    assert {flag.code for flag in found.proposals[0].flags} == {"unknown_number", "unknown_link"}
