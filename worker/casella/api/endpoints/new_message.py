"""What every endpoint does that writes a message: once, answered with it, told to who waits for it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fastapi import Response
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.frame.once import Once
from casella.inbox.reading import lists

Write = Callable[[Connection, datetime], str]


def answer_with_new(once: Once, write: Write, sight: Callable[[Connection], object]) -> Response:
    """201 with the message whose id `write` returns. `sight` raises unless the caller may see what it is about, also
    when the answer is only repeated."""
    rooms, member = once.rooms, once.member

    def deed(db: Connection, at: datetime) -> models.Message:
        return models.Message.model_validate(lists.read_message(db, member, write(db, at)))

    answer = once.do(201, deed, sight)
    rooms.bell.deliveries()
    rooms.bell.feed()
    rooms.bell.search()
    return answer
