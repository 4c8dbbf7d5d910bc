"""Parameters of a query that a path does not have are refused: a filter that is misspelt would otherwise filter
nothing, and nobody would see it."""

from __future__ import annotations

from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Cookie, Header, Path
from fastapi.routing import APIRoute

from casella.errors import Invalid
from casella.inbox.reading import near

_known: dict[str, frozenset[str]] = {}
"""By the operation's name, of which there is one: the paths are the same for every house."""


async def require_known_parameters(request: Request) -> None:
    """Raises Invalid (unknown_parameter) with the `parameter`, and the nearest name there is."""
    if not request.query_params:
        return
    route: APIRoute = request.scope["route"]
    known = _known.get(route.name)
    if known is None:
        known = _known[route.name] = _parameters(route)
    for name in request.query_params:
        if name not in known:
            shown = name[:100].encode("utf-8", "replace").decode()
            text = "This path has no such parameter."
            raise Invalid(text, code="unknown_parameter", parameter=shown, **near(shown, known))


def _parameters(route: APIRoute) -> frozenset[str]:
    """Of its query, also those within a model of all of them."""
    elsewhere = (Path, Header, Cookie)
    return frozenset(f.alias for f in get_flat_params(route.dependant) if not isinstance(f.field_info, elsewhere))
