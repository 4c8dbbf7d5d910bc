"""Surveys: agents ask (`/conversations/{id}/surveys`), and customers answer by link (`/survey/{signed}`)."""
