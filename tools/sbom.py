"""python -m tools.sbom: what goes into a wheel or is installed with it, as CycloneDX 1.6, from the locks alone.

Writes requirements/sbom.cdx.json, which the wheel carries in its metadata (PEP 770). The same locks give the same file
byte for byte: no moment, no number drawn by lot. A test compares.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

HOME = Path(__file__).parents[1]
WRITTEN = HOME / "requirements" / "sbom.cdx.json"
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)(?:\s*;\s*([^\\]+?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_EXPRESSION = "casella:lock:"


def document() -> dict[str, object]:
    """The whole bill."""
    project = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
    components = [*python_components((HOME / "requirements" / "run.txt").read_text("utf-8")), *page_components()]
    own = f"pkg:pypi/{project['name']}@{project['version']}"
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": _component(own, project["name"], project["version"]) | {"type": "application"},
        },
        "components": components,
        "dependencies": [{"ref": own, "dependsOn": [str(one["bom-ref"]) for one in components]}],
    }  # fmt: skip


def python_components(lock: str) -> Iterator[dict[str, object]]:
    """Packages of the lock with the hashes of all their files, of which one is installed."""
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock):
        found = _PINNED.match(entry.strip().split("\n")[0])
        if found is None:
            continue
        name, version, marker = re.sub(r"[-_.]+", "-", found[1]).lower(), found[2], found[3]
        properties = [{"name": f"{_EXPRESSION}sha256", "value": one} for one in _HASH.findall(entry)]
        if marker:
            properties.append({"name": f"{_EXPRESSION}marker", "value": marker.strip()})
        yield _component(f"pkg:pypi/{name}@{version}", name, version) | {"properties": properties}


def page_components() -> Iterator[dict[str, object]]:
    """Packages whose code stands in the built page and widget."""
    packages = json.loads((HOME / "web" / "package-lock.json").read_text("utf-8"))["packages"]
    for path, package in sorted(packages.items()):
        if not path or package.get("dev") or package.get("optional"):
            continue
        name, version = path.rpartition("node_modules/")[2], package["version"]
        reference = f"pkg:npm/{name.replace('@', '%40')}@{version}"
        yield _component(reference, name, version) | {"hashes": [_integrity(package["integrity"])]}


def _component(reference: str, name: str, version: str) -> dict[str, object]:
    return {"type": "library", "bom-ref": reference, "name": name, "version": version, "purl": reference}


def _integrity(written: str) -> dict[str, str]:
    algorithm, _, digest = written.partition("-")
    return {"alg": f"SHA-{algorithm.removeprefix('sha')}", "content": base64.b64decode(digest).hex()}


def text() -> str:
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    WRITTEN.write_text(text(), "utf-8")
    sys.stdout.write(f"{WRITTEN.relative_to(HOME)}\n")
