"""However the tests end, their servers end with them."""

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.services import ServerFailed
from tests.services.server_process import ServerProcess, scratch_folder, wait_until

REPOSITORY = Path(__file__).parents[2]

OWNER = """
import sys
from tests.services import postgres, redis_server
with postgres(private=True) as pg, redis_server(private=True) as redis:
    print(pg.pid, redis.pid, pg.url.partition("host=")[2], redis.url.removeprefix("unix://"), flush=True)
    sys.stdin.read()
"""


@contextmanager
def owner_of_servers() -> Iterator[subprocess.Popen[str]]:
    """A process that holds one PostgreSQL and one Redis until its standard input ends."""
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(OWNER)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as owner:
        yield owner


def announced(owner: subprocess.Popen[str]) -> tuple[list[psutil.Process], list[Path]]:
    """The servers' processes with all their children, and the folders they use."""
    assert owner.stdout is not None
    postgres_pid, redis_pid, postgres_folder, redis_socket = owner.stdout.readline().split()
    servers = [psutil.Process(int(postgres_pid)), psutil.Process(int(redis_pid))]
    children = [child for server in servers for child in server.children(recursive=True)]
    return servers + children, [Path(postgres_folder), Path(redis_socket).parent]


@pytest.mark.usefixtures("pg_server", "redis_server")  # so that a machine without servers skips
@pytest.mark.parametrize("ending", ["kill -9", "kill -9 of the whole group", "SIGTERM", "the usual way"])
def test_servers_and_folders_go_with_their_owner(ending: str) -> None:
    with owner_of_servers() as owner:
        processes, folders = announced(owner)
        assert all(folder.is_dir() for folder in folders)
        match ending:
            case "kill -9":
                owner.kill()
            case "kill -9 of the whole group":
                os.killpg(owner.pid, signal.SIGKILL)
            case "SIGTERM":
                owner.terminate()
            case _:
                assert owner.stdin is not None
                owner.stdin.close()
        _, alive = psutil.wait_procs(processes, timeout=60)
        assert not alive
        assert wait_until(lambda: not any(folder.exists() for folder in folders))


def test_a_server_that_cannot_start_says_why() -> None:
    with scratch_folder("test") as scratch:
        process = ServerProcess(["/bin/sh", "-c", "echo no room at the inn >&2; exit 1"], scratch, signal.SIGTERM)
        process.start()
        with pytest.raises(ServerFailed, match="no room at the inn"):
            process.wait_ready(lambda: False)
        process.end()


def test_a_program_that_does_not_exist_says_why() -> None:
    with scratch_folder("test") as scratch:
        process = ServerProcess([str(scratch / "missing")], scratch, signal.SIGTERM)
        with pytest.raises(ServerFailed, match="No such file"):
            process.start()
        process.end()


def test_a_server_that_ignores_the_polite_signal_is_killed() -> None:
    with scratch_folder("test") as scratch:
        stubborn = "trap '' TERM; echo up; exec sleep 600"
        process = ServerProcess(["/bin/sh", "-c", stubborn], scratch, signal.SIGTERM, patience=0.2)
        process.start()
        process.wait_ready(lambda: process.log.exists() and "up" in process.log.read_text())
        server = psutil.Process(process.pid)
        process.end()
        assert not server.is_running()
