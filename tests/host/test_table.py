"""The host: finds plugins, refuses what cannot be taken in with a sentence, and keeps a broken one from the rest."""

from __future__ import annotations

import io
import re
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from casella import logs, metrics
from casella.errors import PluginAway, PluginFailed
from casella.host import Host, find_plugins
from casella.plugin import MediaUnavailable, SendRejected, SendUncertain, Sent, WebhookAnswer
from tests.fakes import SECRET, AcmeChannel
from tests.house import House

GOOD = """
from casella.plugin import hookimpl
from tests.fakes import AcmeChannel

@hookimpl
def register_channels(register):
    register(AcmeChannel("{name}"))
"""

RULES_UNMARKED = """
def register_rules(register):
    pass
"""
ABLE_TO_ALL = GOOD.replace("register(A", "parrot = A").replace('"))', '")') + (
    "    parrot.capabilities = 'all'\n    register(parrot)\n"
)


Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path) -> Iterator[Install]:
    """Put a distribution with an entry point on the path, as pip would; gone after the test."""
    modules: list[str] = []

    def put(name: str, source: str) -> None:
        module = f"guest_{name}"
        modules.append(module)
        (tmp_path / f"{module}.py").write_text(source.replace("{name}", name))
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[casella]\n{name} = {module}\n")

    sys.path.insert(0, str(tmp_path))
    yield put
    sys.path.remove(str(tmp_path))
    for module in modules:
        sys.modules.pop(module, None)


def test_an_installed_plugin_is_found_beside_the_bundled_one(install: Install) -> None:
    install("parrot", GOOD)
    host = find_plugins()

    assert {"parrot", "sms"} <= set(host.plugins)
    assert host.quarantined == {}
    assert host.plugin("parrot").title == "ACME"


def odd(**attributes: object) -> str:
    """A plugin with one thing wrong."""
    return GOOD.replace("AcmeChannel(", f"type('Odd', (AcmeChannel,), {attributes!r})(")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import a_module_that_nobody_has", "a_module_that_nobody_has"),
        ("raise RuntimeError('half installed')", "half installed"),
        ("raise SystemExit(1)", "SystemExit"),
        ("def (", "SyntaxError"),
        (GOOD.replace("register_channels", "register_chanels"), "register_chanels"),
        (GOOD + "    register(AcmeChannel('{name}'))\n", "already taken"),
        (GOOD.replace('AcmeChannel("{name}")', "object()"), "which is no ChannelPlugin of casella.plugin"),
        (GOOD.replace('AcmeChannel("{name}")', "AcmeChannel"), "write register(AcmeChannel())"),
        (GOOD.replace("@hookimpl\n", ""), "register_channels (guest_parrot.py:5): write @hookimpl on the line above"),
        (GOOD + RULES_UNMARKED, "register_rules (guest_parrot.py:9): write @hookimpl"),
        (
            GOOD.replace("    register(A", "    (A"),
            "registers nothing: guest_parrot has no register_channels(register)",
        ),
        ("VERSION = 1", "registers nothing: guest_parrot has no register_channels(register)"),
        (odd(contract_version="99.0"), "made for plugin contract 99.0, this Casella speaks"),
        (odd(contract_version="1.999"), "install a newer Casella"),
        (odd(contract_version=1), "contract_version = 1; it must be text"),
        (GOOD.replace('AcmeChannel("{name}")', "AcmeChannel('My Parrot')"), "lower-case name"),
        (ABLE_TO_ALL, "Capabilities"),
        (
            "from casella.plugin import Capabilities\nCapabilities(address_kind='x', text_limit=1, quoted_reply=True)",
            "loaded: Capabilities has no 'quoted_reply'; did you mean 'quoted_replies'? (guest_parrot.py:2",
        ),
        (
            "from casella.plugin import Capabilities\nCapabilities(address_kind='x', text_limit='many')",
            "could not be loaded: Capabilities: text_limit: Input should be a valid integer",
        ),
        (odd(settings_model=7), "pydantic"),
        (odd(acknowledgement="ok"), "WebhookAnswer"),
    ],
)
def test_a_plugin_that_cannot_be_taken_in_is_named_with_a_sentence_and_the_others_load(
    install: Install, source: str, words: str
) -> None:
    install("parrot", source)
    host = find_plugins()

    assert "sms" in host.plugins
    assert not host.is_quarantined("sms")
    assert words in host.quarantined["parrot"].reason


def test_what_cannot_be_loaded_names_the_place_in_its_own_code_and_shows_the_way_there(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    source = "import json\n\n\ndef table():\n    return json.loads('{')\n\n\nTABLE = table()\n"
    install("parrot", source)
    found = find_plugins().quarantined["parrot"]

    assert found.reason.endswith("(guest_parrot.py:5 in table)")
    assert "JSONDecodeError" in found.reason
    assert found.traceback.startswith("Traceback")
    assert 'guest_parrot.py", line 8' in found.traceback
    assert "loading.py" not in found.traceback, "our own lines are not his business"


def test_a_syntax_error_names_its_line(install: Install) -> None:
    install("parrot", "import json\ndef (\n")
    assert "(guest_parrot.py:2)" in find_plugins().quarantined["parrot"].reason


def test_the_first_failure_of_a_call_is_told_with_its_place_and_the_way_there(
    migrated_sqlite_url: str, tmp_path: Path
) -> None:
    written = io.StringIO()
    logs.set_up("info", "json", written)
    try:
        with House(migrated_sqlite_url, tmp_path) as house:
            house.acme.instead["translate"] = lambda *_: dict[str, str]()["the words of a customer"]
            house.post(house.webhook(house.says("my words")))
    finally:
        logs.set_up("warning", "text", io.StringIO())

    [line] = [orjson.loads(line) for line in written.getvalue().splitlines() if "plugin failed" in line]
    assert line["how"].startswith("raised KeyError (tests/host/test_table.py:")
    assert "Traceback" in line["exception"]
    assert "test_table.py" in line["exception"]
    assert house.host.breakers.last_failure("acme", "translate") == f"translate {line['how']}"


def test_a_call_that_hangs_names_the_line_at_which_it_hung() -> None:
    host, go_on = Host(), threading.Event()

    def waits() -> str:
        go_on.wait()
        return ""

    with pytest.raises(PluginFailed):
        host.call(AcmeChannel(), "measure", waits, str, seconds=0.05)
    go_on.set()
    how = host.breakers.last_failure("acme", "measure")
    assert re.fullmatch(r"measure took longer than 0.05 seconds \(tests/host/test_table.py:\d+ in waits\)", how)


def test_two_plugins_of_one_type_the_second_is_refused() -> None:
    host = Host()
    host.register(AcmeChannel())
    with pytest.raises(ValueError, match="already taken; uninstall one"):
        host.register(AcmeChannel())


def test_asking_for_what_is_not_there_says_what_is() -> None:
    host = Host()
    host.register(AcmeChannel())

    with pytest.raises(PluginAway, match="acme"):
        host.plugin("pigeon")
    host.set_aside("acme", "it raised")
    host.set_aside("acme", "a later reason")
    with pytest.raises(PluginFailed) as caught:
        host.plugin("acme")
    assert caught.value.extra == {"channel_type": "acme"}
    assert host.quarantined["acme"].reason == "it raised"
    host.release("acme")
    assert host.plugin("acme").channel_type == "acme"


def test_quarantines_are_counted() -> None:
    before = metrics.plugins_set_aside.labels("counted")._value.get()
    host = Host()
    for _ in range(3):
        host.set_aside("counted", "again")

    assert metrics.plugins_set_aside.labels("counted")._value.get() == before + 1


def test_each_method_may_raise_what_its_contract_says_and_nothing_else() -> None:
    plugin = AcmeChannel()

    def fail(error: BaseException) -> object:
        raise error

    for method, error in (("send", SendRejected()), ("lookup", SendRejected()), ("locate_media", MediaUnavailable())):
        host = Host()
        with pytest.raises(type(error)):
            host.call(plugin, method, lambda error=error: fail(error), Sent)  # type: ignore[misc]  # bound now
        assert host.quarantined == {}
    wrong: list[tuple[str, BaseException]] = [
        ("verify", SendRejected()), ("translate", MediaUnavailable()), ("locate_media", SendRejected()),
        ("send", MediaUnavailable()), ("send", ValueError()), ("measure", SystemExit()),
    ]  # fmt: skip
    for method, raised in wrong:
        host = Host()
        with pytest.raises(PluginFailed):
            host.call(plugin, method, lambda raised=raised: fail(raised), Sent)  # type: ignore[misc]  # bound now
        how = f"{method} raised {type(raised).__name__} (tests/host/test_table.py:"
        assert host.breakers.last_failure("acme", method).startswith(how)
        assert host.quarantined == {}


def test_an_answer_of_another_type_is_no_answer() -> None:
    host = Host()
    with pytest.raises(PluginFailed):
        host.call(AcmeChannel(), "send", lambda: WebhookAnswer(200), Sent)
    assert "WebhookAnswer" in host.breakers.last_failure("acme", "send")


def test_a_time_out_of_http_that_leaves_send_is_uncertain_and_not_the_plugins_fault() -> None:
    def late() -> object:
        raise httpx.ReadTimeout("the provider is slow")

    host = Host()
    with pytest.raises(SendUncertain):
        host.call(AcmeChannel(), "send", late, Sent)
    assert host.breakers.last_failure("acme", "send") == ""


def test_what_cannot_send_still_receives() -> None:
    host, plugin = Host(), AcmeChannel()
    for number in range(3):
        with pytest.raises(PluginFailed):
            host.call(plugin, "send", lambda: 1 / 0, Sent, subject=f"message {number}")

    with pytest.raises(PluginAway):
        host.call(plugin, "send", lambda: Sent("1"), Sent)
    assert host.call(plugin, "measure", lambda: "fits", str) == "fits"
    assert host.receives("acme")
    [aside] = host.breakers.now_aside()
    assert aside.method == "send"
    assert aside.reason.startswith("send raised ZeroDivisionError (tests/host/test_table.py:")


def test_tracing_tells_method_time_and_outcome_and_no_secret(migrated_sqlite_url: str, tmp_path: Path) -> None:
    written = io.StringIO()
    logs.set_up("info", "json", written)
    try:
        with House(migrated_sqlite_url, tmp_path, trace=True) as house:
            house.receive(house.says("my words"))
            house.reply()
            house.deliver()
            house.acme.instead["verify"] = lambda *_: 1 / 0
            house.post(house.webhook(house.says("my words")))
    finally:
        logs.set_up("warning", "text", io.StringIO())

    lines = [line for line in written.getvalue().splitlines() if '"plugin call"' in line]
    traced = "\n".join(lines)
    for method in ("verify", "translate", "send"):
        assert f'"method": "{method}"' in traced or f'"method":"{method}"' in traced
    assert "milliseconds" in traced
    assert "ZeroDivisionError" in traced
    assert SECRET not in written.getvalue()
    assert "my words" not in traced


def test_without_tracing_calls_are_not_told(migrated_sqlite_url: str, tmp_path: Path) -> None:
    written = io.StringIO()
    logs.set_up("info", "json", written)
    try:
        with House(migrated_sqlite_url, tmp_path) as house:
            house.receive(house.says())
    finally:
        logs.set_up("warning", "text", io.StringIO())

    assert "plugin call" not in written.getvalue()
