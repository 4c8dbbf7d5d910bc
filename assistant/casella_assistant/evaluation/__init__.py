"""Cases that say what the assistant must and must not write, run against any provider.

read_cases(text) -> [Case]          raises CasesMistaken, which names the case
run_case(case, assistant, …)        -> Result: what was written, and what is wrong with it
shipped_cases()                     the set that comes with Casella
"""

from casella_assistant.evaluation.cases import Case, CasesMistaken, Expected, Said, read_cases, shipped_cases
from casella_assistant.evaluation.running import Result, run_case

__all__ = ["Case", "CasesMistaken", "Expected", "Result", "Said", "read_cases", "run_case", "shipped_cases"]
