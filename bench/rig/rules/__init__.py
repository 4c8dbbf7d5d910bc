"""The rules of the benchmark, its messages, and how rivals are asked the same."""
