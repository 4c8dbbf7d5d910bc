"""Every kind of event, by poll and by stream, about a conversation before and after a rule has moved it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house import until
from tests.visibility.hearing import GONE, Hearing
from tests.visibility.kinds import kinds_in_source
from tests.visibility.provocations import PROVOCATIONS
from tests.visibility.streams import Stream, listening
from tests.visibility.world import AGENTS, TO_PLAIN, TO_SALES, World


def test_every_kind_of_event_is_told_to_who_sees_the_conversation_and_to_nobody_else(world: World) -> None:
    [stays, moves] = world.subjects(2)
    hearing = Hearing(world)
    problems: list[str] = []
    with listening(world, AGENTS) as streams:
        for place, subject in (("in its inbox", stays), ("moved", moves)):
            if subject is moves:
                world.move(moves)
                problems += hearing.listen("the move")
                caught_up(world, streams, hearing)
            for provoke in PROVOCATIONS:
                provoke(world, subject)
                problems += hearing.listen(f"{provoke.__name__} ({place})")
                caught_up(world, streams, hearing)
        until(
            lambda: all(len(streams[who].events) >= len(hearing.heard[who]) for who in AGENTS),
            "all streams to catch up",
        )
    for who, stream in streams.items():
        # By their places: words that were taken back are not in the feed any more, and the stream has told them.
        if [event["cursor"] for event in stream.events] != [event["cursor"] for event in hearing.heard[who]]:
            problems.append(f"{who}'s stream does not tell what his polls do")
    assert not problems, "\n\n".join(problems)
    known = kinds_in_source()
    assert len(known) > 8
    for kind in sorted(known.keys() - hearing.kinds - {GONE}):
        problems.append(f"Nothing here makes the feed tell {kind} ({known[kind]}): do so in provocations.PROVOCATIONS.")
    assert not problems, "\n".join(problems)


def test_who_has_lost_sight_of_a_conversation_hears_nothing_of_it_from_an_old_cursor(world: World) -> None:
    [subject] = world.subjects(1)
    hearing = Hearing(world)
    before = world.client("ann").get("/api/v1/events/poll").json()["cursor"]
    world.house.reply(f"For you {subject.mark}", subject.conversation)
    world.move(subject)
    world.house.reply(f"Not for you {subject.mark}", subject.conversation, by="sue")
    hearing.oracle.refresh()
    with listening(world, ["ann"], last_id=before) as streams:
        world.client("ann").put("/api/v1/me/availability", json={"available": False})
        world.client("ann").put("/api/v1/me/availability", json={"available": True})
        world.hub.wake()
        until(lambda: any(event["kind"] == "agent.updated" for event in streams["ann"].events), "the end")
    polled = world.client("ann").get("/api/v1/events/poll", params={"after": before}).json()["events"]
    for told in (streams["ann"].events, polled):
        assert {event["kind"] for event in told} <= {"agent.updated", GONE}
        assert subject.mark not in str(told)


def test_a_conversation_that_comes_is_told_to_those_it_comes_to(world: World) -> None:
    [subject] = world.subjects(1)
    hearing = Hearing(world)
    for tag in (TO_SALES, TO_PLAIN):
        world.move(subject, tag)
        assert not (problems := hearing.listen(tag)), "\n".join(problems)


def test_the_manual_names_every_kind_of_event() -> None:
    manual = Path(__file__).parents[2].joinpath("docs/api.md").read_text()
    assert kinds_in_source().keys() <= set(re.findall(r"`([a-z]+(?:\.[a-z]+)?)`", manual))


def caught_up(world: World, streams: dict[str, Stream], hearing: Hearing) -> None:
    """The hub reads once for all: when the admin's stream has everything, it was read for everybody."""
    world.hub.wake()
    until(lambda: len(streams["dora"].events) >= len(hearing.heard.get("dora", [])), "the admin's stream to catch up")
