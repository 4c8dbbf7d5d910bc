"""Hosts with the channel types of the desks that are tested here, and running all tests of such a desk."""

from __future__ import annotations

from pathlib import Path

from casella.desk import Catalogue, load_desk
from casella.host import Host
from casella.inbox.rule_tests import RuleTests, Verdict
from tests.desk.desks import FakeSettings
from tests.fakes import AcmeChannel


class Settings(FakeSettings):
    """The settings of the desks that are tested here, and what ACME asks of them."""

    pool: str = ""


def a_host() -> Host:
    """`acme`, and `sms` with buttons and templates."""
    plugin = AcmeChannel("sms", buttons=3, message_templates=True)
    plugin.settings_model = Settings  # type: ignore[assignment]  # another model with all that ACME reads
    host = Host()
    host.register(plugin)
    host.register(AcmeChannel())
    return host


def run_desk(folder: Path | str) -> list[Verdict]:
    host = a_host()
    desk = load_desk(folder, Catalogue.of_host(host))
    tests = RuleTests(desk, host)
    return [tests.run(test) for test in desk.tests]
