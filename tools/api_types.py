"""Writes the types of what the API takes and answers, for the agents' page: `python -m tools.api_types` makes
web/agent/src/api/types.ts from the OpenAPI document. A test compares."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

HOME = Path(__file__).parents[1] / "web" / "agent" / "src" / "api" / "types.ts"
_HEAD = "// Written by `python -m tools.api_types` from the OpenAPI document. Not to be changed by hand.\n"
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
Json = Mapping[str, object]


def types_of(document: Json) -> str:
    """TypeScript for every schema of an OpenAPI document, in the order of their names."""
    schemas = _mapping(_mapping(document["components"])["schemas"])
    types = ((_name(name), _type(_mapping(schemas[name]), 0)) for name in sorted(schemas))
    return _HEAD + "".join(f"\nexport type {name} = {type};\n" for name, type in types)


def _type(schema: Json, depth: int) -> str:
    if "$ref" in schema:
        return _name(str(schema["$ref"]).rpartition("/")[2])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in _list(schema["enum"]))
    for kind, sign in (("anyOf", " | "), ("oneOf", " | "), ("allOf", " & ")):
        if kind in schema:
            return sign.join(dict.fromkeys(_type(_mapping(one), depth) for one in _list(schema[kind])))
    match schema.get("type"):
        case "array":
            inner = _type(_mapping(schema.get("items", {})), depth)
            return f"({inner})[]" if " " in inner else f"{inner}[]"
        case "object":
            return _object(schema, depth)
        case str(plain):
            return _PLAIN[plain]
        case _:
            return "unknown"


def _object(schema: Json, depth: int) -> str:
    properties = _mapping(schema.get("properties", {}))
    if not properties:
        more = schema.get("additionalProperties")
        return f"Record<string, {_type(more, depth) if isinstance(more, Mapping) else 'unknown'}>"
    required, pad = _list(schema.get("required", [])), "  " * (depth + 1)
    lines = [
        f"{pad}{json.dumps(name) if not name.isidentifier() else name}{'' if name in required else '?'}: "
        f"{_type(_mapping(one), depth + 1)};\n"
        for name, one in properties.items()
    ]
    return "{\n" + "".join(lines) + "  " * depth + "}"


def _name(name: str) -> str:
    return "".join(part.capitalize() if part.islower() else part for part in name.replace("-", "_").split("_") if part)


def _mapping(value: object) -> Json:
    assert isinstance(value, Mapping)
    return value


def _list(value: object) -> Sequence[object]:
    assert isinstance(value, list)
    return value


def main() -> None:
    from casella.api.application import api_paths  # a tool of a checkout whose environment is there
    from casella.api.frame.documentation import document

    HOME.write_text(types_of(document(api_paths())), encoding="utf-8")


if __name__ == "__main__":
    main()
