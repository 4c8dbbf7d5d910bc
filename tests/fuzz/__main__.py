"""Fuzz how webhooks are read, guided by coverage: `python -m tests.fuzz --seconds 60`

    pip install atheris                                     # not among our requirements; libFuzzer for Python
    nice python -m tests.fuzz --seconds 60                  # every channel in turn, a minute each
    nice python -m tests.fuzz --seconds 3600 whatsapp       # one of them, for an hour
    python -m tests.fuzz --seconds 60 --keep                # write what was found worth keeping to tests/fuzz/inputs

What a run finds lies in the working folder (`--folder`) as crash-… or timeout-…; docs/fuzzing.md has the record.
"""

from __future__ import annotations

import argparse
import base64
import re
import subprocess
import sys
from pathlib import Path

from tests.fuzz.targets import NAMES

LONGEST_INPUT = 4096
_KEPT_INPUTS, _KEPT_BYTES = 60, 1500


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="CHANNEL", help=f"of {', '.join(NAMES)}; all, unless named")
    parser.add_argument("--seconds", type=int, default=60, help="for each channel (default 60)")
    parser.add_argument("--folder", type=Path, default=Path(".fuzz"), help="where the growing corpus lies")
    parser.add_argument("--keep", action="store_true", help="keep some of the inputs that reached something new")
    given = parser.parse_args()
    if unknown := set(given.names) - set(NAMES):
        parser.error(f"no such channel: {', '.join(sorted(unknown))}")
    found = [_fuzz(name, given.folder / name, given.seconds, given.keep) for name in given.names or NAMES]
    return 1 if any(found) else 0


def _fuzz(name: str, folder: Path, seconds: int, keep: bool) -> bool:
    """Whether something was found; says how it went."""
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    limits = (f"-max_total_time={seconds}", f"-max_len={LONGEST_INPUT}", "-timeout=10", "-rss_limit_mb=2048")
    done = _run(name, *limits, "-print_final_stats=1", f"-artifact_prefix={folder}/", str(corpus))
    executed = re.search(r"number_of_executed_units:\s*(\d+)", done.stderr)
    covered = re.findall(r"cov: (\d+)", done.stderr)
    findings = sorted(path.name for path in folder.iterdir() if path.is_file())
    sys.stdout.write(
        f"{name}: {int(executed[1]) if executed else 0:,} inputs in {seconds} s, {covered[-1] if covered else '?'} "
        f"branches reached, {len(findings)} findings {' '.join(findings)}\n"
    )
    sys.stdout.flush()
    if not executed and done.returncode:
        sys.stdout.write(done.stderr[-2000:])
    if keep:
        _keep(name, corpus)
    return bool(findings or done.returncode)


def _keep(name: str, corpus: Path) -> None:
    """Of what reached something new, as many as can be read with every run of the tests, of every length."""
    found = {path.read_bytes() for path in corpus.iterdir() if not path.name.startswith("seed-")}
    inputs = sorted((one for one in found if len(one) <= _KEPT_BYTES), key=lambda one: (len(one), one))
    step = max(1, -(-len(inputs) // _KEPT_INPUTS))
    lines = [base64.b64encode(one).decode() for one in inputs[::step]]
    (Path(__file__).parent / "inputs" / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines))


def _run(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: libFuzzer ends the one it runs in."""
    command = [sys.executable, "-m", "tests.fuzz.targets", name, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")


if __name__ == "__main__":
    raise SystemExit(main())
