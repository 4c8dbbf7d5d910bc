"""Asking for an action that a plugin brings: a row, in the transaction of the decision. `plugin_actions` does it."""

from __future__ import annotations

from pydantic import BaseModel, JsonValue

from casella.ids import new_id
from casella.inbox.routing.actions.run import ActionRun
from casella.inbox.state import Values
from casella.store.tables import plugin_actions
from casella_rules import Facts, PlannedAction


class StoredRequest(BaseModel):
    """What a plugin will be asked: the argument as written, and the event as it was. `facts` and `chain` as
    `casella_rules` writes them."""

    argument: dict[str, JsonValue]
    facts: str
    chain: str
    contact_id: str
    contact_address: str
    provider_replies: bool = False


def ask(run: ActionRun, action: PlannedAction) -> bool:
    """Once per cause, rule and action. Whether the plugin is there is asked when its time comes."""
    happening, address = run.happening, run.conversation.address
    request = StoredRequest(
        argument=action.argument.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        facts=Facts(happening.trigger, run.facts).as_json(),
        chain=happening.chain.as_json(),
        contact_id=address.contact.id,
        contact_address=address.address,
        provider_replies=happening.provider_replies,
    )
    row: Values = {
        "id": new_id(), "cause_id": run.cause_id, "rule": action.rule, "action": action.index,
        "conversation_id": run.conversation.id, "name": action.action, "request": request.model_dump_json(),
        "state": "queued", "due_at": run.work.now, "created_at": run.work.now,
    }  # fmt: skip
    run.work.more.setdefault(plugin_actions, []).append(row)
    return True
