"""What managers are told of a period: volumes, times, satisfaction, what became of suggestions, and whether work is
shared out fairly. Every figure is defined in `docs/reports.md`. Only shared conversations are in any of them."""

from casella.inbox.reports.fairness import AgentShare, Fairness, Unassigned, fairness
from casella.inbox.reports.figures import By, Figures, Report, report
from casella.inbox.reports.gathering import About
from casella.inbox.reports.period import LONGEST_DAYS, Period, period_of
from casella.inbox.reports.satisfaction import SurveyAnswer, SurveyFigures, SurveyResults, survey_results
from casella.inbox.reports.suggestions import SuggestionFigures, suggestions
from casella.inbox.reports.tables import as_csv, as_parquet

__all__ = [
    "LONGEST_DAYS",
    "About",
    "AgentShare",
    "By",
    "Fairness",
    "Figures",
    "Period",
    "Report",
    "SuggestionFigures",
    "SurveyAnswer",
    "SurveyFigures",
    "SurveyResults",
    "Unassigned",
    "as_csv",
    "as_parquet",
    "fairness",
    "period_of",
    "report",
    "suggestions",
    "survey_results",
]
