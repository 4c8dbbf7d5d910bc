"""The bill of materials is that of the locks, and one that other programs read."""

from __future__ import annotations

import json

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from tools import sbom

LOCK = """\
letter-box==1.0 \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
Stamps_Only==2.1 ; sys_platform == 'win32' \\
    --hash=sha256:{a}
""".format(a="a" * 64, b="b" * 64)


def test_it_is_written_anew_when_a_lock_changes() -> None:
    assert sbom.WRITTEN.read_text("utf-8") == sbom.text(), "run `make sbom`"


def test_it_keeps_to_the_schema() -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(sbom.text()) is None


def test_it_names_what_is_installed_and_what_stands_in_the_page() -> None:
    components = json.loads(sbom.text())["components"]
    references = {one["bom-ref"].rpartition("@")[0] for one in components}
    assert {"pkg:pypi/fastapi", "pkg:pypi/sqlalchemy", "pkg:npm/preact"} <= references
    assert len({one["bom-ref"] for one in components}) == len(components)


def test_a_lock_is_read_whole() -> None:
    first, second = sbom.python_components(LOCK)
    assert (first["name"], first["version"], first["purl"]) == ("letter-box", "1.0", "pkg:pypi/letter-box@1.0")
    assert [one["value"] for one in _properties(first)] == ["a" * 64, "b" * 64]
    assert (second["name"], _properties(second)[-1]["value"]) == ("stamps-only", "sys_platform == 'win32'")


def _properties(component: dict[str, object]) -> list[dict[str, str]]:
    found = component["properties"]
    assert isinstance(found, list)
    return found
