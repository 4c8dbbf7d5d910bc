"""Benchmarks: `python -m bench.NAME --help`. Each ends with one line of JSON; docs/performance.md keeps the figures."""
