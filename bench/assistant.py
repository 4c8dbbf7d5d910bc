"""The assistant: what Casella adds to a bare call of the SDK, how soon a first word is passed on, many streams at once,
and the offline provider over a large desk.

The provider is the simulator's endpoint in a process of its own. A bare call and one through Casella are made in turn,
so that both meet the same machine; the overhead is the difference of their medians. Through Casella means: prepared by
the inbox (budget, history, sources, masking), recorded, asked, checked, kept for feedback.
"""

from __future__ import annotations

import argparse
import asyncio
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
import openai
import uvicorn
from tests.house import DESK, ENVIRONMENT, House

from bench.rig import report
from casella.clock import SystemClock
from casella.inbox.assistant.asking import Delta, Prepared, prepare, propose
from casella.inbox.assistant.feedback import record_consent
from casella.inbox.assistant.task import Asker, Wish
from casella.inbox.reading.members import find_member
from casella.store.tables import conversations
from casella_assistant import Assistant, Breaker, Languages, Masks, OfflineProvider, Route, Task, Turn, load_prompts
from casella_assistant.formats import schema_for
from casella_assistant.model import Source
from casella_assistant.ranking import Index

ANSWER = {"replies": [{"text": "Your order left this morning and arrives tomorrow. " * 3, "sources": []}]}
PART = """
assistant:
  providers:
    main: {type: openai, settings: {api_key: "${MODEL_KEY}", model: simulated, base_url: "BASE"}}
  inbox_budget: {}
  agent_budget: {}
"""
WORDS = tuple(
    "order parcel refund invoice warranty delivery address account password shipping return exchange damaged late "  # noqa: SIM905 - a list of thirty lines says no more
    "voucher price discount store opening hours colour size battery charger screen repair".split()
)
NOW = time.perf_counter
_T = TypeVar("_T")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.assistant", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="seconds instead of a minute")
    parser.add_argument("--calls", type=int, default=60, help="calls of each kind (default 60)")
    parser.add_argument("--streams", type=int, default=100, help="streams open at once (default 100)")
    parser.add_argument("--messages", type=int, default=10_000, help="canned messages (default 10000)")
    given = parser.parse_args(argv)
    if given.quick:
        given.calls, given.streams, given.messages = 6, 12, 500
    with tempfile.TemporaryDirectory(prefix="casella-bench-") as folder, simulator() as url:
        figures = as_served(measure(Path(folder), url, given))
    report.progress(f"offline over {given.messages} canned messages")
    figures["offline_ms"] = as_served(offline(given.messages, given.calls))
    keys = ("overhead_p50_ms", "first_token_p50_ms", "streams", "offline_ms")
    more = {name: figure for name, figure in figures.items() if name not in keys}
    rows = [(name, round(float(str(figure)), 2)) for name, figure in figures.items()]
    report.table("The assistant", ("figure", "value"), rows)
    report.last_line({**{key: figures[key] for key in keys}, **more})
    return 0


def as_served(work: Coroutine[object, object, _T]) -> _T:
    """On the event loop on which `casella up` and `serve` run; the bare SDK, too."""
    with asyncio.Runner(loop_factory=uvicorn.Config(lambda: None, log_config=None).get_loop_factory()) as runner:
        return runner.run(work)


@contextmanager
def simulator() -> Iterator[str]:
    """The simulator in its own process, so that it does not share our interpreter."""
    port = free_port()
    command = [sys.executable, "-m", "casella_simulator", "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 30
        while not _answers(url):
            if time.monotonic() > deadline:
                raise SystemExit("the simulator did not start")
            time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/openai/v1/models").status_code == 200
    except httpx.TransportError:
        return False


def script(url: str, **turn: object) -> None:
    answer = httpx.put(f"{url}/_sim/openai/script", json={"always": {"answer": ANSWER, **turn}})
    answer.raise_for_status()


async def measure(folder: Path, url: str, given: argparse.Namespace) -> dict[str, object]:
    listed = urlsplit(url).netloc
    with House(f"sqlite:///{folder / 'casella.db'}", folder, desk=None, private_hosts=listed) as house:
        text = DESK + PART.replace("BASE", f"{url}/openai/v1")
        house.apply(desk=text, environment={**ENVIRONMENT, "MODEL_KEY": "none"})
        with house.rooms.store.write() as db:
            mara = find_member(db, house.agent("mara").id)
            assert mara is not None
            record_consent(db, mara, "1", accepted=True, at=house.clock.now())
        for number in range(10):
            house.receive(house.says(f"Where is my order {number}? Write to ada@x.example or +39 06 6982 1234"))
        bare = openai.AsyncOpenAI(api_key="none", base_url=f"{url}/openai/v1", max_retries=0)
        report.progress(f"{given.calls} calls, bare and through Casella in turn")
        figures = await overhead(house, bare, url, given.calls)
        report.progress("the first word")
        figures |= await first_token(house, bare, url, given.calls)
        report.progress(f"{given.streams} streams at once")
        figures |= await many(house, url, given.streams)
        await house.rooms.assistant.close()
        await bare.close()
        return figures


async def prepared(house: House) -> Prepared:
    row = house.one(conversations)
    asker = Asker(house.agent("ann").id, "Ann")
    return await asyncio.to_thread(prepare, house.rooms, row["id"], row["inbox_id"], Wish("suggest"), asker)


async def through(house: House, *, stream: bool) -> float | None:
    """Everything, from the wish to the kept answer. Returns when the first word was passed on."""
    first = None
    async with aclosing(propose(house.rooms, await prepared(house), stream=stream)) as items:
        async for item in items:
            if first is None and isinstance(item, Delta):
                first = NOW()
    return first


async def overhead(house: House, bare: openai.AsyncOpenAI, url: str, calls: int) -> dict[str, object]:
    script(url)
    same = await the_same(house)
    sdk, casella = [], []
    for number in range(calls + 3):
        began = NOW()
        await bare.chat.completions.create(**same)
        between = NOW()
        await through(house, stream=False)
        if number >= 3:  # the first ones open connections and load models
            sdk.append((between - began) * 1000)
            casella.append((NOW() - between) * 1000)
    return {
        "overhead_p50_ms": round(statistics.median(casella) - statistics.median(sdk), 2),
        "bare_p50_ms": round(statistics.median(sdk), 2),
        "casella_p50_ms": round(statistics.median(casella), 2),
    }


async def the_same(house: House) -> dict[str, Any]:
    """The very request that Casella sends, for the bare call."""
    one = await prepared(house)
    messages = one.setup.prompts.render(Masks().task(one.task), structured=True)
    form = {"name": "casella_suggest", "schema": dict(schema_for(one.task)), "strict": True}
    return {
        "model": "simulated",
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "response_format": {"type": "json_schema", "json_schema": form},
        "max_tokens": 2_000,
    }


async def first_token(house: House, bare: openai.AsyncOpenAI, url: str, calls: int) -> dict[str, object]:
    """From the piece's arrival in this process to its being passed on: the provider is wrapped, the clock is one."""
    script(url, piece_characters=6)
    arrived: list[float] = []
    setup = (await prepared(house)).setup
    provider = setup.routes["main"].provider
    ask = provider.ask

    async def watched(request: object):  # type: ignore[no-untyped-def]  # as the provider's own
        begun = False
        async with aclosing(ask(request)) as pieces:  # type: ignore[arg-type]  # every request has this shape
            text = ""
            async for piece in pieces:
                text += piece.text
                if not begun and '"text": "Y' in text:  # the piece that brings the reply's first letter
                    begun = True
                    arrived.append(NOW())
                yield piece

    provider.ask = watched  # type: ignore[method-assign]  # to see when a piece arrives
    passed = [await through(house, stream=True) for _ in range(calls + 3)]
    del provider.ask  # the class's own again
    waits = [(late - early) * 1000 for late, early in zip(passed, arrived, strict=True) if late is not None][3:]
    return {"first_token_p50_ms": round(statistics.median(waits), 3), "first_token_max_ms": round(max(waits), 3)}


async def many(house: House, url: str, streams: int) -> dict[str, object]:
    """All open at once: each takes two seconds to be written, so all are under way when the last one begins."""
    script(url, piece_ms=60, piece_characters=6)
    began = NOW()
    done = await asyncio.gather(*(through(house, stream=True) for _ in range(streams)), return_exceptions=True)
    finished = sum(isinstance(one, float) for one in done)
    if finished < streams:
        raise SystemExit(f"{streams - finished} of {streams} streams failed: {done[0]!r}")
    return {"streams": finished, "streams_seconds": round(NOW() - began, 2)}


async def offline(messages: int, calls: int) -> float:
    """Searching a desk's canned messages and answering, the index built before, as between two changes of the desk."""
    texts = [
        f"About your {WORDS[n % len(WORDS)]} and {WORDS[n * 7 % len(WORDS)]}: case {n}, we look into it today."
        for n in range(messages)
    ]
    index = Index(texts)
    assistant, prompts = Assistant(Languages()), load_prompts()
    routes = [Route("offline", OfflineProvider(), Breaker(SystemClock().now))]
    took = []
    for number in range(calls + 3):
        asked = f"My {WORDS[number % len(WORDS)]} is damaged, I want a {WORDS[number * 3 % len(WORDS)]}"
        began = NOW()
        found = index.search(asked, 8)
        sources = tuple(Source(f"canned:{n}", "canned", texts[n], "", score) for n, score in found)
        task = Task(kind="suggest", turns=(Turn("m", "customer", asked),), sources=sources, count=3)
        await assistant.answer(task, routes, prompts, seconds=10)
        took.append((NOW() - began) * 1000)
    return round(statistics.median(took[3:]), 2)


if __name__ == "__main__":
    raise SystemExit(main())
