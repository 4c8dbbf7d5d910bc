"""Words for every key of a schema, for editors."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue


def with_words(schema: JsonValue) -> JsonValue:
    """The schema, in which every key says what it is and shows an example: where its author said nothing (a plugin's
    settings), by its name and its kind."""
    if isinstance(schema, list):
        return [with_words(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    done = {key: with_words(value) for key, value in schema.items()}
    properties = done.get("properties")
    for name, value in properties.items() if isinstance(properties, dict) else ():
        if isinstance(value, dict) and "$ref" not in value:
            value.setdefault("description", f"{name.replace('_', ' ').capitalize()}.")
            value.setdefault("examples", [_some(value)])
    return done


def _some(schema: Mapping[str, JsonValue]) -> JsonValue:
    """A value that the schema may mean."""
    options = schema.get("enum")
    if "default" in schema or "const" in schema:
        return schema.get("default", schema.get("const"))
    if isinstance(options, list) and options:
        return options[0]
    kinds: Mapping[JsonValue, JsonValue] = {"object": {}, "array": [], "boolean": True, "integer": 1, "number": 1}
    kind = schema.get("type")
    return kinds.get(kind, "…") if isinstance(kind, str) else "…"
