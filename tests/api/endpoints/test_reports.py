"""Reports over the API: for managers, of their inboxes, in three formats. `tests/inbox/reports` says what they hold."""

from __future__ import annotations

import csv
import io
import sys
from datetime import timedelta

import pytest

from tests.api.conftest import Cast
from tests.builders import NOW, make_conversation, make_message

MONTH = {"first": "2026-11-01", "last": "2026-11-30"}
OF = "/api/v1/reports"


@pytest.fixture
def busy(cast: Cast) -> Cast:
    """In support, one that Ann answered after ten minutes, one that nobody did; in sales, one."""
    with cast.house.store.write() as db:
        for inbox, answered in ((cast.support, True), (cast.support, False), (cast.sales, False)):
            conversation = make_conversation(db, inbox_id=inbox, at=NOW)
            make_message(db, conversation, at=NOW)
            if answered:
                late = NOW + timedelta(minutes=10)
                make_message(db, conversation, direction="out", sender_id=cast.ann, at=late)
    return cast


def test_a_manager_is_told_of_his_inboxes(busy: Cast) -> None:
    answer = busy.client(busy.carla).get(f"{OF}/conversations", params={**MONTH, "by": "agent"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert found["period"] == {**MONTH, "timezone": "UTC", "hours": None}
    assert (found["total"]["opened"], found["total"]["unanswered"]) == (2, 1)
    assert found["total"]["first_response"] == {
        "count": 1, "mean": 600.0, "median": 600.0, "p90": 600.0, "longest": 600.0,
    }  # fmt: skip
    assert [(row["name"], row["messages_out"]) for row in found["rows"]] == [("Ann", 1), (None, 0)]
    assert busy.client(busy.dora).get(f"{OF}/conversations", params=MONTH).json()["total"]["opened"] == 3


@pytest.mark.parametrize("what", ["conversations", "surveys", "suggestions", "fairness"])
def test_who_is_no_manager_is_told_nothing(busy: Cast, what: str) -> None:
    assert busy.client(busy.ann).get(f"{OF}/{what}", params=MONTH).status_code == 403
    assert busy.client(busy.carla).get(f"{OF}/{what}", params=MONTH).status_code == 200
    foreign = busy.client(busy.carla).get(f"{OF}/{what}", params={**MONTH, "inbox": "sales"})
    assert foreign.status_code == 404, foreign.text


def test_the_same_as_files(busy: Cast) -> None:
    carla = busy.client(busy.carla)
    text = carla.get(f"{OF}/conversations", params={**MONTH, "by": "agent", "format": "csv"})
    assert text.headers["content-type"] == "text/csv; charset=utf-8"
    assert "report-2026-11-01-2026-11-30.csv" in text.headers["content-disposition"]
    [ann, nobody] = csv.DictReader(io.StringIO(text.text))
    assert (ann["name"], ann["first_response_median"], nobody["opened"]) == ("Ann", "600.0", "2")
    parquet = pytest.importorskip("pyarrow.parquet")
    file = carla.get(f"{OF}/conversations", params={**MONTH, "by": "agent", "format": "parquet"})
    table = parquet.read_table(io.BytesIO(file.content)).to_pylist()
    assert [row["name"] for row in table] == ["Ann", None]
    shares = carla.get(f"{OF}/fairness", params={**MONTH, "format": "parquet"})
    assert {"agent_id", "share", "per_hour"} <= set(parquet.read_table(io.BytesIO(shares.content)).column_names)


def test_without_its_library_parquet_is_refused_with_a_sentence(busy: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from casella import extras

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    extras.has.cache_clear()
    try:
        carla = busy.client(busy.carla, **{"Accept-Language": "it"})
        answer = carla.get(f"{OF}/conversations", params={**MONTH, "format": "parquet"})
    finally:
        monkeypatch.undo()
        extras.has.cache_clear()
    assert (answer.status_code, answer.json()["code"]) == (422, "no_parquet"), answer.text
    assert answer.json()["detail"].startswith("Questa installazione")


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"first": "2026-12-01"}, 422, "invalid"),
        ({"first": "2020-01-01"}, 422, "invalid"),
        ({"first": "0001-01-01", "last": "0001-01-02"}, 422, "invalid"),
        ({"first": "9999-12-31", "last": "9999-12-31"}, 422, "invalid"),
        ({"hours": "nights"}, 404, "not_found"),
        ({"timezone": "Europe/Rom"}, 422, "invalid"),
        ({"by": "moon"}, 422, "invalid"),
        ({"bye": "agent"}, 422, "unknown_parameter"),
    ],
)
def test_what_cannot_be_reported_is_refused(lite_cast: Cast, wrong: dict[str, str], status: int, code: str) -> None:
    answer = lite_cast.client(lite_cast.carla).get(f"{OF}/conversations", params={**MONTH, **wrong})
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
