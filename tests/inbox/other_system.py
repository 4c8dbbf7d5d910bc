"""Another system that Casella tells things over HTTP, without a network."""

from __future__ import annotations

import httpx


class OtherSystem:
    """Answers with `answers`, one after the other, then as usual; an exception is raised. `told`: what it was sent."""

    def __init__(self, usual: int = 200) -> None:
        self.answers: list[int | BaseException] = []
        self.told: list[httpx.Request] = []
        self.http = httpx.Client(transport=httpx.MockTransport(self._answer))
        self._usual = usual

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.told.append(request)
        answer = self.answers.pop(0) if self.answers else self._usual
        if isinstance(answer, BaseException):
            raise answer
        return httpx.Response(answer)
