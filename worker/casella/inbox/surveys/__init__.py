"""Questions to customers: what counts as an answer, and the signed links by which they answer without signing in."""

from casella.inbox.surveys.answers import SurveyAnswer, range_of, read_answer
from casella.inbox.surveys.links import DETAIL as SURVEY_LINK
from casella.inbox.surveys.links import link_of, linked, with_link

__all__ = ["SURVEY_LINK", "SurveyAnswer", "link_of", "linked", "range_of", "read_answer", "with_link"]
