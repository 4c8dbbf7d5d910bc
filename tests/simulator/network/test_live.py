"""The event stream: nothing costs while nobody looks, nobody falls behind unnoticed, and it ends."""

import asyncio
from collections.abc import AsyncIterator

from casella_simulator.network.live import Hub


async def next_frame(frames: AsyncIterator[str]) -> str:
    return await asyncio.wait_for(anext(frames), 5)


def test_a_reader_first_loads_everything_and_then_hears_each_event() -> None:
    async def scenario() -> list[str]:
        hub = Hub()
        hub.publish("entry", {"id": 0})
        frames = hub.frames()
        first = await next_frame(frames)
        hub.publish("entry", {"id": 1, "text": "ciao 👋"})
        return [first, await next_frame(frames)]

    assert asyncio.run(scenario()) == [
        "event: reload\ndata: {}\n\n",
        'event: entry\ndata: {"id":1,"text":"ciao 👋"}\n\n',
    ]


def test_a_reader_that_falls_behind_is_told_to_load_everything_again() -> None:
    async def scenario() -> tuple[str, str]:
        hub = Hub()
        frames = hub.frames()
        await next_frame(frames)
        for number in range(2_001):
            hub.publish("entry", {"id": number})
        return await next_frame(frames), await next_frame(frames)

    first, second = asyncio.run(scenario())
    assert first.startswith("event: reload")
    assert '"id":2000' in second


def test_closing_ends_every_stream_and_nobody_is_watched_any_more() -> None:
    async def scenario() -> tuple[list[str], bool]:
        hub = Hub()
        frames = hub.frames()
        await next_frame(frames)
        assert hub.watched
        hub.close()
        return [frame async for frame in frames], hub.watched

    assert asyncio.run(scenario()) == ([], False)
