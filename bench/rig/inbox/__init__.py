"""A house that has been lived in for two years, and what is asked of it: for `bench.inbox`."""
