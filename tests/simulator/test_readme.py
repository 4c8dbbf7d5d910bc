"""The simulator's page of documentation says what is true."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from casella_simulator.app import Desk
from casella_simulator.config import SimulatorConfig

README = (Path(__file__).parents[2] / "simulator" / "README.md").read_text(encoding="utf-8")


EXAMPLES = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_examples_run(example: str) -> None:
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, timeout=100)
    printed = "[]\n" if "print(" in example else ""
    assert (done.returncode, done.stdout) == (0, printed), done.stderr


def test_every_call_under_sim_has_its_line() -> None:
    desk = Desk(SimulatorConfig())
    paths = {getattr(route, "path", "") for route in (*desk.control.routes(), *desk.openai.control_routes())}
    written = set(re.findall(r"/_sim/[\w/{}]+", README))
    assert {path for path in paths if path != "/_sim/media/{id}"} == written
