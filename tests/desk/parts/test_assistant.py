"""The assistant's part of desk.yaml: every mistake is named, with its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from pydantic import BaseModel

from casella.desk import check_desk, load_desk
from casella.host import Host
from casella_assistant.registration import Register, register_assistant_providers
from tests.desk.desks import SOUND, catalogue, write_desk


def models() -> dict[str, type[BaseModel]]:
    host = Host()
    register_assistant_providers(cast(Register, host.register_assistant))  # as pluggy does, untyped
    return {name: found.settings_model for name, found in host.assistants.items()}


CATALOGUE = replace(catalogue(), assistant_types=models())
SOUND_PART = """\
assistant:
  providers:
    main: {type: openai, settings: {api_key: "${KEY}", model: gpt-x}}
  order: [main, offline]
  tones:
    piratic: {description: Like a pirate., templates: {en: "Ahoy{name}! {text}"}}
  inboxes:
    sales: {enabled: false}
    support: {providers: [offline], parts: 1, budget: {requests: 5}}
  prompts:
    summary: |
      {% block system %}Be brief. {{ format }}{% endblock %}{% block user %}{{ conversation }}{% endblock %}
  time_limit: 12
  records_days: 90
"""
BASE = SOUND["desk.yaml"]
LINES = BASE.count("\n")


def problems(tmp_path: Path, part: str) -> list[str]:
    folder = write_desk(tmp_path, {"desk.yaml": BASE + part})
    return [str(one).partition("desk.yaml:")[2] for one in check_desk(folder, CATALOGUE)]


def test_a_sound_part_is_read(tmp_path: Path) -> None:
    assert problems(tmp_path, SOUND_PART) == []
    part = load_desk(tmp_path / "desk", CATALOGUE).parts.assistant
    assert part.order_in("support") == ("offline",)
    assert part.order_in("sales") == ("main", "offline")
    assert not part.inboxes["sales"].enabled
    assert part.time_limit == 12.0


def test_without_the_part_it_is_on_and_offline(tmp_path: Path) -> None:
    assert problems(tmp_path, "") == []
    part = load_desk(tmp_path / "desk", CATALOGUE).parts.assistant
    assert part.enabled
    assert part.order_in("support") == ("offline",)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("type: openai", "type: openia", "provider type 'openia' is not installed. Did you mean 'openai'?"),
        ("model: gpt-x", "modle: gpt-x", "unknown key 'modle'. Did you mean 'model'?"),
        ('"${KEY}"', "sk-1234", "a secret never stands in the desk"),
        ("order: [main, offline]", "order: [mian]", "provider 'mian' is not among the assistant's providers. Did you"),
        ("providers: [offline]", "providers: [x]", "provider 'x' is not among the assistant's providers"),
        ("    main: {", "    offline: {", "a provider cannot be called 'offline'"),
        ("piratic:", "friendly:", "the tone 'friendly' is one of the fixed ones"),
        ("Ahoy{name}! {text}", "Ahoy", "{text} is missing"),
        ("{{ format }}", "", "prompt 'summary': {{ format }} must stand in it"),
        ("{{ conversation }}", "{{ converation }}", "prompt 'summary': line 1: unknown variable 'converation'"),
        ("    summary: |", "    sumary: |", "there is no prompt 'sumary'"),
        ("sales: {enabled", "sails: {enabled", "inbox 'sails' is not in desk.yaml"),
        ("time_limit: 12", "time_limit: 1000", "too large; the most is 120"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, before: str, after: str, expected: str) -> None:
    found = problems(tmp_path, SOUND_PART.replace(before, after))
    assert any(expected in one for one in found), found
    assert all(int(one.split(":")[0]) > LINES for one in found)
