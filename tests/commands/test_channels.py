"""`casella channels`: what is installed, what was set aside and why, what the desk has and in which state."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import httpx
import orjson
import pytest
from pydantic import model_validator
from sqlalchemy import update
from typer.testing import CliRunner

from casella.cli import cli
from casella.commands.extensions.channels import ChannelLine, TypeLine, channel_lines, checked, print_tables, type_lines
from casella.commands.extensions.set_aside import find_set_aside
from casella.commands.upkeep.doctor import print_findings
from casella.doctor import examine
from casella.host import Host
from casella.inbox.house import plugin_watch
from casella.plugin import ChannelUnreachable, Refusal
from casella.store import tables as t
from tests.fakes import SECRET, AcmeChannel, AcmeSettings
from tests.house import House


class Asked(AcmeChannel):
    """Answers what it is told when it is asked whether it is well."""

    answer: Refusal | BaseException | None = None

    def health(self, channel: object, http: httpx.Client) -> Refusal | None:
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def pause(house: House, **values: object) -> None:
    with house.rooms.store.write() as db:
        db.execute(update(t.channels).where(t.channels.c.key == "main").values(**values))


def lines(house: House, host: Host | None = None) -> list[ChannelLine]:
    host, store = host or house.host, house.rooms.store
    return channel_lines(house.settings, host, find_set_aside(house.settings, host, store), store)


def states(house: House) -> dict[str, tuple[str, str]]:
    return {line.key: (line.state, line.reason) for line in lines(house)}


def types(house: House, **settings: object) -> dict[str, TypeLine]:
    aside = find_set_aside(house.settings.model_copy(update=settings), house.host, house.rooms.store)
    return {line.type: line for line in type_lines(house.host, aside)}


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder without a database."""
    monkeypatch.setenv("CASELLA_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.delenv("CASELLA_DATABASE_URL", raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "var"


def test_without_a_desk_the_types_are_listed_and_nothing_is_made(empty: Path) -> None:
    done = CliRunner().invoke(cli, ["channels"])
    assert done.exit_code == 0, done.output
    assert "SMS and MMS" in done.output
    assert "casella apply" in done.output
    assert not empty.exists()


def test_for_programs_it_is_one_document(empty: Path) -> None:
    document = orjson.loads(CliRunner().invoke(cli, ["channels", "--json"]).stdout)
    assert document["channels"] == []
    assert {"sms"} <= {line["type"] for line in document["types"]}
    assert all(line["state"] == "ready" for line in document["types"])


def test_the_desks_channels_are_listed_with_why_they_are_paused(house: House) -> None:
    assert states(house) == {"main": ("ready", ""), "second": ("ready", "")}
    until = house.clock.now() + timedelta(minutes=5)
    pause(house, paused_code="channel_misconfigured", paused_text="The token is not accepted.", paused_until=until)
    assert states(house)["main"] == ("paused", "The token is not accepted.")
    [line] = [line for line in lines(house) if line.key == "main"]
    assert (line.until, line.type, line.inbox) == (until, "acme", "Support")


def test_what_was_set_aside_says_why(house: House) -> None:
    house.host.set_aside("acme", "translate raised ValueError")
    house.host.set_aside("parrot", "could not be loaded: SyntaxError")
    found = {name: (line.title, line.state, line.reason) for name, line in types(house).items()}
    assert found["acme"] == ("ACME", "set_aside", "translate raised ValueError")
    assert found["parrot"] == ("", "set_aside", "could not be loaded: SyntaxError")
    assert states(house)["main"] == ("plugin_set_aside", "translate raised ValueError")


def test_a_reason_is_shown_whole_however_narrow_the_terminal(
    house: House, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    reason = "registers nothing by register_channels (guest_parrot/channel.py:13): write @hookimpl on the line above it"
    why = "could not be loaded: KeyError: '[token]' (guest_cat.py:4 in helper)"
    pause(house, paused_code="x", paused_text=f"The token [main] is not accepted, and {'so on and ' * 8}on.")
    house.host.set_aside("parrot", reason)
    house.host.set_aside("cat", why, "Traceback (most recent call last):\n  File [x]\nKeyError: '[token]'")
    print_tables(list(types(house).values()), lines(house), [])
    shown = capsys.readouterr().out.splitlines()
    assert f"parrot: set aside: {reason}" in shown
    assert f"cat: set aside: {why}" in shown
    assert "  File [x]" in shown
    assert any(line.startswith("main: paused: The token [main]") and line.endswith("so on and on.") for line in shown)


def test_a_channel_whose_plugin_was_removed_says_so(house: House) -> None:
    [line, _] = lines(house, Host())
    assert (line.state, line.reason) == ("plugin_missing", "no plugin for channel type 'acme' is installed")


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (None, "ready", ""),
        (Refusal("wrong_token", "The token is not accepted."), "refused", "The token is not accepted."),
        (ChannelUnreachable("Nobody answers."), "unreachable", "Nobody answers."),
        (
            ValueError("oh"),
            "plugin_failed",
            "health raised ValueError (tests/commands/test_channels.py:HERE in health)",
        ),
    ],
)
def test_asked_for_the_providers_say_whether_it_works(
    migrated_sqlite_url: str, tmp_path: Path, answer: Refusal | Exception | None, state: str, reason: str
) -> None:
    plugin = Asked()
    plugin.answer = answer
    with House(migrated_sqlite_url, tmp_path, plugins=[plugin]) as house:
        [line, _] = lines(house)
        found = checked(house.rooms, line, house.http)
        assert (found.state, re.sub(r":\d+", ":HERE", found.reason)) == (state, reason)


def test_what_another_process_has_set_aside_is_told(house: House) -> None:
    """`casella channels` loads the plugins anew, where everything may still be well."""
    for number in range(3):
        house.host.breakers.failed("acme", "send", "raised KeyError (acme/send.py:7 in send)", f"{number}")
    plugin_watch.agree(house.rooms)
    line = types(house)["acme"]
    assert (line.state, line.title) == ("partly_set_aside", "ACME")
    assert line.reason.startswith("send raised KeyError (acme/send.py:7 in send); ")
    state, reason = states(house)["main"]
    assert (state, reason[:19]) == ("plugin_partly_set_aside", "send raised KeyErro")


@pytest.fixture
def server() -> Iterator[int]:
    """A running server that could not load a plugin, which this process knows nothing of."""
    checks = {
        "database": "ok",
        "plugin parrot": "set aside: could not be loaded: ImportError",
        "plugin acme: translate": "set aside: translate raised KeyError; tried again in 15 s",
    }

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = orjson.dumps({"ready": True, "degraded": True, "checks": checks})
            self.send_response(200)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            """Nothing."""

    running = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield running.server_address[1]
    running.shutdown()
    running.server_close()
    thread.join()


def test_what_the_running_server_says_of_itself_is_told(house: House, server: int) -> None:
    found = types(house, port=server)
    assert (found["parrot"].state, found["parrot"].reason) == (
        "set_aside",
        "in the running server: could not be loaded: ImportError",
    )
    assert found["acme"].state == "partly_set_aside"
    assert "in the running server: translate raised KeyError" in found["acme"].reason


def test_settings_that_the_plugin_refuses_are_told_without_asking_the_provider(house: House) -> None:
    """As the running server finds them, which takes no webhooks for such a connection."""

    class Stricter(AcmeSettings):
        region: str

    class Newer(AcmeChannel):
        settings_model: type[AcmeSettings] = Stricter

    host = Host()
    host.register(Newer())
    [line, _] = lines(house, host)
    assert (line.state, line.reason) == ("refused", "the plugin refuses these settings: region")


def test_a_validator_that_fails_is_no_end_of_the_house(house: House) -> None:
    class Stumbling(AcmeSettings):
        @model_validator(mode="after")
        def looks_it_up(self) -> Self:
            raise KeyError(self.secret.get_secret_value())

    class Newer(AcmeChannel):
        settings_model: type[AcmeSettings] = Stumbling

    host = Host()
    host.register(Newer())
    [line, _] = lines(house, host)
    assert line.state == "refused"
    assert line.reason.startswith("the plugin fails at these settings: KeyError (tests/commands/test_channels.py:")
    assert SECRET not in line.reason


def test_the_doctor_prints_brackets_as_they_are(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    """Brackets are marks of style to the console: `[red]`, `[type=extra_forbidden]` and the like vanished."""
    house.host.set_aside("cat", "could not be loaded: ValueError: [type=extra_forbidden] of [red]x[/]")
    assert not print_findings(examine(house.rooms))
    assert "BAD plugin cat: set aside: could not be loaded: ValueError: [type=extra_forbidden] of [red]x[/]" in (
        capsys.readouterr().out.splitlines()
    )
