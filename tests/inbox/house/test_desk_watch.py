"""A changed folder is applied while the house runs; a broken one never replaces a good one, and managers see why."""

from __future__ import annotations

import pytest

from casella import app
from casella.desk.applying.plan import StillInUse
from casella.doctor import examine
from casella.errors import StoreUnavailable
from casella.inbox.house.desk_watch import DeskWatch, failures
from casella.inbox.routing.rule_counts import rule_counts
from casella.store.tables import desk_versions
from tests.house import DESK, ENVIRONMENT, House
from tests.inbox.rule_texts import rule, use

BOB = "  bob: {name: Bob, email: bob@desk.example, teams: [front], skills: [italian]}\n"


def watch(house: House) -> DeskWatch:
    folder = house.folder / "desk"
    return DeskWatch(house.rooms, folder, lambda: app.apply_folder(house.rooms, folder, ENVIRONMENT, even_in_use=False))


def write(house: House, name: str, text: str) -> None:
    (house.folder / "desk" / name).write_text(text)


def problems(house: House) -> list[str]:
    with house.rooms.store.read() as db:
        return [problem for row in failures(db) for problem in row.problems]


def test_a_changed_folder_is_in_use_at_the_next_look(house: House) -> None:
    watching = watch(house)
    assert not watching.look()
    write(house, "rules.yaml", "rules:\n" + rule("tag: vip"))
    assert watching.look()
    assert [one.name for one in house.rooms.desk.current.ruleset.rules] == ["R"]
    assert not watching.look()


def test_a_broken_desk_is_shown_and_the_good_one_stays(house: House) -> None:
    watching = watch(house)
    write(house, "rules.yaml", "rules:\n" + rule("tga: vip"))
    assert not watching.look()
    assert "unknown action 'tga'" in problems(house)[0]
    assert len(house.rows(desk_versions)) == 1
    [told] = [one for one in examine(house.rooms) if not one.ok and one.subject == "desk folder"]
    assert told.advice.startswith(f"Run `casella check {house.folder / 'desk'}`.")
    write(house, "rules.yaml", "rules:\n" + rule("tag: vip"))
    assert watching.look()
    assert problems(house) == []


def test_whoever_watches_is_told_once_of_each_change(house: House) -> None:
    folder, told = house.folder / "desk", []
    watching = DeskWatch(
        house.rooms,
        folder,
        lambda: app.apply_folder(house.rooms, folder, ENVIRONMENT),
        lambda version, error: told.append((version, error.reason if error else "")),
    )
    for action in ("tga: vip", "tag: vip"):
        write(house, "rules.yaml", "rules:\n" + rule(action))
        watching.look()
        watching.look()
    assert told == [(1, "desk_mistaken"), (2, "")]


def test_whatever_goes_wrong_is_shown_and_the_next_change_is_taken(house: House) -> None:
    folder, wrong = house.folder / "desk", [ValueError("no sentence for managers"), StoreUnavailable()]

    def apply() -> None:
        if wrong:
            raise wrong.pop()
        app.apply_folder(house.rooms, folder, ENVIRONMENT)

    watching = DeskWatch(house.rooms, folder, apply)
    write(house, "rules.yaml", "rules:\n" + rule("tag: vip"))
    with pytest.raises(StoreUnavailable):
        watching.look()
    assert problems(house) == []
    assert not watching.look()  # the database is there again, and the same change is tried again
    assert problems(house)[0].startswith("This desk makes Casella itself fail")
    assert not watching.look()
    write(house, "rules.yaml", "rules:\n" + rule("tag: order"))
    assert watching.look()
    assert problems(house) == []


@pytest.mark.parametrize("text", ["{{ 1" + "|trim" * 1_600 + " }}", "{{ " + "9" * 5_000 + " }}"])
def test_no_text_ends_the_watch(house: House, text: str) -> None:
    watching = watch(house)
    write(house, "canned.yaml", f"canned: {{a: {{text: '{text}'}}}}\n")
    assert not watching.look()
    assert problems(house)[0].startswith(f"{house.folder / 'desk' / 'canned.yaml'}:1:20: this text")


def test_what_holds_open_conversations_is_not_removed_in_passing(house: House) -> None:
    use(house, rule("assign: {agent: bob}"))
    house.receive(house.says())
    watching = watch(house)
    write(house, "rules.yaml", "rules: []\n")
    write(house, "desk.yaml", DESK.replace(BOB, ""))
    assert not watching.look()
    assert "agent bob still holds 1 open conversation." in problems(house)[0]
    assert f"run `casella apply {house.folder / 'desk'} --even-in-use` if that is meant" in problems(house)[0]
    [told] = [one for one in examine(house.rooms) if one.subject == "desk folder"]
    assert told.advice.startswith("`casella check` finds no mistake in it: do what is said here, then run")
    plan = app.plan_folder(house.rooms, house.folder / "desk", ENVIRONMENT)
    assert {(one.what, one.key, one.how) for one in plan.changes} == {
        ("agent", "bob", "removed"), ("rule", "R", "removed"),
    }  # fmt: skip
    with pytest.raises(StillInUse):
        plan.require_unused(house.folder)
    assert house.agent("bob").name == "Bob"


def test_a_plan_changes_nothing(house: House) -> None:
    write(house, "desk.yaml", DESK.replace("name: Support", "name: Help"))
    plan = app.plan_folder(house.rooms, house.folder / "desk", ENVIRONMENT)
    assert [(one.what, one.key, one.how) for one in plan.changes] == [("inbox", "support", "changed")]
    assert len(house.rows(desk_versions)) == 1


def test_what_a_watching_rule_would_have_done_is_counted(house: House) -> None:
    use(house, rule("tag: vip", name="acts"), rule("tag: order", name="watches", mode="watch"))
    house.receive(house.says("one"), house.says("two"))
    with house.rooms.store.read() as db:
        counts = rule_counts(db, house.clock.now())
    assert (counts.fired["acts"], counts.watched["watches"], counts.fired["watches"]) == (2, 2, 0)
