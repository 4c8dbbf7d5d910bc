"""The account finds what was lost, doubled, misplaced, sent twice or told wrong; else the run would prove nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.account import History, Row, Told, broken_laws

PHONE = "+12025570001"


def history() -> History:
    """Two messages came in, each was answered by the rule, and an agent answered once; all is well."""
    rows = [
        Row("in1", "c", "in", "received", "one"),
        Row("out1", "c", "out", "delivered", "thanks"),
        Row("in2", "c", "in", "received", "two"),
        Row("out2", "c", "out", "unconfirmed", "thanks"),
        Row("out3", "c", "out", "sent", "ann says 1"),
    ]
    told = [
        Told("1", "in1", "received"),
        Told("2", "out1", "queued"),
        Told("3", "out1", "sent"),
        Told("4", "in2", "received"),
        Told("5", "out2", "queued"),
        Told("6", "out2", "unconfirmed"),
        Told("7", "out3", "queued"),
        Told("8", "out1", "delivered"),
        Told("9", "out3", "sent"),
    ]
    return History(
        written={PHONE: ["one", "two"]},
        shown={PHONE: ["one", "two"]},
        rows={row.id: row for row in rows},
        replies=[("out3", "ann says 1")],
        taken=["out1", "out3"],
        told={"mara": told},
    )


def with_state(told: History, message: str, state: str) -> History:
    return replace(told, rows={**told.rows, message: replace(told.rows[message], state=state)})


def without(told: History, message: str) -> History:
    return replace(told, rows={id: row for id, row in told.rows.items() if id != message})


def retold(told: History, *events: Told) -> History:
    return replace(told, told={"mara": [*told.told["mara"], *events]})


def test_a_history_in_which_all_is_well_breaks_nothing() -> None:
    assert broken_laws(history()) == []


Doctor = Callable[[History], History]


@pytest.mark.parametrize(
    ("doctored", "found"),
    [
        (lambda h: replace(h, shown={PHONE: ["one"]}), "acknowledged and not shown: 'two'"),
        (lambda h: replace(h, shown={}), "acknowledged and not shown: 'one', 'two'"),
        (lambda h: replace(h, shown={PHONE: ["one", "one", "two"]}), "shown more often than written: 'one'"),
        (lambda h: replace(h, shown={PHONE: ["two", "one"]}), "in another order than written, from 'one'"),
        (lambda h: replace(h, shown={**h.shown, "+1": ["who"]}), "nobody wrote from there"),
        (lambda h: replace(h, replies=[("gone", "bob says 1")]), "'bob says 1' was acknowledged and is not there"),
        (lambda h: replace(h, rows={**h.rows, "out4": replace(h.rows["out3"], id="out4", state="failed")}),
         "'ann says 1' is there 2 times"),
        (lambda h: replace(h, taken=[*h.taken, "out1"]), "out1 was sent 2 times"),
        (lambda h: replace(h, taken=[*h.taken, "ghost"]), "took ghost, which is not shown"),
        (lambda h: replace(h, taken=["out1"]), "out3 counts as sent, and the provider never took it"),
        (lambda h: replace(h, taken=["out3", "out1"]), "1 messages left after a later one"),
        (lambda h: with_state(h, "out2", "sending"), "out2 is still sending"),
        (lambda h: with_state(h, "out1", "read"), "of out1, which is read"),
        (lambda h: retold(h, Told("10", "out1", "sent")), "1 messages that move down: ['queued', 'sent',"),
        (lambda h: retold(h, Told("10", "out1", "sent"), Told("11", "out1", "delivered")), "1 messages that move down"),
        (lambda h: retold(h, Told("9", "out3", "sent")), "was told 1 events twice"),
        (lambda h: retold(h, Told("10", "ghost", "sent")), "told of ['ghost'], which a GET does not show"),
        (lambda h: replace(h, told={"mara": h.told["mara"][:-3]}), "never told of 1 messages: ['out3']"),
        (lambda h: replace(h, told={**h.told, "ann": []}), "ann was never told of 5 messages"),
    ],
)  # fmt: skip
def test_what_is_doctored_is_found(doctored: Doctor, found: str) -> None:
    assert any(found in law for law in broken_laws(doctored(history()))), broken_laws(doctored(history()))


def test_what_people_were_told_is_uncertain_has_lost_its_place() -> None:
    late = replace(history(), taken=["out1", "out3", "out2"])
    assert broken_laws(late) == []


def test_the_order_of_what_an_older_version_told_is_not_judged() -> None:
    told = [Told(f"0.{state}", "out1", state, judged=False) for state in ("delivered", "sent")]
    old = replace(history(), told={"mara": [*told, *history().told["mara"]]})
    assert broken_laws(old) == []


def test_who_was_told_to_load_again_need_not_be_told_of_what_was_there() -> None:
    told = [one for one in history().told["mara"] if one.message != "in1"]
    assert broken_laws(replace(history(), told={"mara": told}, reset=frozenset({"mara"}))) == []
    assert broken_laws(replace(history(), told={"mara": told})) != []
