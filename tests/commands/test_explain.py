"""`casella explain`, as a manager calls it; the API tells the same, made from the same view."""

from __future__ import annotations

from typer.testing import CliRunner, Result

from casella.cli import cli
from casella.inbox.routing.explaining import Explainer, lines
from casella.store.queries import message_queries
from casella.store.tables import conversations
from tests.house import ANNA, House
from tests.inbox.rule_texts import rule, use


def call(house: House, *arguments: str) -> Result:
    environment = {"CASELLA_DATABASE_URL": house.settings.database_url, "CASELLA_DATA_DIR": str(house.folder / "data")}
    return CliRunner().invoke(cli, ["explain", *arguments], env=environment)


def lived(house: House) -> str:
    use(
        house,
        rule("tag: refund", name="Refunds", condition="{text: {contains_word: refund}}"),
        rule("assign: {team: front}", "reply: {canned: signed}", name="Everybody"),
        available=("bob",),
    )
    house.receive(house.says("where is my parcel"))
    house.receive(house.says("and a refund"))
    return str(house.one(conversations)["id"])


def test_every_run_with_the_condition_that_failed_and_everybody_who_was_passed_over(house: House) -> None:
    conversation = lived(house)
    told = call(house, conversation)
    assert told.exit_code == 0, told.output
    assert "Refunds: did not match" in told.output
    assert "where is my parcel" in told.output
    assert "not Ann: has the queue switched off" in told.output
    assert told.output.index("parcel") < told.output.index("Refunds: matched")
    with house.rooms.store.read() as db:  # what the API shows under `run` is this very view
        explainer = Explainer(house.rooms)
        for row in message_queries.decisions_of(db, conversation, None, 50):
            assert "\n".join(lines(explainer.run(db, row), row.at, "Europe/Rome")) in told.output


def test_what_was_done_is_told_with_its_values_and_what_was_not_in_a_sentence(house: House) -> None:
    asked = "{team: billing, skills: [italian], else: {team: front, after: 5m}}"
    use(house, rule("priority: urgent", "tag: [refund, vip]", f"assign: {asked}", "reply: {canned: signed}", name="R"))
    house.receive(house.says("hello"))
    told = call(house, ANNA).output
    assert "2026-11-23 11:00:00 Europe/Rome  message_received" in told
    assert "→ priority: urgent\n" in told
    assert "→ tag: refund, vip\n" in told
    assert "→ assign: team billing, skills italian, else (team front, after 5m)\n" in told
    assert "→ reply: signed (not done: agent.name is not known, and the text has no default for it)" in told


def test_what_a_customer_wrote_gives_the_terminal_no_orders(house: House) -> None:
    use(house, rule("tag: refund", name="Refunds", condition="{contact.name: {contains: x}, text: {contains: y}}"))
    house.receive(house.says("\x1b]0;owned\x07 \x9b2J", contact_name="Ada x\x1b[2K\u202e"))
    told = call(house, ANNA)
    assert told.exit_code == 0, told.output
    assert "owned" in told.output
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(told.output)


def test_by_the_customers_number_and_only_the_newest_runs(house: House) -> None:
    lived(house)
    told = call(house, ANNA, "--runs", "1")
    assert told.exit_code == 0, told.output
    assert "Refunds: matched" in told.output
    assert "Refunds: did not match" not in told.output


def test_a_conversation_nobody_knows_is_said_to_be_unknown(house: House) -> None:
    told = call(house, "+39000")
    assert told.exit_code != 0
    assert "Traceback" not in told.output
