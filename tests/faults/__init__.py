"""Everything goes wrong, one thing after the other, while people write and answer; then the accounts are made.

    python -m tests.faults --help

`catalogue` holds the faults, `sizes` the houses they are done to, `traffic` who writes and answers meanwhile. What was
seen is a `History`; `account` says which law it breaks, `movement` how long each fault held anybody up.
"""
