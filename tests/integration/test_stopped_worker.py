"""A worker that stands still in the worst moment, with the rows locked for which all others wait."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from casella_simulator import Simulator
from tests.acceptance.desk_work import conversation_of, messages_of, texts
from tests.integration.rig.desks import NUMBER, busy_desk
from tests.integration.rig.houses import distributed
from tests.integration.rig.programs import until
from tests.services import RedisServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PHONES = [f"+1202558{number:04}" for number in range(8)]
WITHIN = 90.0
"""Seconds. The bound is ten; the rest is patience with a busy machine. Without a bound it would be for ever."""
_HOLDS = """
import sys
from sqlalchemy import select
from casella.store import Store
from casella.store.tables import agents, channels, lanes
with Store(sys.argv[1], pool_size=1).write() as db:
    for table in (lanes, channels, agents):
        db.execute(select(table).with_for_update())
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def stopped_worker(database_url: str) -> Iterator[subprocess.Popen[str]]:
    """A process of Casella's store that has locked every lane, channel and agent, and was then stopped."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDS, database_url],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        process.send_signal(signal.SIGSTOP)
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.communicate()


def test_a_stopped_worker_holds_the_others_for_seconds_only(
    tmp_path: Path, pg_url: str, private_redis_server: RedisServer
) -> None:
    with (
        Simulator() as provider,
        distributed(
            tmp_path / "house", provider, busy_desk(tmp_path / "desk"),
            database_url=pg_url, redis_url=private_redis_server.url, serves=1, works=2,
        ) as house,
        house.client("mara") as mara,
    ):  # fmt: skip
        provider.text_from(PHONES[0], "before", to=NUMBER)
        until(lambda: [one for one in provider.accepted() if one.to == PHONES[0]], "the house works")
        with stopped_worker(pg_url) as process:
            for phone in PHONES:
                provider.text_from(phone, "while it stands still", to=NUMBER)

            def answered() -> bool:
                return {one.to for one in provider.accepted()} >= set(PHONES)

            until(answered, "everybody is answered while it still stands", WITHIN)
            for phone in PHONES:
                shown = texts(messages_of(mara, str(conversation_of(mara, phone)["id"])), "in")
                assert shown[-1] == "while it stands still"
        assert process.returncode != 0, "its session was ended: it found out before it could commit"
