"""The JSON Schema of rule files: what the tables of the language say, with the names of the live desk filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import JsonValue

from casella_rules import ActionSpec, EventSpec, FieldSpec, Names, Parameter, ValueType, Vocabulary, read_yaml
from casella_rules.language.argument_types import DESK_NAMES, DURATION_SCHEMA, OPEN_TIME, SOME_TIME_SCHEMA
from casella_rules.language.vocabulary import CODES, OperatorSpec, Takes
from casella_rules.parsing.actions import MAX_ACTIONS
from casella_rules.parsing.conditions import MAX_GROUPS
from casella_rules.parsing.rule_files import MAX_NAME
from casella_rules.yaml.source import plain_value

Schema = dict[str, JsonValue]


class RuleSchema:
    """Builds the schema. `definitions` are shared by everything that refers to them."""

    def __init__(self, vocabulary: Vocabulary, names: Names) -> None:
        self._vocabulary = vocabulary
        self._names = names
        self.definitions: dict[str, JsonValue] = {}

    def file(self) -> Schema:
        """The whole of a rule file."""
        rules: Schema = {"description": "Rules, from top to bottom", "examples": [[]],
                         "anyOf": [{"type": "array", "items": self._rule()}, {"type": "null"}]}  # fmt: skip
        return {"type": "object", "properties": {"rules": rules}, "additionalProperties": False}

    def _rule(self) -> Schema:
        words: Schema = {"type": "array", "items": self._names_of("inbox"), "minItems": 1}
        properties: dict[str, JsonValue] = {
            "name": _key("What the rule is called, in traces and tests", "Refunds go to billing",
                         {"type": "string", "pattern": r"\S", "maxLength": MAX_NAME}),
            "description": _key("Why it is there", "Agreed with billing in May",
                                {"type": ["string", "number", "boolean", "null"]}),
            "when": _key("The event that wakes it, or several", "message_received", self._when()),
            "if": _key("What must hold, all of it; or always", {"text": {"contains_word": "refund"}}, self._if()),
            "then": _key("What it does, in order", [{"assign": {"team": "billing"}}], self._then()),
            "after": _key("Wait so long, then ask 'if' again and act", "10m", self._open_time()),
            "unless": _key("Events that cancel the waiting", ["message_sent"], self._unless()),
            "cooldown": _key("Do not act on the same conversation again for so long", "1h", self._open_time()),
            "enabled": _key("false switches it off", False, {"type": "boolean"}),
            "mode": _key("watch: decide and be recorded, act on nothing", "watch", {"enum": ["watch", "act"]}),
            "inboxes": _key("Only in these inboxes", ["support"], {"anyOf": [self._names_of("inbox"), words]}),
        }  # fmt: skip
        return {"type": "object", "properties": properties, "required": ["name", "when", "if", "then"],
                "additionalProperties": False}  # fmt: skip

    # --- when -------------------------------------------------------------------------------------------------

    def _when(self) -> Schema:
        events = self._vocabulary.events.values()
        plain: list[JsonValue] = [_const(event.name, event.description) for event in events
                                  if event.takes is Parameter.NOTHING]  # fmt: skip
        timed: dict[str, JsonValue] = {event.name: self._timed(event) for event in events
                                       if event.takes is not Parameter.NOTHING}  # fmt: skip
        one: Schema = {"anyOf": [*plain, {"type": "object", "properties": timed, "additionalProperties": False,
                                          "minProperties": 1, "maxProperties": 1}]}  # fmt: skip
        self.definitions["event"] = one
        return _one_or_more(_ref("event"))

    def _unless(self) -> Schema:
        names = [event.name for event in self._vocabulary.events.values() if event.takes is Parameter.NOTHING]
        short = [name.removeprefix("conversation_") for name in names if name.startswith("conversation_")]
        return _one_or_more({"enum": [*names, *short]})

    def _open_time(self) -> Schema:
        """A length of time, all day and night or while office hours are open."""
        return in_office_hours(SOME_TIME_SCHEMA, self._names)

    def _timed(self, event: EventSpec) -> Schema:
        value: Schema = {"type": "string"}
        if event.takes is Parameter.DURATION:
            value = self._open_time()
        return _key(event.description, _value_of(event.example, event.name), value)

    # --- if ---------------------------------------------------------------------------------------------------

    def _if(self) -> Schema:
        for depth in range(MAX_GROUPS + 1):
            self.definitions[f"test{depth}"] = self._test(depth)
        return {"anyOf": [_const("always", "Holds always."), _ref("test0")]}

    def _test(self, depth: int) -> Schema:
        properties: dict[str, JsonValue] = {}
        if depth < MAX_GROUPS:
            inner = _ref(f"test{depth + 1}")
            several: Schema = {"anyOf": [inner, {"type": "array", "items": inner, "minItems": 1}]}
            properties |= {
                "all": _key("All of these hold", [{"kind": "image"}, {"text": "hi"}], several),
                "any": _key("At least one of these holds", [{"kind": "image"}, {"text": "hi"}], several),
                "not": _key("This does not hold", {"kind": "image"}, inner),
            }
        for name in self._field_names():
            _put(properties, name, _ref(f"field {name}"))
        return {"type": "object", "properties": properties, "additionalProperties": False, "minProperties": 1}

    def _field_names(self) -> list[str]:
        """Every field of this desk by its full name; its schema is among the definitions."""
        found = []
        for spec in self._vocabulary.fields.values():
            for name in self._members(spec) if spec.is_family else [spec.name]:
                self.definitions.setdefault(f"field {name}", self._field(name, self._vocabulary.field_of(name) or spec))
                found.append(name)
        return list(dict.fromkeys(found))

    def _members(self, spec: FieldSpec) -> list[str]:
        return [spec.name.replace("*", member) for member in sorted(self._names.known.get(spec.star, ()))]

    def _field(self, name: str, spec: FieldSpec) -> Schema:
        value = self._value(spec)
        operators = self._vocabulary.operators_for(spec)
        asked: dict[str, JsonValue] = {
            operator.name: _key(operator.description, _last(operator.example), _operand(value, operator))
            for operator in operators.values()
        }
        if spec.value is ValueType.TEXT:
            asked["case"] = _key("exact: capitals matter", "exact", {"enum": ["exact", "ignore"]})
            asked["accents"] = _key("ignore: é is e", "ignore", {"enum": ["ignore", "matter"]})
        bare: list[JsonValue] = [value]
        if "any_of" in operators or "has_any" in operators:
            bare.append({"type": "array", "items": value, "minItems": 1})
        compared: Schema = {"type": "object", "properties": asked, "additionalProperties": False, "minProperties": 1}
        if spec.value is ValueType.TEXT:
            # These say how to compare, and ask nothing.
            compared["not"] = {"propertyNames": {"enum": ["case", "accents"]}}
        bare_possible = "is" in operators or "has" in operators
        example = _value_of(spec.example.replace("*", "billing"), name)
        return _key(spec.description, example, {"anyOf": [*(bare if bare_possible else []), compared]})

    def _value(self, spec: FieldSpec) -> Schema:
        match spec.value:
            case ValueType.FLAG | ValueType.NUMBER:
                return {"type": "boolean" if spec.value is ValueType.FLAG else "number"}
            case ValueType.DURATION:
                return in_office_hours(DURATION_SCHEMA, self._names) if spec.in_hours else DURATION_SCHEMA
            case ValueType.DATE:
                return {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
        if spec.values:
            return {"enum": list(spec.values)}
        if spec.code:
            return {"type": ["string", "boolean"], "pattern": f"^{CODES[spec.code][0]}$"}  # NO is Norway
        return self._names_of(spec.names) if spec.names else {"type": ["string", "number", "boolean"]}

    def _names_of(self, kind: str) -> Schema:
        return names_schema(self._names, kind)

    # --- then -------------------------------------------------------------------------------------------------

    def _then(self) -> Schema:
        actions = self._vocabulary.actions.values()
        alone: list[JsonValue] = [_const(spec.name, spec.description) for spec in actions if not needs_argument(spec)]
        arguments: dict[str, JsonValue] = {spec.name: self._action(spec) for spec in actions}
        with_value: Schema = {"type": "object", "properties": arguments, "additionalProperties": False,
                              "minProperties": 1, "maxProperties": 1}  # fmt: skip
        self.definitions["action"] = {"anyOf": [*alone, with_value]}
        return {"anyOf": [_ref("action"), {"type": "array", "items": _ref("action"), "minItems": 1,
                                           "maxItems": MAX_ACTIONS}]}  # fmt: skip

    def _action(self, spec: ActionSpec) -> Schema:
        argument = self.model(spec.argument.model_json_schema(by_alias=True), f"{spec.name} ")
        forms: list[JsonValue] = [] if spec.always_short else [argument]
        if spec.shorthand:
            field = spec.argument.model_fields[spec.shorthand]
            short = (argument.get("properties") or {})[field.alias or spec.shorthand]  # type: ignore[index, call-overload]  # an object's schema has properties
            forms += [short, *([short["items"]] if isinstance(short, dict) and "items" in short else [])]
        if not needs_argument(spec):
            forms.append({"type": "null"})
        return _key(spec.description, _value_of(spec.example, spec.name), {"anyOf": forms})

    def model(self, schema: Schema, prefix: str = "") -> Schema:
        """A model's schema with its parts among the definitions and the desk's names filled in."""
        parts = schema.pop("$defs", {})
        for name, part in parts.items() if isinstance(parts, dict) else ():
            self.definitions[prefix + name] = filled(part, self._names, prefix)
        done = filled(schema, self._names, prefix)
        assert isinstance(done, dict)
        return done


def needs_argument(spec: ActionSpec) -> bool:
    """Whether the action's name alone is not enough."""
    if any(field.is_required() for field in spec.argument.model_fields.values()):
        return True
    extra = spec.argument.model_config.get("json_schema_extra")
    return isinstance(extra, dict) and "oneOf" in extra


def names_schema(names: Names, kind: str) -> Schema:
    """The names of a kind; anything where the desk does not say."""
    known = names.known.get(kind)
    if known is None:
        return {"type": "string"}
    options: list[JsonValue] = [*sorted(known)]
    return {"type": "string", "enum": options} if options else NO_NAMES


def in_office_hours(time: Schema, names: Names) -> Schema:
    """The schema of a length of time that may be counted while the desk's office hours are open."""
    named = "|".join([*map(re.escape, sorted(names.known.get("hours", ()))), "office hours"])
    return {**time, "pattern": f"{str(time['pattern']).removesuffix('$')}( of ({named}))?$"}


#: There is none of this kind in the desk, so nothing can stand there.
NO_NAMES: Schema = {"type": "string", "not": {}}


def filled(schema: JsonValue, names: Names, prefix: str) -> JsonValue:
    """A schema with the names of the desk in it, its references led to where the parts are kept."""
    if isinstance(schema, list):
        return [filled(item, names, prefix) for item in schema]
    if not isinstance(schema, dict):
        return schema
    done = {key: filled(value, names, prefix) for key, value in schema.items() if key not in (DESK_NAMES, "title")}
    if isinstance(ref := schema.get("$ref"), str):
        done["$ref"] = f"#/definitions/{prefix}{ref.rpartition('/')[2]}"
    if isinstance(keyed := done.pop("patternProperties", None), dict):
        # pydantic lets other keys pass, which the check does not.
        [(pattern, value)] = keyed.items()
        done |= {"additionalProperties": value, "propertyNames": {"pattern": pattern}}
    if done.pop(OPEN_TIME, False):
        done = in_office_hours(done, names)
    kind = schema.get(DESK_NAMES)
    if isinstance(kind, str):
        own = names_schema(names, kind)
        return {**done, "propertyNames": own} if schema.get("type") == "object" else {**done, **own}
    return done


def _key(description: str, example: JsonValue, schema: Mapping[str, JsonValue]) -> Schema:
    return {"description": description, "examples": [example], **schema}


def _const(name: str, description: str) -> Schema:
    return {"const": name, "description": description}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/definitions/{name}"}


def _one_or_more(one: Schema) -> Schema:
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


def _operand(value: Schema, operator: OperatorSpec) -> Schema:
    match operator.takes:
        case Takes.FLAG:
            return {"type": "boolean"}
        case Takes.ONE:
            return value
        case Takes.MANY:
            return _one_or_more(value)
        case Takes.PAIR:
            return {"type": "array", "items": value, "minItems": 2, "maxItems": 2}


def _put(properties: dict[str, JsonValue], name: str, schema: Schema) -> None:
    """Under its full name, and under each part of it as a mapping of its own: `contact.name`, `contact: {name: …}`."""
    properties[name] = schema
    parts = name.split(".")
    for cut in range(1, len(parts)):
        head, rest = ".".join(parts[:cut]), ".".join(parts[cut:])
        group = properties.setdefault(head, {"description": f"Several {head}.… at once", "examples": [{}],
                                             "type": "object", "properties": {}, "additionalProperties": False,
                                             "minProperties": 1})  # fmt: skip
        inner = group.get("properties") if isinstance(group, dict) else None
        if isinstance(inner, dict):
            _put(inner, rest, schema)


def _value_of(example: str, name: str) -> JsonValue:
    """What stands behind the name in an example as it is written."""
    written = _plain(example)
    return next(iter(written.values()), name) if isinstance(written, dict) else name


def _last(example: str) -> JsonValue:
    """What stands behind the operator in an operator's example: `field: {operator: value}`."""
    written = _value_of(example, "")
    return next(iter(written.values()), "") if isinstance(written, dict) else written


def _plain(written: str) -> JsonValue:
    tree, _ = read_yaml(written.encode(), "example")
    return plain_value(tree) if tree is not None else None
