"""What all answers have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, PlainSerializer

from casella.texts import to_reader

Sentence = Annotated[str, PlainSerializer(to_reader, return_type=str)]
"""For people: in the language of whoever has asked, where it is one of our sentences."""


class Answer(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Named(Answer):
    """Something of the organisation, by its id, its key in the desk, and its name."""

    id: str
    key: str
    name: str
