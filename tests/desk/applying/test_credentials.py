"""Credentials end with what they were given for, in the transaction that changes it (issue 17.4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from casella.inbox.reading.sessions import create_token, sign_in_with
from casella.store.tables import agents, feed
from tests.house import DESK, ENVIRONMENT, House

ANN = "  ann: {name: Ann, email: ann@desk.example, teams: [front]}"


def signed_in(house: House, key: str = "ann") -> tuple[str, str]:
    """A token and a session."""
    now = house.clock.now()
    with house.rooms.store.write() as db:
        token = create_token(db, house.agent(key).id, "report", now)
        until = now + timedelta(hours=12)
        session = create_token(db, house.agent(key).id, "browser", now, until, kind="session")
    return token.text, session.text


def live(house: House, secrets: tuple[str, str]) -> list[bool]:
    with house.rooms.store.read() as db:
        now = house.clock.now()
        kinds = zip(secrets, ("bearer", "session"), strict=True)
        return [sign_in_with(db, text, kind, now) is not None for text, kind in kinds]  # type: ignore[arg-type]  # the two


@pytest.mark.parametrize(
    "instead",
    [
        "",
        ANN.replace("ann@desk", "annette@desk"),
        ANN.replace("teams:", "role: manager, teams:"),
        ANN.replace("teams:", 'password: "${NEW}", teams:'),
    ],
    ids=["removed", "another e-mail", "another role", "another password"],
)
def test_whoever_is_somebody_else_by_now_signs_in_anew(house: House, instead: str) -> None:
    hers, his = signed_in(house), signed_in(house, "bob")
    house.apply(desk=DESK.replace(ANN, instead), environment={**ENVIRONMENT, "NEW": "another password"})
    assert live(house, hers) == [False, False]
    assert live(house, his) == [True, True], "nobody else"
    with house.rooms.store.read() as db:
        told = db.execute(select(feed).where(feed.c.kind == "token.revoked")).all()
    assert len(told) == 2, "the streams that were opened with them end"


@pytest.mark.parametrize(
    "instead", [ANN, ANN.replace("name: Ann", "name: Anna"), ANN.replace("[front]", "[billing]")],
    ids=["nothing", "another name", "another team"],
)  # fmt: skip
def test_what_does_not_concern_signing_in_ends_nothing(house: House, instead: str) -> None:
    with_password = ANN.replace("teams:", 'password: "${NEW}", teams:')
    environment = {**ENVIRONMENT, "NEW": "a password of ann"}
    house.apply(desk=DESK.replace(ANN, with_password), environment=environment)
    hers = signed_in(house)
    changed = instead.replace("teams:", 'password: "${NEW}", teams:')
    house.apply(desk=DESK.replace(ANN, changed), environment=environment)
    assert live(house, hers) == [True, True]


def test_a_key_that_is_used_again_is_another_person(house: House) -> None:
    hers, before = signed_in(house), house.agent("ann").id
    house.apply(desk=DESK.replace(ANN, ""))
    house.apply(desk=DESK.replace(ANN, "  ann: {name: Ann Two, email: other@desk.example, teams: [front]}"))
    assert house.agent("ann").id != before
    assert live(house, hers) == [False, False]
    house.apply(desk=DESK)  # she comes back herself
    assert {row["email"] for row in house.rows(agents) if row["removed_at"] is None} >= {"ann@desk.example"}


def test_who_comes_back_is_the_same_person_and_signs_in_anew(house: House) -> None:
    hers, before = signed_in(house), house.agent("ann").id
    house.apply(desk=DESK.replace(ANN, ""))
    house.apply(desk=DESK)
    assert house.agent("ann").id == before
    assert live(house, hers) == [False, False]
