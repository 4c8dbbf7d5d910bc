"""Desks for tests: the example's, open day and night, and one that answers everything, for load."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

EXAMPLE = Path(__file__).parents[3] / "examples" / "desk"
SID, TOKEN, PASSWORD = "AC" + "0" * 31 + "7", "8d1f0c55a6de4be39d0c5a6b7a3f1e20", "a long enough password"
NUMBER, UNREGISTERED = "+12025550178", "+12025550179"
PUBLIC_HOLIDAYS = "    holidays: IT                   # public holidays of Italy\n"


def secrets(provider_url: str) -> dict[str, str]:
    """What the desks take from the environment."""
    return {
        "CASELLA_DEMO_TWILIO_ACCOUNT_SID": SID,
        "CASELLA_DEMO_TWILIO_AUTH_TOKEN": TOKEN,
        "CASELLA_DEMO_TWILIO_BASE_URL": provider_url,
        "CASELLA_DEMO_META_APP_SECRET": "3" * 32,
        "CASELLA_DEMO_META_TOKEN": "4" * 32,
        "CASELLA_DEMO_META_BASE_URL": provider_url,
        "CASELLA_DEMO_WEBCHAT_SECRET": "1" * 32,
        "CASELLA_DEMO_WEBCHAT_IDENTITY_SECRET": "2" * 32,
        "CASELLA_DEMO_PASSWORD": PASSWORD,
    }


def example_desk(folder: Path) -> Path:
    """examples/desk as it is, but open at any hour, and with a second number that is not registered."""
    shutil.copytree(EXAMPLE, folder)
    desk = folder / "desk.yaml"
    text = desk.read_text()
    for old, new in (
        ("      monday-friday: 09:00-18:00\n", "      monday-sunday: 00:00-24:00\n"),
        ("      saturday: 09:00-13:00        # days that are not named are closed\n", ""),
        (PUBLIC_HOLIDAYS, ""),
        ("    exceptions:                    # these dates follow nothing else\n", ""),
        ("      2026-12-24: 09:00-13:00\n      2026-12-31: closed\n", ""),
        ("\nteams:\n", _SECOND_NUMBER),
    ):
        assert text.count(old) == 1, f"examples/desk has changed: {old!r}"
        text = text.replace(old, new)
    # The tests share this desk: what one leaves open must not fill the agents for the next.
    desk.write_text(re.sub(r"capacity: \d+", "capacity: 100", text))
    return folder


_SECOND_NUMBER = f"""
  second-sms:
    connection: twilio
    inbox: support
    address: "{UNREGISTERED}"
    name: Number without a registration

teams:
"""


def busy_desk(folder: Path) -> Path:
    """Every message is tagged, assigned and answered, as fast as the provider takes it."""
    folder.mkdir(parents=True)
    (folder / "desk.yaml").write_text(_BUSY)
    (folder / "rules.yaml").write_text(_BUSY_RULES)
    (folder / "canned.yaml").write_text(_BUSY_CANNED)
    return folder


_BUSY = f"""desk: Busy
timezone: Europe/Rome
locales: [en]
tags: [seen]
inboxes:
  support: {{name: Support, teams: [front]}}
connections:
  twilio:
    type: sms
    settings:
      provider: twilio
      account_sid: ${{CASELLA_DEMO_TWILIO_ACCOUNT_SID}}
      auth_token: ${{CASELLA_DEMO_TWILIO_AUTH_TOKEN}}
      base_url: ${{CASELLA_DEMO_TWILIO_BASE_URL}}
channels:
  line:
    connection: twilio
    inbox: support
    address: "{NUMBER}"
    name: The line
    options: {{registration: registered, sends_per_second: "200"}}
teams:
  front: {{name: Front, strategy: least_busy}}
agents:
  ann: {{name: Ann, email: ann@demo.example, teams: [front], password: "${{CASELLA_DEMO_PASSWORD}}"}}
  bob: {{name: Bob, email: bob@demo.example, teams: [front], password: "${{CASELLA_DEMO_PASSWORD}}"}}
  mara:
    name: Mara
    email: mara@demo.example
    role: manager
    inboxes: [support]
    password: "${{CASELLA_DEMO_PASSWORD}}"
"""
_BUSY_RULES = """rules:
  - name: Everything is answered
    when: message_received
    if: always
    then:
      - tag: seen
      - assign: {team: front}
      - reply: {canned: got_it}
"""
_BUSY_CANNED = """canned:
  got_it:
    phrase: got it
    text: Thanks, we have your message.
"""
