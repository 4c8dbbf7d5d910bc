"""The business's own words, searchable: canned messages of an inbox, and the answers that agents approved there."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from sqlalchemy import Connection

from casella.desk import CannedMessage, Desk, InputsMissing, TextTooLong, fill
from casella.store.queries import assistant_queries
from casella.store.rows import TableRow
from casella_assistant import Index, Source, cleaned, words_of

CANNED, ANSWER = "canned:", "answer:"
_MOST_ANSWERS = 2_000
"""The newest ones; a desk that approves thousands has said everything more than once."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Shelf(Generic[T]):
    """The texts of one kind, as they were under `mark`."""

    mark: object
    index: Index
    items: Sequence[T]

    def search(self, query: str, most: int) -> Iterator[tuple[T, float]]:
        return ((self.items[number], score) for number, score in self.index.search(query, most))


@dataclass(slots=True)
class Library:
    """Indexes are built when the desk or the approved answers change."""

    _canned: dict[tuple[str, str], _Shelf[CannedMessage]] = field(default_factory=dict)
    _answers: dict[str, _Shelf[Source]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def canned(
        self, desk: Desk, inbox_key: str, locale: str, query: str, variables: Mapping[str, str | None], most: int
    ) -> list[Source]:
        """The canned messages of an inbox that fit best, filled, best first."""
        with self._lock:
            shelf = self._canned.get((inbox_key, locale))
            if shelf is None or shelf.mark != desk.digest:
                messages = desk.canned_for(inbox_key)
                index = Index(f"{one.phrase or one.key} {one.description} {one.text_for(locale)}" for one in messages)
                shelf = self._canned[inbox_key, locale] = _Shelf(desk.digest, index, messages)
        sources = []
        for message, score in shelf.search(query, most):
            text = filled(message, locale, variables)
            if text is not None:
                sources.append(Source(CANNED + message.key, "canned", text, message.phrase or message.key, score))
        return sources

    def answers(self, db: Connection, desk: Desk | None, inbox_id: str, query: str, most: int) -> list[Source]:
        """The approved answers of an inbox that fit best, best first, without what may be somebody's: what is kept was
        cleaned, but by older versions less so."""
        mark = (assistant_queries.answers_mark(db, inbox_id), desk.digest if desk else "")
        with self._lock:
            shelf = self._answers.get(inbox_id)
            if shelf is None or shelf.mark != mark:
                rows, own = assistant_queries.answers_of(db, inbox_id, _MOST_ANSWERS), own_words(desk)
                index = Index(f"{row.question} {row.text}" for row in rows)
                shelf = self._answers[inbox_id] = _Shelf(mark, index, [_answer(row, own) for row in rows])
        return [replace(source, score=score) for source, score in shelf.search(query, most)]


def own_words(desk: Desk | None) -> frozenset[str]:
    """What the business calls by name itself, in its canned messages and its desk."""
    if desk is None:
        return frozenset()
    names = [desk.parts.desk, *(inbox.name for inbox in desk.parts.inboxes.values())]
    texts = [text for message in desk.canned.values() for text in message.texts.values()]
    return words_of([*names, *texts])


def _answer(row: TableRow, own: frozenset[str]) -> Source:
    found = cleaned(row.text, own)
    return Source(ANSWER + row.id, "answer", found.text, taken=found.taken)


def filled(message: CannedMessage, locale: str, variables: Mapping[str, str | None]) -> str | None:
    """The message with its values; a value that is not there becomes a hole, which is flagged."""
    try:
        return fill(message, locale, variables)
    except InputsMissing as error:
        holes = {name: f"[{name}]" for name in error.missing}
        return fill(message, locale, {**variables, **holes})
    except TextTooLong:
        return None
