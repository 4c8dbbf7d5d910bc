"""Laws of the house, held against whatever order of events Hypothesis can think of."""
