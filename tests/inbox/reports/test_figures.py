"""The figures of a month that was worked out by hand (`month`)."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import pytest

from casella.errors import Invalid, NotFound
from casella.inbox import reports
from casella.inbox.reading import Member
from casella.inbox.reports.figures import Figures, Satisfaction, Spread
from casella.inbox.reports.gathering import ReportTooLarge
from casella.store.tables import inboxes
from tests.house import House
from tests.inbox.personal.test_read_marks import member
from tests.inbox.reports.month import at, live_through_october

H, M = 3600.0, 60.0


@pytest.fixture
def october(house: House) -> House:
    live_through_october(house.rooms.store)
    house.clock.move(seconds=(at("11-30 12:00") - house.clock.now()).total_seconds())
    return house


def everything(house: House) -> Member:
    """Mara's role, and every shared inbox."""
    shared = frozenset(str(row["id"]) for row in house.rows(inboxes) if row["owner_id"] is None)
    return replace(member(house, "mara"), inbox_ids=shared)


def figures(
    house: House, by: reports.By | None = None, hours: str | None = None, about: reports.About | None = None
) -> tuple[Figures, Mapping[str | None, Figures]]:
    period = reports.period_of(house.rooms.desk.current, date(2026, 10, 1), date(2026, 10, 31), None, hours)
    with house.rooms.store.read() as db:
        found = reports.report(db, house.rooms, everything(house), period, about or reports.About(), by)
    return found.total, {row.name if row.key else None: row for row in found.rows}


def test_the_month_as_a_whole(october: House) -> None:
    total, rows = figures(october)
    assert not rows
    assert (total.opened, total.closed, total.reopened, total.taken) == (4, 4, 1, 3)
    assert (total.messages_in, total.messages_out, total.messages_automatic) == (7, 6, 1)
    assert total.unanswered == 1, "C, which Bob answered in November"
    # A: Friday 17:30 to Monday 9:30; B: 10 minutes
    assert total.first_response == Spread(2, (64 * H + 10 * M) / 2, (64 * H + 10 * M) / 2, 64 * H, 64 * H)
    # those, A again 10:00 to 11:00, B again 9:00 to 9:20, D 9:30 to 10:30 (what failed answered nobody)
    assert total.waiting == Spread(5, (64 * H + 150 * M) / 5, 60 * M, 64 * H, 64 * H)
    # A Friday 17:30 to Monday 12:00, B an hour and, after it was reopened, another, E from 30 September 10:00 to 0:30
    assert total.resolution == Spread(4, (66.5 + 1 + 1 + 14.5) * H / 4, 7.75 * H, 66.5 * H, 66.5 * H)
    assert total.surveys == Satisfaction(2, 2, 4.0, {3: 1, 5: 1})


def test_times_in_office_hours(october: House) -> None:
    total, _ = figures(october, hours="support")
    # A: half an hour on Friday, half an hour on Monday
    assert total.first_response == Spread(2, 35 * M, 35 * M, 60 * M, 60 * M)
    # A 3:30, B 1:00 twice, E 30 September from 10 to 18
    assert total.resolution == Spread(4, (3.5 + 1 + 1 + 8) * H / 4, 2.25 * H, 8 * H, 8 * H)


def test_by_agent_it_is_who_did_it(october: House) -> None:
    _, rows = figures(october, "agent")
    assert list(rows) == ["Ann", "Bob", None]
    ann, bob, nobody = rows["Ann"], rows["Bob"], rows[None]
    assert (ann.opened, ann.closed, ann.messages_out, ann.taken) == (1, 2, 3, 1)
    assert (bob.opened, bob.closed, bob.messages_out, bob.taken) == (2, 1, 3, 2)
    assert (nobody.opened, nobody.closed, nobody.messages_automatic, nobody.reopened) == (1, 1, 1, 1)
    assert ann.waiting == Spread(3, (64 * H + 80 * M) / 3, 60 * M, 64 * H, 64 * H)
    assert bob.waiting == Spread(2, 35 * M, 35 * M, 60 * M, 60 * M)
    assert bob.first_response == Spread(1, 10 * M, 10 * M, 10 * M, 10 * M)
    assert (ann.surveys.answered, bob.surveys.sent, bob.surveys.answered) == (1, 1, 0)


def test_by_inbox_channel_and_tag(october: House) -> None:
    _, rows = figures(october, "inbox")
    assert {name: row.opened for name, row in rows.items()} == {"Sales": 1, "Support": 3}
    _, rows = figures(october, "channel")
    assert {name: row.opened for name, row in rows.items() if name in ("Main number", "Second number")} == {
        "Main number": 2, "Second number": 1,
    }  # fmt: skip
    _, rows = figures(october, "tag")
    assert {name: row.opened for name, row in rows.items()} == {"order": 1, "vip": 2, None: 2}
    total, _ = figures(october, about=reports.About(tag=["order"]))
    assert (total.opened, total.messages_in, total.unanswered) == (1, 1, 1)


def test_by_hour_day_and_weekday_it_is_when(october: House) -> None:
    _, hours = figures(october, "hour")
    assert len(hours) == 24
    assert {hour: row.messages_in for hour, row in hours.items() if row.messages_in} == {
        "09": 2, "10": 3, "17": 1, "20": 1,
    }  # fmt: skip
    assert hours["00"].closed == 1
    _, days = figures(october, "day")
    assert (len(days), days["2026-10-29"].opened, days["2026-10-05"].messages_out) == (31, 1, 2)
    _, weekdays = figures(october, "weekday")
    assert {name: row.opened for name, row in weekdays.items() if row.opened} == {
        "friday": 1, "tuesday": 1, "wednesday": 1, "thursday": 1,
    }  # fmt: skip


def test_months_add_up(october: House) -> None:
    """What is over does not change, and nothing is counted in two months."""
    with october.rooms.store.read() as db:
        opened = []
        for first, last in ((date(2026, 9, 1), date(2026, 9, 30)), (date(2026, 10, 1), date(2026, 10, 31)),
                            (date(2026, 9, 1), date(2026, 10, 31))):  # fmt: skip
            period = reports.period_of(october.rooms.desk.current, first, last, None, None)
            total = reports.report(db, october.rooms, everything(october), period, reports.About(), None).total
            opened.append((total.opened, total.closed, total.messages_in, total.messages_out, total.surveys.sent))
    assert tuple(map(sum, zip(*opened[:2], strict=True))) == opened[2] == (6, 5, 9, 8, 3)


def test_fairness_says_who_was_given_how_much_and_who_waits_longest(october: House) -> None:
    period = reports.period_of(october.rooms.desk.current, date(2026, 10, 1), date(2026, 10, 31), None, None)
    with october.rooms.store.read() as db:
        found = reports.fairness(db, october.rooms, everything(october), period, reports.About())
    shares = {one.name: one for one in found.agents}
    assert [one.name for one in found.agents][:2] == ["Bob", "Ann"]
    ann, bob = shares["Ann"], shares["Bob"]
    assert (ann.taken, ann.by_hand, ann.share, ann.hours, ann.per_hour, ann.open_now) == (1, 0, 0.3333, 6.0, 0.17, 0)
    assert (bob.taken, bob.by_hand, bob.share, bob.hours, bob.per_hour, bob.open_now) == (2, 1, 0.6667, 3.0, 0.67, 1)
    assert shares["Cleo"].taken == 0, "also who was given nothing"
    assert found.unassigned_now == len(found.oldest) == 1
    assert found.oldest[0].since == at("10-29 20:00")


def test_surveys_say_what_was_answered_in_the_month(october: House) -> None:
    period = reports.period_of(october.rooms.desk.current, date(2026, 10, 1), date(2026, 10, 31), None, None)
    with october.rooms.store.read() as db:
        found = reports.survey_results(db, october.rooms, everything(october), period, reports.About())
        vip = reports.survey_results(db, october.rooms, everything(october), period, reports.About(tag=["vip"]))
        stranger = replace(everything(october), inbox_ids=frozenset())
        none = reports.survey_results(db, october.rooms, stranger, period, reports.About())
    assert found.surveys == [reports.SurveyFigures("csat", 2, 2, 4.0, {3: 1, 5: 1}, None, None, None, None)]
    assert [(one.score, one.answered_at) for one in found.newest] == [(5, at("10-05 13:00")), (3, at("10-01 10:00"))]
    assert vip.surveys == [reports.SurveyFigures("csat", 1, 1, 5.0, {5: 1}, None, None, None, None)]
    assert (none.surveys, none.newest) == ([], [])


def test_nobody_learns_of_inboxes_he_does_not_belong_to(october: House) -> None:
    period = reports.period_of(october.rooms.desk.current, date(2026, 10, 1), date(2026, 10, 31), None, None)
    with october.rooms.store.read() as db:
        mara = member(october, "mara")
        total = reports.report(db, october.rooms, mara, period, reports.About(), None).total
        assert total.opened == 3
        with pytest.raises(NotFound):
            reports.report(db, october.rooms, mara, period, reports.About(inbox=["sales"]), None)
        with pytest.raises(NotFound):
            reports.report(db, october.rooms, everything(october), period, reports.About(inbox=["anns"]), None)


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2026, 10, 2), date(2026, 10, 1)), (date(2025, 1, 1), date(2026, 1, 2)), (date(1, 1, 1), date(1, 1, 2))],
)
def test_days_that_make_no_period_are_refused(house: House, first: date, last: date) -> None:
    with pytest.raises(Invalid):
        reports.period_of(house.rooms.desk.current, first, last, None, None)
    with pytest.raises(NotFound):
        reports.period_of(house.rooms.desk.current, date(2026, 1, 1), date(2026, 1, 1), None, "nights")


def test_what_is_too_much_is_refused(october: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("casella.inbox.reports.gathering.MOST", 4)
    with pytest.raises(ReportTooLarge):
        figures(october)


def test_tables_say_the_same(october: House) -> None:
    pyarrow = pytest.importorskip("pyarrow.parquet")
    _, rows = figures(october, "agent")
    ordered = list(rows.values())
    lines = list(csv.DictReader(io.StringIO(reports.as_csv(Figures, ordered).decode())))
    table = pyarrow.read_table(io.BytesIO(reports.as_parquet(Figures, ordered))).to_pylist()
    assert [line["name"] for line in lines] == ["Ann", "Bob", ""]
    assert [row["name"] for row in table] == ["Ann", "Bob", None]
    assert [float(line["waiting_median"] or 0) for line in lines] == [row["waiting_median"] or 0 for row in table]
    assert table[0]["waiting_median"] == 3600.0
    assert set(table[0]) == set(lines[0])
    assert (table[0]["surveys_mean"], table[2]["first_response_mean"]) == (5.0, None)
    risky = replace(ordered[0], name="=1+1")
    assert next(csv.DictReader(io.StringIO(reports.as_csv(Figures, [risky]).decode())))["name"] == "'=1+1"
