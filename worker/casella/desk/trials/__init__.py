"""Tests that managers write beside their rules.

read_tests(files, …) -> (tests, problems)      run_test(desk, test) -> Verdict      junit(verdicts) -> XML
"""

from casella.desk.trials.junit import junit
from casella.desk.trials.read import read_tests
from casella.desk.trials.verdict import DeskTest, Difference, Verdict, run_test

__all__ = ["DeskTest", "Difference", "Verdict", "junit", "read_tests", "run_test"]
