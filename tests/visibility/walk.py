"""One operation at a time, tried by everybody on one subject, before and after it is moved, and judged by the oracle.

nobody, a bad token                      401
who may not see one of the ids           word for word what an id is answered that does not exist; nothing changes
who may see all of them                  an answer, or a refusal that depends on his role alone
everybody                                no mark and no id of what he may not see, in body or headers
a key used before, by whoever has lost sight of it meanwhile     as if it had never been used
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import httpx
import orjson

from casella.ids import new_id
from tests.visibility.hearing import Hearing
from tests.visibility.operations import CLOSED, EACH_BY_ITSELF, LEAVES_NOTHING, OF_ONE_INBOX, Operation, braced
from tests.visibility.oracle import AN_ID, fingerprint
from tests.visibility.world import AGENTS, PLAIN, SALES, Subject, World

_NOT_COMPARED = frozenset({"content-length", "retry-after"})
PICTURE = {"file": ("picture.png", b"\x89PNG\r\n\x1a\n" + b"0" * 64, "image/png")}


@dataclass(frozen=True)
class Ids:
    """What stands in the braces of an operation: ids of one subject, or of nothing at all."""

    mark: str
    conversation: str
    contact: str
    message: str
    unconfirmed: str
    failed: str
    queued: str
    attachment: str
    proposal: str
    channel: str
    inbox: str
    token: str
    upload: str
    agent: str = ""
    view: str = ""
    spare: str = ""
    merge: str = ""
    file_import: str = ""
    chat: str = ""
    device: str = ""
    subscription: str = ""
    letter: str = ""
    campaign: str = ""
    running_campaign: str = ""
    paused_campaign: str = ""
    other: str = ""

    @property
    def named(self) -> set[str]:
        return set(vars(self).values())


CAMPAIGNS = frozenset({"campaign", "running_campaign", "paused_campaign"})
"""Kinds of ids that are for the managers of one inbox, wherever what was written has been moved."""

NOT_ABOUT_IT = CAMPAIGNS | {
    "token", "channel", "agent", "view", "contact", "spare", "merge", "file_import", "chat", "subscription", "device"
}  # fmt: skip
"""Kinds of ids that say nothing about a subject."""


@dataclass
class Walk:
    """`problems` is what was found. Who hears of what is done is asked of one agent of each inbox, an outsider and an
    admin: `test_events` asks everybody."""

    world: World
    agents: Sequence[str] = AGENTS
    problems: list[str] = field(default_factory=list)
    _unknown: dict[object, httpx.Response] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._hearing = Hearing(self.world, ("ann", "sue", "nina", "dora"))
        self.oracle = self._hearing.oracle

    def ids(self, subject: Subject, kinds: Sequence[str], *, owner: str = "ann", channel: str = PLAIN) -> Ids:
        """`owner`: of the token and the upload, which are made if they are among the kinds."""
        entry = self.world.house.channel(channel)
        return Ids(
            subject.mark, subject.conversation, subject.contact, subject.message, subject.unconfirmed,
            subject.failed, self.world.new_queued(subject) if "queued" in kinds else "",
            subject.attachment, subject.proposal, entry.id, entry.inbox.id,
            self.world.new_token(owner) if "token" in kinds else "",
            self.world.upload(owner) if "upload" in kinds else "",
            self.world.house.agent(owner).id,
            self.world.new_view(owner) if "view" in kinds else "",
            self.world.new_contact() if "spare" in kinds else "",
            self.world.new_merge(subject) if "merge" in kinds else "",
            self.world.new_import() if "file_import" in kinds else "",
            self.world.new_chat(owner) if "chat" in kinds else "",
            self.world.new_device(owner) if "device" in kinds else "",
            self.world.subscription if "subscription" in kinds else "",
            self.world.new_letter(subject) if "letter" in kinds else "",
            self.world.new_campaign() if "campaign" in kinds else "",
            self.world.new_campaign("schedule") if "running_campaign" in kinds else "",
            self.world.new_campaign("schedule", "pause") if "paused_campaign" in kinds else "",
        )  # fmt: skip

    def try_out(self, operation: Operation, subject: Subject) -> None:
        """The whole life of a subject under one operation."""
        ids = self.ids(subject, operation.named)
        for who in ("nobody", "stranger"):
            answer = self.call(operation, ids, who, "a-key-of-nobody")
            self._require(answer.status_code == 401, operation, who, answer, "only who is signed in is answered")
        if operation.id in CLOSED:
            self.world.client("dora").post(f"/api/v1/conversations/{subject.conversation}/close")
        answers = self._by_everybody(operation, ids, "before")
        if not any(200 <= answer.status_code < 300 for answer in answers.values()):
            told = {who: _shown(answer) for who, answer in answers.items()}
            self.problems.append(
                f"{operation.id} works for nobody, so that its silence shows nothing: give it a body that is answered "
                f"in operations.BODIES. {told}"
            )
        if set(operation.named) - NOT_ABOUT_IT:
            self.world.move(subject)
            self._hearing.listen("what is told of the move itself, test_events asks")
            self._by_everybody(operation, ids, "after")

    def try_again(self, operation: Operation, moved: Subject) -> None:
        """An operation that names no id, when everything has been moved."""
        self._by_everybody(operation, self.ids(moved, operation.named), "at the end")

    def _by_everybody(self, operation: Operation, ids: Ids, when: str) -> dict[str, httpx.Response]:
        """First whoever may not see it, who must change nothing, and says again what he said before; then whoever
        may. Returns the answers of these."""
        self.oracle.refresh()
        blind = [who for who in self.agents if not self._may(operation, ids, who)]
        before = fingerprint(self.world.house.rooms.store) if operation.is_write and blind else None
        for who in blind:
            self.refused(operation, ids, who)
        if before is not None and (changed := _differing(before, fingerprint(self.world.house.rooms.store))):
            self.problems.append(f"{operation.id} by {', '.join(blind)}, who may not see it, has changed {changed}")
        answers = {who: self._answered(operation, ids, who, f"{when}-{who}") for who in self.agents if who not in blind}
        if operation.method == "DELETE":
            self.world.sign_in_anew()  # it may have been his token
        self.problems += self._hearing.listen(f"{operation.id} {when} the move")
        return answers

    def _may(self, operation: Operation, ids: Ids, who: str) -> bool:
        return not self._hidden(operation, ids, who)

    def _hidden(self, operation: Operation, ids: Ids, who: str) -> list[str]:
        """Kinds of ids of this operation that he may not see. Somebody else's number is not his to send from, even if
        a conversation of his came on it."""
        return [kind for kind in operation.named if not self._is_his(operation, kind, getattr(ids, kind), ids, who)]

    def _is_his(self, operation: Operation, kind: str, id: str, ids: Ids, who: str) -> bool:
        of_one_inbox = kind == "inbox" and (operation.is_write or operation.id in OF_ONE_INBOX)
        if kind == "channel" or kind in CAMPAIGNS or of_one_inbox:
            return ids.inbox in self.oracle.of(who).inboxes
        return self.oracle.sees(who, id)

    def refused(self, operation: Operation, ids: Ids, who: str) -> None:
        answer = self.call(operation, ids, who, f"before-{who}")
        other = self._not_there(operation, ids, who)
        told = {200, 403} if operation.id in EACH_BY_ITSELF else {403, 404}
        self._require(answer.status_code in told, operation, who, answer, "he may not see it")
        self._require(same(answer, other), operation, who, answer, f"what is not there is answered {_shown(other)}")
        self.tell_nothing(operation, ids, who, answer)

    def _not_there(self, operation: Operation, ids: Ids, who: str) -> httpx.Response:
        """What somebody of his role is answered when the ids that he may not see are nobody's."""
        hidden = self._hidden(operation, ids, who)
        case = (
            operation.id,
            *hidden,
            {"max": "manager", "mara": "manager", "dora": "manager", "rob": "reader", "nina": "in none"}.get(
                who, "agent"
            ),
        )
        if case not in self._unknown:
            unknown = {kind: new_id() for kind in hidden}
            self._unknown[case] = self.call(operation, replace(ids, **unknown), who, f"unknown-{who}")
        return self._unknown[case]

    def _answered(self, operation: Operation, ids: Ids, who: str, key: str) -> httpx.Response:
        answer = self.call(operation, ids, who, key)
        fine = answer.status_code < 300 or answer.status_code in (403, 409, 422)
        fine = fine or (operation.id in LEAVES_NOTHING and answer.status_code == 404)
        self._require(fine, operation, who, answer, "he may see it, and must be answered")
        self._require("Idempotent-Replayed" not in answer.headers, operation, who, answer, "this key is new for him")
        self.tell_nothing(operation, ids, who, answer)
        if operation.is_write:
            self.oracle.refresh()  # what he did may have moved it
        return answer

    def try_other_ids(self, operation: Operation, kind: str, subject: Subject, hidden: Subject) -> None:
        """By somebody who may do it, with one more id in it: a hidden one is answered as one that does not exist."""
        self.oracle.refresh()
        ids = self.ids(subject, operation.named)
        theirs = self.ids(hidden, [kind], owner="sue", channel=SALES)
        ids, unknown = replace(ids, other=getattr(theirs, kind)), replace(ids, other=new_id())
        answers = [self.call(operation, each, "ann", each.other) for each in (ids, unknown)]
        self._require(same(*answers), operation, f"ann, with the {kind} of others,", answers[0], _shown(answers[1]))
        self.tell_nothing(operation, ids, "ann", answers[0])

    def tell(self, operation: Operation, ids: Ids, who: str) -> None:
        """Whatever the answer is, it tells him nothing that he may not know."""
        self.oracle.refresh()
        self.tell_nothing(operation, ids, who, self.call(operation, ids, who, new_id()))

    def call(self, operation: Operation, ids: Ids, who: str, key: str, **more: str) -> httpx.Response:
        """`more`: headers."""
        values = vars(ids)
        headers = {"X-Request-Id": "the-same-for-all", **more}
        if operation.takes_key:
            headers["Idempotency-Key"] = f"{operation.id}-{key}".replace(" ", "-")
        body = _filled(operation.body, values)
        return self.world.client(who).request(
            operation.method, str(_filled(operation.path, values)), params=_filled(operation.query, values),  # type: ignore[arg-type]  # a mapping stays one
            json=body if body is not None and not operation.upload else None,
            files=PICTURE if operation.upload else None, headers=headers,
        )  # fmt: skip

    def tell_nothing(self, operation: Operation, ids: Ids, who: str, answer: httpx.Response) -> None:
        self._require(not (told := self.betrayed(who, answer, ids.named)), operation, who, answer, f"tells of {told}")

    def betrayed(self, who: str, answer: httpx.Response, named: Iterable[str] = ()) -> list[str]:
        """What an answer says that he may not know. That a conversation is gone is told to those it is gone for."""
        text = answer.content.decode("utf-8", "replace")
        if answer.headers.get("content-type") == "application/json" and text:
            text = orjson.dumps(_without_farewells(orjson.loads(text))).decode()
        return self.oracle.betrayed(who, f"{answer.headers} {text}", named)

    def _require(self, fine: bool, operation: Operation, who: str, answer: httpx.Response, why: str) -> None:
        if not fine:
            self.problems.append(f"{operation.id} by {who} is answered {_shown(answer)}: {why}")


def _filled(value: object, values: Mapping[str, str]) -> object:
    match value:
        case str():
            for name, text in values.items():
                value = value.replace(braced(name), text)
            return value
        case Mapping():
            return {name: _filled(each, values) for name, each in value.items()}
        case list():
            return [_filled(each, values) for each in value]
    return value


def same(one: httpx.Response, other: httpx.Response) -> bool:
    """But for the ids in it, which are the caller's own."""
    return one.status_code == other.status_code and _bare(one) == _bare(other)


def _bare(answer: httpx.Response) -> tuple[object, object]:
    headers = sorted((name, value) for name, value in answer.headers.items() if name not in _NOT_COMPARED)
    return headers, AN_ID.sub("", answer.text)


def _shown(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.text[:300]}"


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> Sequence[str]:
    return [name for name in before if before[name] != after[name]]


def _without_farewells(value: object) -> object:
    if isinstance(value, dict):
        gone = value.get("kind") == "conversation.gone"
        return {name: _without_farewells(each) for name, each in value.items() if not gone}
    return [_without_farewells(each) for each in value] if isinstance(value, list) else value
