"""JSON Schemas of the desk's files, made from the live desk: editors complete its own teams, tags and plugins."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, JsonValue

from casella.desk.canned.file import CannedFile
from casella.desk.model import Desk
from casella.desk.parts.catalogue import Catalogue
from casella.desk.parts.desk_file import DeskFile
from casella.desk.parts.types import SECRET_SCHEMA
from casella.desk.schemas.rule_schema import RuleSchema, Schema
from casella.desk.schemas.words import with_words
from casella.desk.test_file.parts import TestFile
from casella_rules import Names, Parameter
from casella_rules.language.vocabulary import EMPTY

FOLDER = ".casella"


def schemas(desk: Desk, catalogue: Catalogue) -> dict[str, Schema]:
    """The schema of each kind of file, by its name (`rules`, `desk`, `canned`, `tests`)."""
    names = names_of(desk, catalogue)
    vocabulary = desk.rules.vocabulary
    rules = RuleSchema(vocabulary, names)
    return {
        "rules": _document("Rules", rules.file(), rules.definitions),
        "desk": _desk(names, catalogue),
        "canned": _model("Canned messages", CannedFile, names),
        "tests": _model("Tests of the rules", TestFile, names),
    }


def write_schemas(desk: Desk, catalogue: Catalogue, folder: Path) -> list[Path]:
    """Write them into `.casella/` of the desk's folder, those that changed. Returns all their paths. Raises OSError."""
    place = folder / FOLDER
    place.mkdir(exist_ok=True)
    written = []
    for name, schema in schemas(desk, catalogue).items():
        path = place / f"{name}.schema.json"
        text = json.dumps(schema, ensure_ascii=False, indent=1) + "\n"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def names_of(desk: Desk, catalogue: Catalogue) -> Names:
    """What the desk calls its things."""
    parts, vocabulary = desk.parts, desk.rules.vocabulary
    types = frozenset(catalogue.channel_types)
    plain = (event.name for event in vocabulary.events.values() if event.takes is Parameter.NOTHING)
    return Names(
        {
            "inbox": frozenset(parts.inboxes), "connection": frozenset(parts.connections),
            "channel": frozenset(parts.channels) | types, "team": frozenset(parts.teams),
            "agent": frozenset(parts.agents), "hours": frozenset(parts.hours),
            "attribute": frozenset(parts.attributes), "webhook": frozenset(parts.webhooks),
            "survey": frozenset(parts.surveys), "tag": frozenset(parts.tags), "locale": frozenset(parts.locales),
            "channel_type": types, "canned": frozenset(desk.canned), "strategy": frozenset(vocabulary.strategies),
            "field": frozenset(name for name, one in vocabulary.fields.items() if one.plugin),
            "action": frozenset(name for name, one in vocabulary.actions.items() if one.plugin),
            "rule": frozenset(rule.name for rule in desk.rules.rules), "event": frozenset(plain),
        }
    )  # fmt: skip


def _document(title: str, schema: Schema, definitions: dict[str, JsonValue]) -> Schema:
    head: Schema = {"$schema": "http://json-schema.org/draft-07/schema#", "title": f"Casella: {title}"}
    whole = with_words({**head, **schema, "definitions": definitions})
    assert isinstance(whole, dict)
    return whole


def _model(title: str, model: type[BaseModel], names: Names) -> Schema:
    maker = RuleSchema(EMPTY, names)
    return _document(title, maker.model(model.model_json_schema(by_alias=True)), maker.definitions)


def _desk(names: Names, catalogue: Catalogue) -> Schema:
    """Keys of the desk's own things are new names, so they are only asked to be keys; settings follow the plugin."""
    maker = RuleSchema(EMPTY, names)
    schema = maker.model(DeskFile.model_json_schema(by_alias=True))
    connection = maker.definitions.get("Connection")
    if isinstance(connection, dict):
        connection["allOf"] = [_settings_of(name, model) for name, model in sorted(catalogue.channel_types.items())]
    return _document("The desk", schema, maker.definitions)


def _settings_of(channel_type: str, model: type[BaseModel]) -> JsonValue:
    """When the connection is of this type, its settings are those of the plugin."""
    try:
        settings = model.model_json_schema(by_alias=True)
    except (TypeError, ValueError):  # a plugin's model may hold what JSON Schema cannot say
        settings = {"type": "object"}
    inner = _inlined(settings, settings.pop("$defs", {}))
    is_it: Schema = {"properties": {"type": {"const": channel_type}}, "required": ["type"]}
    asked: Schema = {"properties": {"settings": _or_reference(inner)}}
    if isinstance(inner, dict) and inner.get("required"):
        asked["required"] = ["settings"]
    return {"if": is_it, "then": asked}


def _inlined(schema: JsonValue, parts: Mapping[str, JsonValue], depth: int = 0) -> JsonValue:
    """The schema with its references written out; a model that holds itself is cut off."""
    if isinstance(schema, list):
        return [_inlined(item, parts, depth) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if isinstance(ref := schema.get("$ref"), str):
        return _inlined(parts.get(ref.rpartition("/")[2], {}), parts, depth + 1) if depth < _DEEPEST else {}
    return {
        key: _inlined(value, parts, depth) for key, value in schema.items() if key not in ("title", "discriminator")
    }


def _or_reference(schema: JsonValue) -> JsonValue:
    """Every value of a plugin's settings may stand elsewhere; a secret must."""
    if isinstance(schema, list):
        return [_or_reference(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("format") == "password":
        return {**{key: schema[key] for key in ("description", "examples") if key in schema}, **SECRET_SCHEMA}
    done = {key: _or_reference(value) for key, value in schema.items()}
    if schema.get("type") in ("string", "integer", "number", "boolean") or "enum" in schema or "const" in schema:
        return {"anyOf": [done, *_REFERENCES]}
    return done


_REFERENCES = SECRET_SCHEMA["anyOf"]
_DEEPEST = 12
