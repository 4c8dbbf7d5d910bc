"""`casella test`: the tests that managers write beside their rules, played by the house itself, in memory.

RuleTests(desk, host).run(test) -> Verdict      junit(verdicts) -> XML

A test begins in a world of its own (`given`), what happens in it goes the way of everything that happens (`acts`,
`play`), and what is expected is compared with what the house has stored of it (`record`, `verdict`, `because`).
"""

from casella.inbox.rule_tests.junit import junit
from casella.inbox.rule_tests.verdict import Difference, RuleTests, Verdict

__all__ = ["Difference", "RuleTests", "Verdict", "junit"]
