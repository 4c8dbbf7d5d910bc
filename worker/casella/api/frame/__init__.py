"""What every endpoint stands in: who calls, how often, once, errors, pages of lists, kinds of input, documentation."""
