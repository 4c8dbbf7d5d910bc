"""What the tests of the pages share: a folder as the reader has it, and an environment without other Casellas."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT
from tests.scratch import Scratch


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A folder as the reader has it."""
    return copy_for_reader(tmp_path)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    """Casella installed from its wheel, in an environment that does not see this checkout."""
    scratch = Scratch(tmp_path_factory.mktemp("wheel"), checkout=False)
    scratch.install(ROOT)
    return scratch


def copy_for_reader(folder: Path) -> Path:
    """What the commands of the pages need of the repository."""
    for name in ("examples", "Makefile", "tools", "bench", "pyproject.toml", "requirements"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    return folder


def environment(folder: Path) -> dict[str, str]:
    """The demo's secrets, and nothing that the machine has set for another Casella."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CASELLA_")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    made = {"CASELLA_DEMO_TWILIO_BASE_URL": "http://127.0.0.1:8010", "CASELLA_DEMO_PASSWORD": "demo-password"}
    secrets = {"CASELLA_DEMO_TWILIO_ACCOUNT_SID": "AC" + "0" * 32, "CASELLA_DEMO_TWILIO_AUTH_TOKEN": "0" * 32}
    secrets |= {"CASELLA_DEMO_WEBCHAT_SECRET": "1" * 32, "CASELLA_DEMO_WEBCHAT_IDENTITY_SECRET": "2" * 32}
    secrets |= {"CASELLA_DEMO_META_APP_SECRET": "3" * 32, "CASELLA_DEMO_META_TOKEN": "4" * 32}
    made["CASELLA_DEMO_META_BASE_URL"] = made["CASELLA_DEMO_TWILIO_BASE_URL"]
    assert {*made, *secrets} == demo_variables()
    place = {"CASELLA_DATA_DIR": str(folder / "var"), "CASELLA_PRIVATE_HOSTS": "127.0.0.1:8010"}
    return {**kept, **made, **secrets, "PATH": path, **place}


def demo_variables() -> set[str]:
    """What the demo desk refers to."""
    return set(re.findall(r"\$\{(\w+)\}", (ROOT / "examples/desk/desk.yaml").read_text())) - {"NAME"}
