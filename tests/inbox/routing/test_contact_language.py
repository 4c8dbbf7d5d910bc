"""The language of a contact: as his device or his provider says it, or as several of his messages are written
(field case 32); and first names as fields of rules."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from casella.inbox.receiving import profiles
from casella.origins import language_tag
from casella.plugin import Profile
from casella.store.tables import contacts
from tests.fakes import AcmeChannel
from tests.house import ANNA, House
from tests.inbox.rule_texts import rule, tags, use

ITALIAN = rule("tag: order", condition="{contact.language: it}")
PERCHE = "Buongiorno, vorrei sapere quando arriva il mio pacco, grazie"
ANCORA = "Non ho ancora ricevuto nulla, potete controllare per favore?"
WHEN = "Good morning, I would like to know when my parcel will arrive, thanks"


@pytest.fixture
def house(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    acme = AcmeChannel(profiles=True)
    acme.instead["profile"] = lambda *_: Profile(name="Ada Lovelace", language="it_IT")
    with House(migrated_sqlite_url, tmp_path, plugins=[acme]) as built:
        yield built


@pytest.mark.parametrize("told", ["it", "it-IT", "it_IT"])
def test_field_32_what_the_channel_says_with_a_message_is_kept(house: House, told: str) -> None:
    use(house, ITALIAN)
    house.receive(house.says("Ciao", metadata={"language": told}))
    assert tags(house) == {"order"}
    assert str(house.one(contacts)["locale"]).startswith("it")
    house.receive(house.says("Hello", metadata={"language": "en"}))
    assert house.one(contacts)["locale"] == "en"


def test_field_32_what_a_profile_says_is_kept_where_nothing_is_known(house: House) -> None:
    house.receive(house.says("Hello"))
    while profiles.ask_due(house.rooms, house.http):
        pass
    assert house.one(contacts)["locale"] == "it-IT"
    use(house, ITALIAN)
    house.receive(house.says("Hello again"))
    assert tags(house) == {"order"}


def test_field_32_several_messages_tell_it_and_one_does_not(house: House) -> None:
    use(house, ITALIAN)
    house.receive(house.says(PERCHE))
    assert tags(house) == set()
    house.receive(house.says("ok"))
    assert tags(house) == set()
    house.receive(house.says(ANCORA))
    assert tags(house) == {"order"}


def test_where_they_disagree_nothing_is_known(house: House) -> None:
    use(house, ITALIAN)
    for text in (WHEN, PERCHE, WHEN + "!", ANCORA):
        house.receive(house.says(text))
    assert tags(house) == set()


@pytest.mark.parametrize("nonsense", ["", "italiano, credo", "x", "it-", "../it"])
def test_what_is_no_language_is_not_kept(house: House, nonsense: str) -> None:
    assert language_tag(nonsense) is None
    house.receive(house.says("Ciao", metadata={"language": nonsense}))
    assert house.one(contacts)["locale"] is None


def test_first_names_are_fields(house: House) -> None:
    use(
        house,
        rule("assign: {agent: ann}"),
        rule("tag: vip", name="Ada", condition="{contact.first_name: ada}"),
        rule("tag: order", name="Ann", when="conversation_assigned", condition="{agent.first_name: ann}"),
        rule("reply: {text: 'Yours, {{ agent.first_name }}'}", name="Reply", when="conversation_assigned"),
    )
    house.receive(house.says("Hello", sender=ANNA, contact_name="Ada Lovelace"))
    assert tags(house) == {"vip", "order"}
    house.deliver()
    assert house.acme.provider.texts() == ["Yours, Ann"]
