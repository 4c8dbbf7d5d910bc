"""`/chats`: direct chats and those of teams, for whoever is in them and for nobody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal, Self

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.frame import paging
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import ChatId, CursorText, Id, Limit, Line, MessageText
from casella.api.frame.once import OptionalOnce, RequiredOnce
from casella.api.frame.security import Caller
from casella.inbox import chats

router = APIRouter(tags=["chats"])


class Chat(models.Answer):
    """A chat, as you see it."""

    id: str
    kind: Literal["direct", "team"]
    team: models.Named | None = Field(description="Of a team's chat.")
    people: Sequence[models.Named] = Field(description="Everybody who is in it now, you too.")
    message_count: int
    last_message_text: str | None = Field(description="The beginning of the newest message.")
    turned_at: datetime = Field(description="Of the newest message, or when it was made.")
    version: int = Field(description="Rises with every message.")
    unread: int = Field(description="How many messages of others you have not read. Yours alone.")


class ChatPage(models.Answer):
    items: Sequence[Chat]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


class ChatMessage(models.Answer):
    id: str
    chat_id: str
    sequence: int
    sender: models.Named
    text: str
    at: datetime


class ChatMessagePage(models.Answer):
    """Oldest first. `older`: cursor of what was written before."""

    items: Sequence[ChatMessage]
    older: str | None


@router.get("/chats", response_model=ChatPage, responses=errors())
def list_chats(
    rooms: House,
    member: Caller,
    kind: Annotated[list[Literal["direct", "team"]], Query(max_length=2, description="Only of this kind.")] = [],  # noqa: B006 - FastAPI copies it
    cursor: CursorText = None,
    limit: Limit = 50,
) -> ChatPage:
    """All chats you are in, the newest message first."""
    behind = paging.chat_place(cursor) if cursor is not None else None
    with rooms.store.read() as db:
        page = chats.list_chats(db, member, kind, behind, limit)
    following = paging.chat_cursor(*page.behind) if page.behind else None
    return ChatPage(items=[Chat.model_validate(one) for one in page.items], next=following)


class NewChat(BaseModel):
    """With whom: colleagues, or one of your teams."""

    model_config = ConfigDict(extra="forbid")

    with_agents: Annotated[Sequence[Id], Field(max_length=49)] = Field(
        (), description="Ids of colleagues, for a direct chat with exactly them.", examples=[[]]
    )
    team: Line | None = Field(None, description="Key or id of a team of yours.", examples=["front"])

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.with_agents) == (self.team is not None):
            raise ValueError("name either `with_agents` or a `team`")
        return self


@router.post("/chats", response_model=Chat, status_code=201, responses=errors(*WRITE_ERRORS))
def open_chat(rooms: House, member: Caller, body: NewChat, once: OptionalOnce) -> Response:
    """The chat with these colleagues, or of this team; the one there is, if there is one. Adding somebody to a direct
    chat makes another one."""

    def deed(db: Connection, at: datetime) -> Chat:
        if body.team is not None:
            id = chats.open_team(db, rooms, member, body.team, at)
        else:
            id = chats.open_direct(db, rooms, member, body.with_agents, at)
        return Chat.model_validate(chats.read_chat(db, member, id))

    def sight_again(db: Connection, answered: str) -> None:
        chats.read_chat(db, member, Chat.model_validate_json(answered).id)

    answer = once.do(201, deed, None, sight_again=sight_again)
    rooms.bell.feed()
    return answer


@router.get("/chats/{chat_id}", response_model=Chat, responses=errors(404))
def read_chat(rooms: House, member: Caller, chat_id: ChatId) -> chats.ChatView:
    """One of yours."""
    with rooms.store.read() as db:
        return chats.read_chat(db, member, chat_id)


@router.get("/chats/{chat_id}/messages", response_model=ChatMessagePage, responses=errors(404))
def list_chat_messages(
    rooms: House, member: Caller, chat_id: ChatId, cursor: CursorText = None, limit: Limit = 50
) -> ChatMessagePage:
    """The newest messages, oldest first; `cursor` goes on to older ones."""
    before = paging.number_place("chat", cursor) if cursor is not None else None
    with rooms.store.read() as db:
        found, older = chats.messages_of(db, member, chat_id, before, limit)
    return ChatMessagePage(
        items=[ChatMessage.model_validate(one) for one in found],
        older=paging.id_cursor("chat", str(older)) if older is not None else None,
    )


class ChatText(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: Annotated[MessageText, Field(min_length=1)] = Field(examples=["Lunch at one?"])


@router.post("/chats/{chat_id}/messages", response_model=ChatMessage, status_code=201, responses=errors(*WRITE_ERRORS))
def write_in_chat(rooms: House, member: Caller, chat_id: ChatId, body: ChatText, once: RequiredOnce) -> Response:
    """Say something to everybody in it."""

    def deed(db: Connection, at: datetime) -> ChatMessage:
        return ChatMessage.model_validate(chats.say(db, member, chat_id, body.text, at))

    answer = once.do(201, deed, lambda db: chats.read_chat(db, member, chat_id))
    rooms.bell.feed()
    return answer


class ChatRead(BaseModel):
    model_config = ConfigDict(extra="forbid")

    up_to: Id | None = Field(None, description="Id of the last message you were shown; null: everything so far.")


@router.post("/chats/{chat_id}/read", response_model=Chat, responses=errors(*WRITE_ERRORS))
def mark_chat_read(rooms: House, member: Caller, chat_id: ChatId, body: ChatRead, once: OptionalOnce) -> Response:
    """You have read up to there. Your mark never goes back; only you are told (`chat.marked`)."""

    def deed(db: Connection, at: datetime) -> Chat:
        return Chat.model_validate(chats.read_up_to(db, member, chat_id, body.up_to, at))

    answer = once.do(200, deed, lambda db: chats.read_chat(db, member, chat_id))
    rooms.bell.feed()
    return answer
