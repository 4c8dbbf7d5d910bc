"""Sending through a provider that takes 200 ms to answer, with the order in each conversation checked.

    python -m bench.delivery                  embedded, then a worker of its own on PostgreSQL and Redis
    python -m bench.delivery --only embedded --messages 2000
    python -m bench.delivery --quick          a smoke run

The provider is the simulator, a process of its own; its delivery receipts come back over HTTP all the while. First a
full outbox is sent as fast as one worker can; then replies come in over the HTTP API at half of that rate, and the
time of each is taken from its being queued to the provider's answer (the 200 ms are in it).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import cast

import httpx
import orjson
from sqlalchemy import func, select

from bench.rig import desk, report, webhooks
from bench.rig.house import add_contacts, queue_replies
from bench.rig.job import Job, quantile
from bench.rig.processes import Ground, JsonObject, Process, free_port, ground, load, postgresql, redis, running
from casella.store import Store
from casella.store.tables import messages, outbox, send_attempts

_PER_CONVERSATION = 4
_RATE = 2_000  # sends per second that the channel allows: more than can be had


def main(argv: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(argv)
    if given.quick:
        given.messages = min(given.messages, 80)
    results: dict[str, JsonObject] = {}
    for name in ("embedded", "postgres") if given.only == "both" else (given.only,):
        try:
            results[name] = _measure(name, given)
        except LookupError as missing:
            report.progress(f"not here: {missing}")
    keys = ("sends_per_second", "half_rate", "p50_ms", "p99_ms", "claim_to_answer_p99_ms", "rss_mb")
    rows = [(name, *(result[key] for key in keys)) for name, result in results.items()]
    heads = ("how", "sends/s", "replies/s", "reply p50 ms", "reply p99 ms", "full outbox: send p99 ms", "RSS MB")
    report.table(f"Sends, provider's latency {given.latency} ms, order kept", heads, rows)
    report.last_line(_figures(results))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bench.delivery", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--messages", type=int, default=2_400, help="in the full outbox (default 2400)")
    parser.add_argument("--latency", type=int, default=200, help="of the provider, in milliseconds (default 200)")
    parser.add_argument("--only", choices=("both", "embedded", "postgres"), default="both", help="one size only")
    parser.add_argument("--profile", action="store_true", help="sample the stacks too (costs a little speed)")
    parser.add_argument("--quick", action="store_true", help="80 messages, to see that it works")
    return parser


def _measure(name: str, given: argparse.Namespace) -> JsonObject:
    with ExitStack() as stack:
        urls = ("", "")
        if name == "postgres":
            urls = (stack.enter_context(postgresql()), stack.enter_context(redis()))
        place = stack.enter_context(ground(*urls))
        place.public_url = f"http://127.0.0.1:{place.port}"
        simulator = stack.enter_context(_simulator(place, given.latency))
        report.progress(f"{name}: {given.messages} messages into the outbox")
        place.furnish(rules=1, base_url=simulator, rate=_RATE)
        conversations = add_contacts(place.settings, max(1, given.messages // _PER_CONVERSATION))
        queue_replies(place.settings, conversations, _PER_CONVERSATION)
        report.progress(f"{name}: sending")
        processes = _start(place, name, given.profile)()
        with running(place, *processes):
            store = stack.enter_context(_opened(place))
            _until_sent(store)
            full = _sends(store)
            half = max(1.0, cast(float, full["sends_per_second"]) / 2)
            report.progress(f"{name}: {half:.0f} replies per second over the API")
            replies = conversations[: int(half * 4)]
            calm = _replies(place, replies, half)
            _until_sent(store)
            waits = _waits(store, since=len(conversations) * _PER_CONVERSATION)
            report.progress(f"{name}: checking the order")
            _in_order(simulator, place)
            notes = [process.stop() for process in processes]
    for process, note in zip(processes, notes, strict=True):
        report.profile(f"{name}, {process.name}", note)
    return full | {
        "p50_ms": round(quantile(waits, 0.5) * 1000, 1),
        "p99_ms": round(quantile(waits, 0.99) * 1000, 1),
        "half_rate": round(half),
        "api_p99_ms": calm["p99_ms"],
        "rss_mb": round(sum(cast(float, note["rss_mb"]) for note in notes), 1),
    }


def _start(place: Ground, name: str, stacks: bool) -> Callable[[], list[Process]]:
    if name == "embedded":
        return lambda: [Process(place, "up", "up", stacks=stacks)]
    return lambda: [Process(place, "serve", "serve"), Process(place, "work", "work", stacks=stacks)]


@contextmanager
def _simulator(place: Ground, latency: int) -> Iterator[str]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "bench.rig.provider", "--port", str(port), "--account", f"{desk.SID}:{desk.TOKEN}"]
    command += ["--number", desk.NUMBER, "--faults", orjson.dumps({"latency_ms": latency}).decode()]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    try:
        _until(lambda: _answers(url), 30)
        yield url
    finally:
        child.terminate()
        child.wait()
        if child.stdin is not None:
            child.stdin.close()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_sim/state").status_code == 200
    except httpx.TransportError:
        return False


@contextmanager
def _opened(place: Ground) -> Iterator[Store]:
    store = Store(place.settings.effective_database_url)
    yield store
    store.close()


def _until_sent(store: Store) -> None:
    """Nothing waits in the outbox any more, and nothing failed."""

    def empty() -> bool:
        with store.read() as db:
            return db.execute(select(func.count()).select_from(outbox)).scalar_one() == 0

    _until(empty, 120)


def _until(ready: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            raise SystemExit("it took too long; see the lines above")
        time.sleep(0.1)


def _sends(store: Store) -> JsonObject:
    """What the full outbox took, by the record of every attempt."""
    with store.read() as db:
        rows = db.execute(select(send_attempts.c.started_at, send_attempts.c.ended_at, send_attempts.c.outcome)).all()
    other = [row.outcome for row in rows if row.outcome != "sent"]
    if other:
        raise SystemExit(f"not everything was sent: {other[:5]}")
    took = (max(row.ended_at for row in rows) - min(row.started_at for row in rows)).total_seconds()
    calls = sorted((row.ended_at - row.started_at).total_seconds() for row in rows)
    return {
        "sends_per_second": round(len(rows) / took, 1),
        "claim_to_answer_p99_ms": round(quantile(calls, 0.99) * 1000, 1),
    }


def _waits(store: Store, since: int) -> list[float]:
    """Seconds from queued to answered, of all messages but the first `since`."""
    query = (
        select(messages.c.received_at, send_attempts.c.ended_at)
        .join(send_attempts, send_attempts.c.message_id == messages.c.id)
        .order_by(messages.c.id)
    )
    with store.read() as db:
        rows = db.execute(query).all()[since:]
    return sorted((row.ended_at - row.received_at).total_seconds() for row in rows)


def _replies(place: Ground, conversations: Sequence[str], rate: float) -> JsonObject:
    file = place.folder / "replies"
    webhooks.write(file, (_reply(place.token, id, number) for number, id in enumerate(conversations)))
    job = Job(port=place.port, requests=file, connections=16, seconds=30, rate=rate)
    result = load(place, job)
    if result["statuses"] != {"201": len(conversations)}:
        raise SystemExit(f"not every reply was taken: {result['statuses']}")
    return result


def _reply(token: str, conversation_id: str, number: int) -> bytes:
    body = orjson.dumps({"text": f"#{_PER_CONVERSATION:03d} One more thing: it is ready."})
    head = (
        f"POST /api/v1/conversations/{conversation_id}/messages HTTP/1.1\r\nHost: casella.bench.example\r\n"
        f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\nIdempotency-Key: bench-{number:08d}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _in_order(simulator: str, place: Ground) -> None:
    """Every conversation's messages reached the provider in the order of their numbers, each of them once."""
    arrived: dict[str, list[str]] = defaultdict(list)
    after, total = 0, 1
    with httpx.Client(base_url=simulator) as http:
        while sum(map(len, arrived.values())) < total:
            page = http.get("/_sim/messages", params={"after": after, "limit": 500}).json()
            total = page["total"]
            if page["repeated"] or not page["messages"]:
                raise SystemExit(f"{page['repeated']} messages were sent twice")
            for message in page["messages"]:
                arrived[message["to"]].append(message["body"][:4])
            after = page["messages"][-1]["number"]
    wrong = [to for to, bodies in arrived.items() if bodies != sorted(set(bodies))]
    if wrong:
        raise SystemExit(f"{len(wrong)} conversations were not sent in order")


def _figures(results: dict[str, JsonObject]) -> JsonObject:
    keys = ("sends_per_second", "p99_ms")
    first = results.get("embedded") or next(iter(results.values()), {})
    more = ("p50_ms", "half_rate", "claim_to_answer_p99_ms", "api_p99_ms", "rss_mb")
    figures = {key: first.get(key) for key in (*keys, *more)}
    if "postgres" in results and "embedded" in results:
        figures |= {f"postgres_{key}": results["postgres"][key] for key in (*keys, *more)}
    return figures


if __name__ == "__main__":
    raise SystemExit(main())
