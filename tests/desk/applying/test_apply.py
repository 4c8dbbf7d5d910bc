"""Applying a desk: rows made, changed, renamed, marked as removed; secrets sealed; nothing half done."""

from __future__ import annotations

from pathlib import Path

import pytest
from argon2 import PasswordHasher

from casella.desk.files.secrets import SecretMissing
from casella.inbox.house.directory import DirectoryHolder
from casella.store.sealing import Sealer
from casella.store.tables import (
    agents,
    channels,
    connections,
    conversations,
    desk_versions,
    inbox_members,
    inboxes,
    messages,
    team_members,
    teams,
)
from tests.fakes import SECRET
from tests.house import DESK, ENVIRONMENT, SECOND, House

ANN = "  ann: {name: Ann, email: ann@desk.example, teams: [front]}"
SECOND_LINE = '  second: {connection: acme, inbox: support, address: "+15550002", name: Second number}'


def changes(house: House, **what: object) -> list[tuple[str, str, str]]:
    applied = house.apply(**what)  # type: ignore[arg-type]  # passes on
    return [(change.what, change.key, change.how) for change in applied.changes]


def key_of(house: House, agent_id: str) -> str:
    return str(house.one(agents, id=agent_id)["key"])


def test_a_first_desk_makes_everything(house: House) -> None:
    assert [row["name"] for row in house.rows(inboxes)] == ["Support"]
    assert {row["timezone"] for row in house.rows(inboxes)} == {"Europe/Rome"}
    assert {row["key"] for row in house.rows(channels)} == {"main", "second"}
    assert {row["key"] for row in house.rows(teams)} == {"front", "billing"}
    assert {key_of(house, row["agent_id"]) for row in house.rows(team_members)} == {"ann", "bob", "cleo"}
    assert {key_of(house, row["agent_id"]) for row in house.rows(inbox_members)} == {"ann", "bob", "cleo", "mara"}
    assert house.one(agents, key="cleo")["capacity"] == 2
    assert house.one(agents, key="bob")["skills"] == ["italian"]


def test_secrets_are_sealed_and_reach_the_plugin_only(house: House) -> None:
    stored = house.one(connections)["settings_sealed"]
    assert SECRET not in stored
    assert SECRET in house.rooms.sealer.open(stored)
    link = house.rooms.directory.current.connections["acme"].connection
    assert link is not None
    assert SECRET not in repr(link)
    assert all(SECRET not in str(row) for row in house.rows(desk_versions))


def test_applying_the_same_desk_again_changes_nothing_and_makes_no_version(house: House) -> None:
    before = house.one(desk_versions)
    assert changes(house) == []
    assert house.one(desk_versions) == before
    assert house.apply().version == before["id"]


def test_a_changed_rule_is_a_new_version_though_no_row_changes(house: House) -> None:
    rules = "rules:\n  - {name: Tag all, when: message_received, if: always, then: [{tag: vip}]}\n"
    assert changes(house, rules=rules) == []
    assert len(house.rows(desk_versions)) == 2


def test_what_is_left_out_is_marked_as_removed_and_comes_back_as_what_it_was(house: House) -> None:
    before = house.one(agents, key="ann")["id"]
    without = DESK.replace(ANN + "\n", "")

    assert changes(house, desk=without) == [("agent", "ann", "removed")]
    assert house.one(agents, key="ann")["removed_at"] == house.clock.now()
    assert before not in house.rooms.directory.current.agents
    assert "ann" not in {key_of(house, row["agent_id"]) for row in house.rows(inbox_members)}
    assert changes(house, desk=without.replace("agents:\n", f"agents:\n{ANN}\n")) == [("agent", "ann", "restored")]
    assert house.one(agents, key="ann")["id"] == before


def test_changes_are_named_one_by_one(house: House) -> None:
    changed = DESK.replace("name: Front desk", "name: Reception").replace("capacity: 2", "capacity: 3")
    assert changes(house, desk=changed) == [("team", "front", "changed"), ("agent", "cleo", "changed")]
    assert house.one(agents, key="cleo")["capacity"] == 3


def test_moving_between_teams_changes_the_members(house: House) -> None:
    house.apply(desk=DESK.replace("teams: [billing], capacity", "teams: [front], capacity"))

    assert {row["team_id"] for row in house.rows(team_members)} == {house.one(teams, key="front")["id"]}


def test_another_secret_is_a_change_of_the_connection(house: House) -> None:
    assert changes(house, environment={"ACME_SECRET": "another-secret"}) == [("connection", "acme", "changed")]
    assert house.post(house.webhook(house.says()))[0].status == 403
    assert house.post(house.webhook(house.says(), secret="another-secret"))[0].status == 200


@pytest.mark.parametrize("environment", [{}, {"ACME_SECRET": "  "}])
def test_a_missing_secret_changes_nothing_at_all(house: House, environment: dict[str, str]) -> None:
    with pytest.raises(SecretMissing) as caught:
        house.apply(desk=DESK.replace("name: Support", "name: Renamed"), environment=environment)

    assert "ACME_SECRET" in str(caught.value)
    assert house.one(inboxes)["name"] == "Support"
    assert len(house.rows(desk_versions)) == 1


def test_a_password_is_hashed_anew_only_when_it_changes(house: House) -> None:
    with_password = DESK.replace(ANN, ANN.replace("}", ', password: "${ANN_PASSWORD}"}'))
    assert changes(house, desk=with_password, environment={**ENVIRONMENT, "ANN_PASSWORD": "correct horse"}) == [
        ("agent", "ann", "changed")
    ]
    first = house.one(agents, key="ann")["password_hash"]
    assert PasswordHasher().verify(first, "correct horse")
    assert changes(house, desk=with_password, environment={**ENVIRONMENT, "ANN_PASSWORD": "correct horse"}) == []
    assert house.one(agents, key="ann")["password_hash"] == first
    assert changes(house, desk=with_password, environment={**ENVIRONMENT, "ANN_PASSWORD": "battery staple"}) == [
        ("agent", "ann", "changed")
    ]
    assert PasswordHasher().verify(house.one(agents, key="ann")["password_hash"], "battery staple")
    assert changes(house) == [("agent", "ann", "changed")]
    assert house.one(agents, key="ann")["password_hash"] is None


def test_a_channel_under_a_new_key_is_the_same_channel_with_its_conversations(house: House) -> None:
    house.receive(house.says("before"))
    before = house.one(channels, key="main")["id"]

    assert changes(house, desk=DESK.replace("  main: {", "  front-number: {")) == [
        ("channel", "front-number", "changed")
    ]
    house.receive(house.says("after"))
    assert house.one(channels, key="front-number")["id"] == before
    assert len(house.rows(conversations)) == 1
    assert len(house.rows(messages)) == 2


def test_an_agent_under_a_new_key_is_the_same_person(house: House) -> None:
    before = house.one(agents, key="ann")["id"]
    assert changes(house, desk=DESK.replace("  ann: {", "  annabel: {")) == [("agent", "annabel", "changed")]
    assert house.one(agents, key="annabel")["id"] == before


def test_two_channels_may_exchange_their_addresses(house: House) -> None:
    ids = {row["key"]: row["id"] for row in house.rows(channels)}
    swapped = DESK.replace("+15550001", "+1X").replace("+15550002", "+15550001").replace("+1X", "+15550002")

    assert changes(house, desk=swapped) == [("channel", "main", "changed"), ("channel", "second", "changed")]
    assert {row["key"]: row["id"] for row in house.rows(channels)} == ids
    assert house.one(channels, key="main")["address"] == SECOND


def test_an_address_of_a_channel_that_is_gone_may_be_given_to_another(house: House) -> None:
    taken = DESK.replace(SECOND_LINE + "\n", "").replace("+15550001", "+15550002")

    assert changes(house, desk=taken) == [("channel", "main", "changed"), ("channel", "second", "removed")]
    assert house.channel(SECOND).key == "main"
    assert house.one(channels, key="second")["address"].startswith(SECOND)


def test_a_connection_sealed_with_a_lost_key_is_sealed_anew(house: House) -> None:
    with house.rooms.store.write() as db:
        db.execute(connections.update().values(settings_sealed=Sealer(["another key, long lost"]).seal("{}")))

    assert changes(house) == [("connection", "acme", "changed")]
    assert house.rooms.directory.current.connections["acme"].connection is not None


def test_another_process_follows_the_newest_desk(house: House, tmp_path: Path) -> None:
    with House(house.settings.database_url, tmp_path, desk=None) as other:
        house.apply(desk=DESK.replace("name: Support", "name: Renamed"))
        assert other.rooms.directory.refresh()
        assert other.rooms.desk.refresh()
        assert [inbox.name for inbox in other.rooms.directory.current.inboxes.values()] == ["Renamed"]
        assert other.rooms.desk.current.version == house.rooms.desk.current.version
        assert not other.rooms.directory.refresh()


def test_a_connection_whose_secrets_cannot_be_read_is_named_and_the_others_work(house: House) -> None:
    holder = DirectoryHolder(house.rooms.store, house.host, Sealer(["a key that is not the right one"]), "http://x")
    holder.reload()
    entry = holder.current.connections["acme"]

    assert entry.connection is None
    assert "CASELLA_SECRET_KEY" in str(entry.problem)
