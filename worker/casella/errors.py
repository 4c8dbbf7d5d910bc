"""The one tree of Casella's errors. Each class carries a stable `code` for programs, and a sentence for people that
says what to do next: the given text, or else the first line of its docstring.

    CasellaError
    ├── ConfigurationError         settings, desk or plugins are wrong: start again after mending
    │   └── SecretsUnreadable
    ├── StoreUnavailable           the database does not answer: try again (HTTP 503)
    │   └── DiskFull               nothing more can be written until somebody makes room
    ├── NotFound                   404
    ├── NotAllowed                 403
    │   └── FeatureOff             refused because a manager has switched it off (409)
    ├── NotAuthenticated           401
    ├── Conflict                   409, somebody was faster
    │   ├── AssignmentLost
    │   ├── ClaimLost
    │   └── IdempotencyMismatch
    ├── SendRefused                422, the gate said no; carries what to do instead
    ├── Invalid                    422, the request's content is wrong
    └── PluginFailed               a plugin raised, hung or answered nonsense
        └── PluginAway             it was not asked: it is set aside
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

JsonScalar = str | int | float | bool | None


class CasellaError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500

    def __init__(self, text: str = "", *, code: str | None = None, **extra: JsonScalar) -> None:
        """`code` narrows the class's own; `extra` is given to programs beside it."""
        self.text = text or (type(self).__doc__ or "").splitlines()[0]
        self.reason = code or self.code
        self.extra: Mapping[str, JsonScalar] = extra
        super().__init__(self.text)


class ConfigurationError(CasellaError):
    """The configuration is wrong; mend it and start again."""

    code = "configuration"


class SecretsUnreadable(ConfigurationError):
    """Stored secrets cannot be read with this key; set CASELLA_SECRET_KEY to the key they were written with."""

    code = "secrets_unreadable"


class StoreUnavailable(CasellaError):
    """The database does not answer right now; try again in a moment."""

    code = "store_unavailable"
    status = 503


class DiskFull(StoreUnavailable):
    """The server's disk is full; nothing more can be stored until the operator makes room."""

    code = "disk_full"

    def __init__(self, text: str = "") -> None:
        super().__init__(text, retry_after=60)


class NotFound(CasellaError):
    """There is no such thing, or it is not yours to see."""

    code = "not_found"
    status = 404


class NotAuthenticated(CasellaError):
    """Sign in first: send a bearer token or the session cookie."""

    code = "not_authenticated"
    status = 401


class NotAllowed(CasellaError):
    """Your role does not allow this; ask a manager."""

    code = "not_allowed"
    status = 403


class FeatureOff(CasellaError):
    """A manager has switched this off."""

    code = "feature_off"
    status = 409


class Conflict(CasellaError):
    """Somebody else changed this first; read it again and decide anew."""

    code = "conflict"
    status = 409


class AssignmentLost(Conflict):
    """Somebody else took this conversation first."""

    code = "assignment_lost"


class ClaimLost(Conflict):
    """Somebody else was given this, or gave it away, at the same moment; try again."""

    code = "claim_lost"


class IdempotencyMismatch(Conflict):
    """This Idempotency-Key was used for another request; use a new key for a new request."""

    code = "idempotency_mismatch"


class SendRefused(CasellaError):
    """This message may not be sent."""

    code = "send_refused"
    status = 422


class Invalid(CasellaError):
    """The request's content is wrong."""

    code = "invalid"
    status = 422


class PluginFailed(CasellaError):
    """A channel plugin failed; what it was to do is kept. See `casella doctor`."""

    code = "plugin_failed"
    status = 503


class PluginAway(PluginFailed):
    """A channel plugin is set aside for a while; what it was to do is kept. See `casella doctor`."""

    code = "plugin_away"
