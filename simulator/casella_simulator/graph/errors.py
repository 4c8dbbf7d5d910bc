"""Errors of Meta's Graph API as it answers them."""

from __future__ import annotations

import secrets

_TEXTS = {
    1: "An unknown error occurred",
    2: "Service temporarily unavailable",
    10: "This message is sent outside of allowed window.",
    33: "Object does not exist, cannot be loaded due to missing permissions",
    100: "Invalid parameter",
    190: "Error validating access token",
    613: "Calls to this api have exceeded the rate limit.",
    2200: "Callback verification failed.",
    130429: "Rate limit hit",
    131000: "Something went wrong",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131026: "Message undeliverable",
    131042: "Business eligibility payment issue",
    131047: "Re-engagement message",
    131051: "Unsupported message type",
    131052: "Media download error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    132000: "Number of parameters does not match the expected number of params",
    132001: "Template name does not exist in the translation",
    132015: "Template is paused",
}
#: Subcodes that stand for themselves in the faults: the code they come with.
_SUBCODES = {2018278: 10, 2534022: 10, 1893063: 10, 1545041: 200, 2018001: 100, 2534014: 100, 1893061: 100, 1357046: 1}
_STATUS = {190: 401, 1: 500, 2: 503, 131000: 500}


class GraphRefused(Exception):
    """The request is answered with an error; nothing was accepted."""

    def __init__(self, code: int, details: str = "") -> None:
        self.subcode = code if code in _SUBCODES else None
        self.code = _SUBCODES.get(code, code)
        self.text = _TEXTS.get(self.code, "Refused")
        self.details = details
        self.status = _STATUS.get(self.code, 400)
        super().__init__(self.text)

    def to_json(self) -> dict[str, object]:
        error: dict[str, object] = {
            "message": f"(#{self.code}) {self.text}",
            "type": "OAuthException",
            "code": self.code,
            "fbtrace_id": secrets.token_urlsafe(8),
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.details:
            error["error_data"] = {"messaging_product": "whatsapp", "details": self.details}
        return {"error": error}

    def in_receipt(self) -> dict[str, object]:
        """As a failed receipt tells it."""
        details = {"details": self.details or self.text}
        return {"code": self.code, "title": self.text, "message": self.text, "error_data": details}
