"""What the benchmarks stand on: the desk, signed requests, the processes they measure, and what they print."""
