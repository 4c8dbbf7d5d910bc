"""What all answers have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Named(Answer):
    """Something of the organisation, by its id, its key in the desk, and its name."""

    id: str
    key: str
    name: str
