"""Rules tag contacts: `tag: {contact: vip}`, seen by whatever they write later."""

from __future__ import annotations

import pytest

from casella.desk import DeskMistaken
from casella.store.tables import contact_tags, conversation_tags
from tests.house import ANNA, BERT, House
from tests.inbox.rule_texts import rule, use

REGULAR = rule("tag: {contact: vip}", name="Regulars", condition="{text: {contains_word: always}}")
LEFT = rule("untag: {contact: [vip, refund]}", name="Left", condition="{text: {contains_word: never}}")
SEEN = rule("tag: order", name="Seen", condition="{contact.tags: {has: vip}}")


def his(house: House) -> list[str]:
    return sorted(str(row["tag"]) for row in house.rows(contact_tags))


def test_a_contact_is_tagged_once_and_his_next_message_sees_it(house: House) -> None:
    use(house, REGULAR, SEEN)
    house.receive(house.says("I always buy here"))
    assert his(house) == ["vip"]
    assert house.rows(conversation_tags) == [], "rules of one run see what was so before it"
    house.receive(house.says("As always"), house.says("Hello", sender=BERT))
    assert his(house) == ["vip"]
    assert [row["tag"] for row in house.rows(conversation_tags)] == ["order"]


def test_it_is_taken_off_again(house: House) -> None:
    use(house, REGULAR, LEFT)
    house.receive(house.says("always"), house.says("always", sender=BERT))
    house.receive(house.says("never again", sender=ANNA))
    assert his(house) == ["vip"]


def test_both_at_once(house: House) -> None:
    use(house, rule("tag: {tags: [order], contact: vip}"))
    house.receive(house.says("Hello"))
    assert (his(house), [row["tag"] for row in house.rows(conversation_tags)]) == (["vip"], ["order"])


def test_on_and_off_in_one_message_is_off(house: House) -> None:
    use(house, REGULAR, LEFT)
    house.receive(house.says("always and never"))
    assert his(house) == []


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("tag: {contact: refundd}", "tag 'refundd' is not in desk.yaml."),
        ("tag: {contact: []}", "this list is empty. Name at least one tag"),
        ("tag: {kontact: vip}", "Did you mean 'contact'?"),
    ],
)
def test_what_is_no_tag_is_a_mistake(house: House, written: str, told: str) -> None:
    with pytest.raises(DeskMistaken) as refused:
        use(house, rule(written))
    assert told in str(refused.value)
