"""Links of desk.yaml: what is wrong is said where it stands, and what is right cannot lead elsewhere."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.desk import Catalogue, filled_link, read_desk
from casella.desk.parts.links import VARIABLES
from casella.plugin.links import address_problem
from tests.desk.desks import write_desk

DESK = "desk: Shop\nlocales: [en, it]\ninboxes:\n  support: {name: Support}\nlinks:\n"


def problems(folder: Path, link: str) -> list[str]:
    files = {"desk.yaml": f"{DESK}  meeting: {link}\n", "rules.yaml": "rules: []\n"}
    _, found = read_desk(write_desk(folder, files), Catalogue.of({}))
    return [str(problem) for problem in found]


def test_a_sound_link_is_taken(tmp_path: Path) -> None:
    link = '{label: {en: Meet, it: Incontra}, kind: meeting, url: "https://m.example/{{conversation.id}}"}'
    assert problems(tmp_path, link) == []


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ('{label: Meet, url: "http://m.example"}', "is no address that agents can open"),
        ('{label: Meet, url: "javascript:alert(1)"}', "Write https://"),
        ('{label: Meet, url: "https://m.example/a b"}', "is no address"),
        ('{label: Meet, url: "https://m.example/{{ contact.adress }}"}', "contact.address"),
        ('{label: Meet, url: "https://m.example/{{ contact.name | upper }}"}', "a link knows no"),
        ('{label: Meet, url: "https://{% if x %}m.example"}', "is no address"),
        ('{label: {}, url: "https://m.example"}', "at least 1"),
        ("{label: Meet}", "url"),
        ('{label: Meet, url: "https://m.example", kind: video}', "co_browse"),
        ('{label: Meet, url: "https://m.example", inboxes: [suport]}', "support"),
        ('{label: [Meet], url: "https://m.example"}', "or one per locale"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, link: str, said: str) -> None:
    found = problems(tmp_path, link)
    assert found, link
    assert said in " ".join(found)


@given(st.dictionaries(st.sampled_from(sorted(VARIABLES)), st.text(min_size=1, max_size=40)))
def test_no_value_changes_where_a_link_leads(values: dict[str, str]) -> None:
    written = "https://m.example/rooms/{{ contact.name }}?by={{agent.name}}&of={{ conversation.id }}"
    address = filled_link(written, values)
    if {"contact.name", "agent.name", "conversation.id"} <= set(values):
        assert address is not None
        assert not address_problem(address)
        parts = urlsplit(address)
        assert (parts.hostname, parts.path.count("/"), parts.query.count("&")) == ("m.example", 2, 1)
    else:
        assert address is None
