"""The simulator as a process that ends with the benchmark: `python -m bench.rig.provider ARGUMENTS`, as its own."""

from __future__ import annotations

import sys

from bench.rig import leash
from casella_simulator.__main__ import main

if __name__ == "__main__":
    leash.hold()
    raise SystemExit(main(sys.argv[1:]))
