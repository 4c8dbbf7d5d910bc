"""python -m tools.audit LOCK: known holes in the locked packages, as far as the advisory service can be asked.

Exits with 1 when the service names a hole, with 0 when there is none, and also with 0, saying so, when the
service cannot be reached: a machine without the internet must still be able to build.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

NOT_ASKED = "The advisory service could not be asked, so NOTHING is known about holes in the locked packages."


def main(locks: Sequence[str]) -> int:
    requirements = [word for lock in locks for word in ("-r", lock)]
    # The locks are complete and hashed, so pip-audit needs to resolve nothing and installs nothing.
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--no-deps", "-f", "json"]
    asked = subprocess.run([*command, "--progress-spinner", "off", *requirements], capture_output=True, text=True)
    try:
        report = json.loads(asked.stdout)
    except json.JSONDecodeError:
        print(f"{asked.stderr.strip()[-600:]}\n\n{NOT_ASKED}")
        return 0
    return tell(report["dependencies"])


def tell(packages: Sequence[dict[str, object]]) -> int:
    """Print the holes that were found; the exit code."""
    holed = [package for package in packages if package.get("vulns")]
    for package in holed:
        print(f"{package['name']} {package['version']}: {json.dumps(package['vulns'])}")
    print(f"{len(packages)} packages asked about, {len(holed)} with known holes")
    return 1 if holed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
