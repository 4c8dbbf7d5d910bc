"""The paths that all products of Meta share. They come last: `/v25.0/…` must not hide another provider's `/v2/…`."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from casella_simulator.graph.errors import GraphRefused
from casella_simulator.graph.exchange import Graph, SendEndpoint, bearer
from casella_simulator.graph.subscriptions import Subscriptions


def graph_routes(graph: Graph) -> Sequence[BaseRoute]:
    async def read(request: Request) -> Response:
        base_url = graph.network.base_url or str(request.base_url).rstrip("/")
        try:
            found = describe(graph, request.path_params["node"], bearer(request.scope), base_url)
        except GraphRefused as refused:
            return JSONResponse(refused.to_json(), refused.status)
        return JSONResponse(found)

    return [
        Route("/v{version:float}/{node}/messages", SendEndpoint(graph), methods=["POST"]),
        Route("/v{version:float}/{app}/subscriptions", Subscriptions(graph).answer, methods=["POST"]),
        Route("/v{version:float}/{node}", read, methods=["GET"]),
    ]


def describe(graph: Graph, node: str, token: str, base_url: str) -> dict[str, object]:
    """What a GET of any object answers: a number, a page, a file, a person. Raises GraphRefused."""
    for service in graph.services:
        if (found := service.describe(node, token, base_url)) is not None:
            return found
    known = any(service.knows(node) for service in graph.services)
    raise GraphRefused(190 if node == "me" or known or not token else 33)
