"""docs/settings.md says what the settings are, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import SecretStr

from casella.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
ROW = re.compile(r"^\| `CASELLA_(\w+)` \| (?:`([^`]*)`)? ?\| (.+) \|$", re.MULTILINE)


def test_every_setting_stands_there_with_its_default_and_its_description() -> None:
    written = {name.lower(): (default, text) for name, default, text in ROW.findall(PAGE.read_text())}
    expected = {}
    for name, field in Settings.model_fields.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        expected[name] = ("" if default is None else str(default), field.description)
    assert written == expected
