"""What is asked of a house, worked out from the OpenAPI document of the server that is running: a filter, a tab or an
endpoint that the API learns is measured from that day on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlencode

from bench.rig.inbox.samples import Samples

API = "/api/v1"
Json = Mapping[str, object]
Pages = ("first", "later")
_LISTS = "/conversations"
_NEVER = frozenset({"cursor", "limit", "sort", "status"})


@dataclass(frozen=True)
class Ask:
    """Asked in turn: `paths`. `later`: what is measured is the page behind the first one."""

    group: str
    label: str
    paths: Sequence[str]
    later: bool = False


@dataclass(frozen=True)
class Document:
    """An OpenAPI document, as far as it is read here."""

    content: Json

    def offers(self, path: str) -> bool:
        """Whether there is a GET of this path."""
        return "get" in self._paths.get(f"{API}{path}", {})

    def named(self, word: str) -> list[str]:
        """The GETs below the API whose last part this is and that need no id."""
        return [
            path.removeprefix(API)
            for path, operations in self._paths.items()
            if path.rpartition("/")[2] == word and "get" in operations and "{" not in path
        ]

    def parameters(self, path: str) -> dict[str, Json]:
        """Query parameters of a GET: their schemas, by name."""
        operation = cast(Mapping[str, Sequence[Mapping[str, object]]], self._paths[f"{API}{path}"]["get"])
        given = operation.get("parameters", ())
        return {str(one["name"]): cast(Json, one.get("schema", {})) for one in given if one.get("in") == "query"}

    @property
    def _paths(self) -> Mapping[str, Mapping[str, object]]:
        return cast(Mapping[str, Mapping[str, object]], self.content["paths"])

    def values(self, schema: Json) -> list[str]:
        """All that a parameter can be: of an enumeration, or true for a yes or no; empty when it can be anything."""
        if "$ref" in schema:
            kind = str(schema["$ref"]).rpartition("/")[2]
            schemas = cast(Mapping[str, Mapping[str, Json]], self.content["components"])["schemas"]
            return self.values(schemas[kind])
        if schema.get("type") == "boolean":
            return ["true"]
        if "enum" in schema:
            return [str(value) for value in cast(Sequence[object], schema["enum"]) if value is not None]
        parts = [*cast(Sequence[Json], schema.get("anyOf", ())), *([schema["items"]] if "items" in schema else [])]
        return [value for part in parts for value in self.values(cast(Json, part))]


def asks(document: Document, samples: Samples) -> Iterator[Ask]:
    yield from _lists(document, samples)
    for path in document.named("counts"):
        yield from _filtered("counts", path, document, samples)
    for path in document.named("start"):
        yield Ask("start", "start", [f"{API}{path}"])
    for label, query in samples.queries.items():
        for later in (False, True):
            words = urlencode({"q": query, "limit": 25})
            yield Ask("search", f"search: {label}{_page(later)}", [f"{API}/search?{words}"], later)
    if document.offers("/contacts"):
        for label, query in samples.people.items() if "q" in document.parameters("/contacts") else ():
            yield Ask("contacts", f"contacts: {label}", [f"{API}/contacts?{urlencode({'q': query})}"])
    for status, ids in samples.conversations.items():
        if ids:
            yield Ask("open", f"open: a conversation, {status}", [f"{API}/conversations/{id}" for id in ids])
            pages = [f"{API}/conversations/{id}/messages" for id in ids]
            yield Ask("open", f"open: its messages, {status}", pages)
    yield Ask("open", "open: the longest one's messages", [f"{API}/conversations/{samples.longest}/messages?limit=100"])


def not_asked(document: Document, samples: Samples) -> list[str]:
    """Filters of the list for which nobody has said here what to ask for."""
    known = document.parameters(_LISTS)
    return [
        name
        for name, schema in known.items()
        if name not in _NEVER and name not in samples.filters and not document.values(schema)
    ]


def _lists(document: Document, samples: Samples) -> Iterator[Ask]:
    schemas = document.parameters(_LISTS)
    for sort in document.values(schemas["sort"]):
        for one in _filtered("list", _LISTS, document, samples, {"sort": sort}):
            yield one
            yield Ask("list", one.label + _page(later=True), one.paths, later=True)


def _filtered(
    group: str, path: str, document: Document, samples: Samples, more: Mapping[str, str] | None = None
) -> Iterator[Ask]:
    """Every tab, each alone and with each filter."""
    schemas = document.parameters(path)
    tabs = document.values(schemas["status"]) if "status" in schemas else [""]
    for tab in tabs:
        given = ({"status": tab} if tab else {}) | dict(more or {})
        name = ", ".join([group, *given.values()])
        yield Ask(group, name, [_path(path, given)])
        for parameter, values in _filters(document, schemas, samples):
            for label, value in values.items():
                yield Ask(group, f"{name}, {parameter}: {label}", [_path(path, {**given, parameter: value})])


def _filters(
    document: Document, schemas: Mapping[str, Json], samples: Samples
) -> Iterator[tuple[str, Mapping[str, str]]]:
    for name, schema in schemas.items():
        if name in samples.filters:
            yield name, samples.filters[name]
        elif name not in _NEVER:
            yield name, {value: value for value in document.values(schema)}


def _path(path: str, query: Mapping[str, str]) -> str:
    return f"{API}{path}?{urlencode(query)}" if query else f"{API}{path}"


def _page(later: bool) -> str:
    return ", later page" if later else ""
