"""What reading asks of the database: every statement has an index to go by, and a page of fifty takes as many of them
as a page of one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Connection, Engine, event

from tests.api.crowd import crowd
from tests.visibility.operations import Json, Operation, operations
from tests.visibility.walk import Walk
from tests.visibility.world import Subject, World, open_world

SMALL = frozenset(
    {
        "inboxes", "connections", "channels", "agents", "teams", "team_members", "inbox_members", "desk_versions",
        "desk_failures", "desk_overrides", "plugins_aside", "rule_sets", "lanes", "rotations", "assistant_providers",
        "assistant_consents", "saved_views", "contact_imports", "contact_merges", "subscriptions", "webhooks",
        "erasures", "push_house", "push_devices", "campaigns",
    }
)  # fmt: skip
"""Tables that grow with the organisation or with the desk, not with what happens: reading all of one costs nothing."""
WAITING = frozenset({"journal", "outbox", "search_pending", "kept_webhooks", "timers", "receipts_pending"})
"""Tables of what is yet to be done: nearly empty while the house keeps up."""
CROWDED = frozenset(
    {
        "contacts", "contact_addresses", "conversations", "conversation_agents", "conversation_tags", "messages",
        "consents", "attachments", "decisions", "message_search", "contact_terms",
    }
)  # fmt: skip
"""Tables that `crowd` fills: PostgreSQL's planner cares for an index only where there is something to find."""
ONE_BY_ONE = frozenset({"list_decisions"})
"""Asks for each row of its page. A decision is explained from its own message, causes and results; no list shows it."""
Statement = tuple[str, object]
Plan = Mapping[str, object]
PAGE = 50


@pytest.fixture
def world(migrated_url: str, tmp_path: Path) -> Iterator[World]:
    with open_world(migrated_url, tmp_path) as opened:
        yield opened


@contextmanager
def heard(engine: Engine) -> Iterator[list[Statement]]:
    """What the engine is asked meanwhile."""
    statements: list[Statement] = []

    def hear(_db: Connection, _cursor: object, text: str, values: object, _context: object, _many: bool) -> None:
        if text.startswith(("SELECT", "WITH")) and "set_config" not in text:
            statements.append((text, values))

    event.listen(engine, "before_cursor_execute", hear)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def test_every_statement_has_an_index_to_go_by(world: World) -> None:
    [subject] = world.subjects(1)
    crowd(world, subject)
    engine, walk, without = world.house.rooms.store.engine, Walk(world, ()), dict[str, str]()
    asked, looked_at, document = 0, set[str](), _document(world)
    for operation in _reads(document):
        for query in _queries(document, operation):
            for who in ("ann", "dora"):
                for statement in _statements(walk, replace(operation, query=query), subject, who):
                    asked += 1
                    if statement[0] in looked_at:  # its plan is the same whatever it is asked with
                        continue
                    looked_at.add(statement[0])
                    for problem in _problems(engine, statement):
                        without.setdefault(f"{problem}\n  {statement[0]}", f"{operation.id} {query} by {who}")
    assert asked > 500
    assert len(looked_at) > 150
    assert not without, "\n\n".join(f"{where}: {what}" for what, where in without.items())


def test_a_page_of_fifty_takes_as_many_statements_as_a_page_of_one(world: World) -> None:
    [subject] = world.subjects(1)
    for who in ("ann", "dora"):
        world.new_chat(who)
    world.new_campaign()
    crowd(world, subject, people=14, letters=1)
    few = _counted(world, subject, PAGE)
    crowd(world, subject, people=3 * PAGE, letters=PAGE)
    many = _counted(world, subject, PAGE)
    assert len(few) > 30
    more = {name: (few[name], count) for name, count in many.items() if count > few[name]}
    assert not more, "\n".join(f"{name}: {one}, then {fifty}" for name, (one, fifty) in more.items())


def _counted(world: World, subject: Subject, page: int) -> dict[str, int]:
    found, walk, document = {}, Walk(world, ()), _document(world)
    for operation in (each for each in _reads(document) if each.id not in ONE_BY_ONE):
        for query in _queries(document, operation):
            limited = {**query, "limit": page} if "limit" in operation.parameters else query
            for who in ("ann", "dora"):
                asked = _statements(walk, replace(operation, query=limited), subject, who)
                found[f"{operation.id} {query} by {who}"] = len(asked)
    return found


def _reads(document: Json) -> list[Operation]:
    return [operation for operation in operations(document) if operation.method == "GET"]


def _document(world: World) -> Json:
    return cast(Json, world.client("nobody").get("/api/v1/openapi.json").json())


def _queries(document: Json, operation: Operation) -> Iterator[Mapping[str, object]]:
    """As it is asked at least, and with each value that one of its parameters is said to have."""
    yield operation.query
    for name, schema in operation.parameters.items():
        for value in _values(document, schema):
            yield {**operation.query, name: value}
    for slot in operation.slots:
        if slot.place == "query" and not slot.required and slot.kind != "public":
            yield {**operation.query, slot.name: f"{{{slot.kind}}}"}
    if operation.id == "list_contacts":
        for words in ("somebody", "some body", "12", "+39 0555", "0000"):
            yield {**operation.query, "q": words}
    if operation.id == "list_conversations":
        for assignee in ("me", "others", "unassigned", "with_me"):
            yield {**operation.query, "assignee": assignee}
        yield {**operation.query, "tag": "vip"}
        yield {**operation.query, "team": "front"}


def _values(document: Mapping[str, object], schema: Plan) -> Sequence[object]:
    if "$ref" in schema:
        components = cast("Mapping[str, Mapping[str, Plan]]", document["components"])
        return _values(document, components["schemas"][str(schema["$ref"]).rpartition("/")[2]])
    if schema.get("type") == "boolean":
        return [True]
    parts = [*cast("Sequence[Plan]", schema.get("anyOf", ())), cast(Plan, schema.get("items", {}))]
    return [
        *cast("Sequence[object]", schema.get("enum", ())),
        *(v for part in parts if part for v in _values(document, part)),
    ]


def _statements(walk: Walk, operation: Operation, subject: Subject, who: str) -> list[Statement]:
    ids = walk.ids(subject, operation.named)
    with heard(walk.world.house.rooms.store.engine) as statements:
        answer = walk.call(operation, ids, who, "reads")
    assert answer.status_code in (200, 204, 403, 404), f"{operation.id} {operation.query} by {who}: {answer.text}"
    return statements


def _problems(engine: Engine, statement: Statement) -> list[str]:
    """The large tables that it reads from end to end."""
    with engine.connect() as db:
        if engine.dialect.name == "sqlite":
            rows = db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement[0]}", statement[1]).all()  # type: ignore[arg-type]  # the driver's own
            return [row.detail for row in rows if _scans(row.detail, " LIMIT " in statement[0])]
        for way in ("seqscan", "mergejoin", "hashjoin"):  # what pays among few rows, and is whole tables among many
            db.exec_driver_sql(f"SET LOCAL enable_{way} = off")
        plan = db.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement[0]}", statement[1]).scalar_one()  # type: ignore[arg-type]  # the driver's own
        return list(_read_whole(plan[0]["Plan"], limited=False))


def _scans(detail: str, limited: bool) -> bool:
    found = re.match(r"SCAN (\w+)( USING (COVERING )?INDEX| VIRTUAL TABLE INDEX \d+:.*M)?", detail)
    return found is not None and _is_large(found[1]) and not (found[2] and (limited or "VIRTUAL" in found[2]))


def _read_whole(node: Plan, *, limited: bool) -> Iterator[str]:
    kind, table = str(node["Node Type"]), str(node.get("Relation Name", ""))
    limited = limited or kind == "Limit"
    by_index = kind in ("Index Scan", "Index Only Scan") and (limited or "Index Cond" in node)
    if table in CROWDED and not by_index and kind != "Bitmap Heap Scan":
        yield f"{kind} of {table}"
    for part in cast("Sequence[Plan]", node.get("Plans", ())):
        yield from _read_whole(part, limited=limited)


def _is_large(table: str) -> bool:
    table = re.sub(r"_\d+$", "", table)  # an alias
    given = ("param", "json_each")  # a list of the statement's own
    return table not in SMALL | WAITING and not table.startswith(("anon", "subquery", *given))
