"""The Redis that tests stand on: it starts, comes back empty and leaves nothing."""

import os
import signal
from pathlib import Path

import psutil
import pytest
import redis

from tests.services import NotOurServer, RedisServer
from tests.services import redis_server as start_redis

pytestmark = pytest.mark.usefixtures("redis_server")  # a machine without Redis skips them all


def test_it_is_a_real_redis(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        client.set("letter", "ciao")
        assert client.get("letter") == b"ciao"
        assert client.dbsize() == 1


def test_each_test_finds_it_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left behind", "on purpose")


@pytest.mark.parametrize("kind", ["fast", "kill"])
def test_it_comes_back_empty_under_the_same_url(private_redis_server: RedisServer, kind: str) -> None:
    before = private_redis_server.pid
    with redis.Redis.from_url(private_redis_server.url) as client:
        client.set("letter", "ciao")
        private_redis_server.restart("kill" if kind == "kill" else "fast")
        assert client.dbsize() == 0
    assert private_redis_server.pid != before


def test_it_can_be_away_for_a_while(private_redis_server: RedisServer) -> None:
    private_redis_server.stop()
    with redis.Redis.from_url(private_redis_server.url) as client:
        with pytest.raises(redis.ConnectionError):
            client.ping()
        private_redis_server.start()
        assert client.ping()


def test_it_comes_back_when_somebody_else_killed_it(private_redis_server: RedisServer) -> None:
    os.kill(private_redis_server.pid, signal.SIGKILL)
    private_redis_server.restart()
    with redis.Redis.from_url(private_redis_server.url) as client:
        assert client.ping()


def test_nothing_is_left_behind() -> None:
    with start_redis(private=True) as server:
        process = psutil.Process(server.pid)
        socket = Path(server.url.removeprefix("unix://"))
        assert socket.is_socket()
    assert not socket.parent.exists()
    assert not process.is_running()


def test_a_server_given_by_url_is_used_but_never_stopped(
    monkeypatch: pytest.MonkeyPatch, redis_server: RedisServer
) -> None:
    monkeypatch.setenv("CASELLA_TEST_REDIS_URL", redis_server.url)
    with start_redis() as server:
        assert server.url == redis_server.url
        for forbidden in (server.restart, server.stop, server.start):
            with pytest.raises(NotOurServer, match="private=True"):
                forbidden()
