"""`dependencies=[at_most(…)]` of a path: how often one agent may ask for it."""

from __future__ import annotations

from fastapi import Depends
from fastapi.params import Depends as Dependency

from casella.api.frame.context import Context
from casella.api.frame.security import Caller
from casella.api.limits.caller_rates import Asked


def at_most(what: Asked) -> Dependency:
    """As CASELLA_QUOTAS says of it."""

    def counted(context: Context, member: Caller) -> None:
        context.rates.count(what, member.id)

    found: Dependency = Depends(counted)
    return found
