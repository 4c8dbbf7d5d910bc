"""The desk of the fault runs: three lines of one provider, and a rule that answers everything."""

from __future__ import annotations

from pathlib import Path

from tests.integration.rig.desks import NUMBER, busy_desk

LINES = (NUMBER, "+12025550180", "+12025550181")
_LINE = """  line-{number}:
    connection: twilio
    inbox: support
    address: "{address}"
    name: Line {number}
    options: {{registration: registered, sends_per_second: "200"}}
"""


def desk_of_lines(folder: Path) -> Path:
    desk = busy_desk(folder) / "desk.yaml"
    more = "".join(_LINE.format(number=number, address=line) for number, line in enumerate(LINES[1:], 2))
    desk.write_text(desk.read_text().replace("teams:\n", f"{more}teams:\n"))
    return folder
