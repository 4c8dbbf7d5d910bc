"""Settings of an inbox (S-08): changed by its managers, at once; kept beside the desk, and settled with it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from casella.desk import load_desk
from casella.desk.applying.apply import Applied
from casella.store.tables import activity, desk_overrides, desk_versions, inboxes
from tests.house import ENVIRONMENT
from tests.visibility.world import CANNED, DESK, RULES, World, open_world

Json = dict[str, object]
HOURS = "\nhours:\n  shop: {week: {monday-friday: 09:00-18:00}, exceptions: {2026-12-24: closed}}  # of the shop\n"
OWN = DESK.replace("name: Plain zqplainzq,", "name: Plain zqplainzq, hours: shop,") + HOURS


@pytest.fixture
def world(migrated_url: str, tmp_path: Path) -> Iterator[World]:
    with open_world(migrated_url, tmp_path) as opened:
        opened.house.apply(desk=OWN, canned=CANNED, rules=RULES, environment=ENVIRONMENT)
        yield opened


def path(world: World, name: str = "", inbox: str = "plain") -> str:
    known = world.house.rooms.directory.current.inboxes.values()
    id = next(one.id for one in known if one.key == inbox)
    return f"/api/v1/inboxes/{id}/settings{f'/{name}' if name else ''}"


def put(world: World, name: str, value: object, who: str = "mara", **headers: str) -> httpx.Response:
    return world.client(who).put(path(world, name), json={"value": value}, headers=headers)


def changed(world: World, name: str, value: object, who: str = "mara") -> Json:
    answer = put(world, name, value, who)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def listed(world: World, who: str = "mara", inbox: str = "plain") -> dict[str, Json]:
    answer = world.client(who).get(path(world, inbox=inbox))
    assert answer.status_code == 200, answer.text
    return {one["name"]: one for one in answer.json()}


def apply(world: World, desk: str = OWN, canned: str = CANNED) -> Applied:
    return world.house.apply(desk=desk, canned=canned, rules=RULES, environment=ENVIRONMENT)


def test_a_manager_sees_what_may_be_changed(world: World) -> None:
    found = listed(world)
    assert {name for name, one in found.items() if one["kind"] == "switch"} == {
        "assignment_mode", "auto_replies", "features", "reopen", "surveys",
    }  # fmt: skip
    assert found["reopen"] == {
        "name": "reopen", "kind": "switch", "value": "never", "own": "never", "changed_by": None, "changed_at": None,
        "mine": True,
    }  # fmt: skip
    assert found["exceptions/2026-12-24"]["value"] == "closed"
    assert {"canned/greeting", "canned/of-plain", "tags/vip"} <= found.keys()
    assert "canned/of-sales" not in found
    assert (found["canned/greeting"]["mine"], found["canned/of-plain"]["mine"]) == (False, True)


def test_a_change_counts_at_once_and_is_on_record(world: World) -> None:
    cursor = world.client("ann").get("/api/v1/start").json()["events_after"]
    done = changed(world, "reopen", "168h")
    assert (done["value"], done["own"], done["changed_by"], done["mine"]) == ("1w", "never", "Mara", True)
    assert world.house.rooms.desk.current.reopens("plain") is not None
    told = world.client("ann").get("/api/v1/events/poll", params={"after": cursor}).json()["events"]
    assert [event["kind"] for event in told] == ["desk.updated"]
    [row] = world.house.rows(activity, what="setting_changed")
    assert (row["actor_kind"], row["actor_id"]) == ("agent", world.house.agent("mara").id)
    assert (row["before"], row["after"]) == ('inboxes/plain/reopen: "never"', 'inboxes/plain/reopen: "1w"')
    assert listed(world)["reopen"] == done


def test_assignment_mode_is_switched_where_everybody_reads_it(world: World) -> None:
    changed(world, "assignment_mode", False)
    assert world.house.one(inboxes, key="plain")["assignment_mode"] is False
    [subject] = world.subjects(1)
    body = {"assignee": "me"}
    refused = world.client("ann").post(f"/api/v1/conversations/{subject.conversation}/assign", json=body)
    assert refused.json()["code"] == "assignment_off"
    restored = world.client("mara").delete(path(world, "assignment_mode"))
    assert (restored.status_code, restored.json()["value"], restored.json()["changed_by"]) == (200, True, None)
    assert world.house.one(inboxes, key="plain")["assignment_mode"] is True


def test_another_process_follows(world: World) -> None:
    other = world.house.rooms.desk.__class__(world.house.rooms.store, world.house.host)
    other.refresh()
    changed(world, "features", ["assign"])
    assert other.current.features("plain") != ("assign",)
    other.refresh()
    assert other.current.features("plain") == ("assign",)


def test_canned_messages_tags_and_dates_come_and_go(world: World) -> None:
    message = {"text": "Ask us\n\nanything!", "phrase": "ask", "inboxes": ["plain"]}
    made = changed(world, "canned/ask", message)
    assert made["value"] == {**message, "text": {"en": message["text"]}}
    book = world.house.rooms.desk.current
    assert book.desk is not None
    assert book.desk.by_phrase("ask", "plain") is not None
    assert changed(world, "canned/ask", None)["value"] is None
    assert "canned/ask" not in listed(world)
    assert changed(world, "canned/of-plain", None)["own"] == {
        "text": {"en": "An offer zqplainzq"}, "inboxes": ["plain"],
    }  # fmt: skip
    changed(world, "tags/late", True)
    assert "late" in world.client("ann").get("/api/v1/start").json()["tags"]
    changed(world, "tags/late", False)
    assert "late" not in world.client("ann").get("/api/v1/start").json()["tags"]
    changed(world, "exceptions/2026-12-31", "09:00-12:00")
    changed(world, "exceptions/2026-12-24", None)
    desk = world.house.rooms.desk.current.desk
    assert desk is not None
    assert {day.isoformat() for day in desk.hours["shop"].exceptions} == {"2026-12-31"}


@pytest.mark.parametrize(
    ("name", "value", "code", "nearest"),
    [
        ("features", ["asign"], "setting_mistaken", "assign"),
        ("reopen", "sometimes", "setting_mistaken", None),
        ("assignment_mode", "yes", "setting_mistaken", None),
        ("assignment_mode", None, "setting_mistaken", None),
        ("canned/ask", {"text": "{{ contact.nam }}", "inboxes": ["plain"]}, "setting_mistaken", "contact.name"),
        ("canned/ask", {"text": "x", "inboxes": ["plain"], "phrase": "Hello"}, "setting_mistaken", None),
        ("canned/ask", {"text": "a\u0007b", "inboxes": ["plain"]}, "setting_mistaken", None),
        ("canned/of-plain", {"words": "x", "inboxes": ["plain"]}, "setting_mistaken", None),
        ("canned/ask", 7, "of_other_inboxes", None),
        ("tags/vip", 7, "setting_mistaken", None),
        ("tags/for-sales", False, "of_other_inboxes", None),
        ("exceptions/2026-12-31", "from nine", "setting_mistaken", None),
        ("exceptions/2026-13-31", "closed", "bad_date", None),
        ("canned/greeting", {"text": "x"}, "of_other_inboxes", None),
        ("canned/of-sales", {"text": "x", "inboxes": ["plain"]}, "not_found", None),
        ("canned/ask", {"text": "x", "inboxes": ["plain", "sales"]}, "of_other_inboxes", None),
        ("tag/x", True, "unknown_setting", "tags"),
        ("reopn", "always", "unknown_setting", "reopen"),
        ("name", "Mine", "unknown_setting", None),
    ],
)
def test_what_the_desk_does_not_take_is_refused(
    world: World, name: str, value: object, code: str, nearest: str | None
) -> None:
    refused = put(world, name, value, **{"Accept-Language": "it"})
    assert (refused.status_code // 100, refused.json()["code"]) == (4, code), refused.text
    assert refused.json().get("nearest") == nearest
    assert world.house.rows(desk_overrides) == []
    english = put(world, name, value).json()["detail"]
    assert refused.json()["detail"] != english


def test_a_tag_that_rules_use_is_not_taken_away(world: World) -> None:
    refused = put(world, "tags/for-sales", False, who="dora")
    assert (refused.status_code, refused.json()["code"]) == (422, "setting_mistaken")
    assert "for-sales" in refused.json()["problem"]


def test_nobody_but_managers_of_the_inbox(world: World) -> None:
    for who, status in (("ann", 403), ("max", 404), ("nobody", 401)):
        assert put(world, "reopen", "always", who=who).status_code == status
        assert world.client(who).get(path(world)).status_code == status
        assert world.client(who).delete(path(world, "reopen")).status_code == status
    assert changed(world, "reopen", "always", who="dora")["changed_by"] == "Dora"


def test_a_repeated_request_changes_once(world: World) -> None:
    answers = [put(world, "reopen", "always", **{"Idempotency-Key": "one"}) for _ in range(3)]
    assert {answer.text for answer in answers} == {answers[0].text}
    assert len(world.house.rows(activity, what="setting_changed")) == 1


def test_many_at_once_lose_nothing(world: World) -> None:
    names = [f"tags/at-once-{number}" for number in range(6)]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda name: put(world, name, True), names))
    assert [answer.status_code for answer in answers] == [200] * 6
    assert set(names) <= listed(world).keys()
    assert len(world.house.rows(desk_overrides)) == 6


def test_applying_the_folder_keeps_what_was_changed(world: World) -> None:
    changed(world, "reopen", "always")
    before = world.house.rooms.desk.current.version
    again = apply(world)
    assert (again.version, [one.how for one in again.overrides]) == (before, ["kept"])
    other = apply(world, OWN.replace("Plain zqplainzq", "Plain again"))
    assert [str(one).split(":")[0] for one in other.overrides] == ["kept      inboxes/plain/reopen"]
    assert listed(world)["reopen"]["value"] == "always"


def test_the_desk_wins_where_it_has_changed_since(world: World) -> None:
    changed(world, "reopen", "always")
    changed(world, "surveys", False)
    written = OWN.replace("name: Plain zqplainzq,", "name: Plain zqplainzq, reopen: 2d,")
    applied = apply(world, written)
    assert {one.override.key: one.how for one in applied.overrides} == {
        "inboxes/plain/reopen": "given up", "inboxes/plain/surveys": "kept",
    }  # fmt: skip
    assert (listed(world)["reopen"]["value"], listed(world)["reopen"]["changed_by"]) == ("2d", None)
    assert listed(world)["surveys"]["value"] is False
    [row] = world.house.rows(activity, what="setting_given_up")
    assert (row["actor_kind"], row["before"]) == ("system", 'inboxes/plain/reopen: "always"')


def test_what_no_longer_fits_the_desk_is_given_up_alone(world: World) -> None:
    changed(world, "tags/vip", False, who="dora")
    changed(world, "reopen", "always")
    uses = RULES + "  - {name: Uses it, when: message_received, if: always, then: [{tag: vip}]}\n"
    applied = world.house.apply(desk=OWN, canned=CANNED, rules=uses, environment=ENVIRONMENT)
    assert {one.override.key: one.how for one in applied.overrides} == {
        "tags/vip": "given up", "inboxes/plain/reopen": "kept",
    }  # fmt: skip
    assert {"tags/vip", "reopen"} <= listed(world).keys()


def test_written_into_the_folder_it_is_the_desks_own(world: World) -> None:
    """`casella desk pull` writes these files; the next apply finds the desk agreeing."""
    changed(world, "reopen", "always")
    changed(world, "canned/ask", {"text": "Ask us", "inboxes": ["plain"]})
    changed(world, "exceptions/2026-12-31", "closed")
    version = world.house.rooms.desk.current.version
    files = {Path(name).name: text for name, text in world.house.one(desk_versions, id=version)["files"].items()}
    assert "# of the shop" in files["desk.yaml"]
    assert files["desk.yaml"].count("\n") == OWN.count("\n")
    pulled = apply(world, files["desk.yaml"], files["canned.yaml"])
    assert {one.how for one in pulled.overrides} == {"in the desk"}
    assert world.house.rows(desk_overrides) == []
    found = listed(world)["reopen"]
    assert (found["value"], found["own"], found["changed_by"]) == ("always", "always", None)
    assert load_desk(world.house.folder / "desk", world.house.rooms.desk.catalogue).canned.keys() >= {"ask"}
