"""Why somebody did not get a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Reason(StrEnum):
    """Why a candidate was passed over. The value is stored; the sentence is what people read."""

    NOT_IN_TEAM = "not_in_team"
    NOT_IN_INBOX = "not_in_inbox"
    MAY_NOT_REPLY = "may_not_reply"
    QUEUE_OFF = "queue_off"
    DO_NOT_DISTURB = "do_not_disturb"
    OUT_OF_HOURS = "out_of_hours"
    LACKS_SKILLS = "lacks_skills"
    AT_CAPACITY = "at_capacity"
    AT_CHANNEL_CAPACITY = "at_channel_capacity"
    AT_INBOX_CAPACITY = "at_inbox_capacity"
    LET_IT_GO = "let_it_go"
    SERVED_RECENTLY = "served_recently"
    LATER_TURN = "later_turn"
    BUSIER = "busier"
    HEAVIER = "heavier"
    EQUAL = "equal"
    NOT_LAST_SERVED = "not_last_served"
    NOT_ASKED = "not_asked"
    RANKED_LOWER = "ranked_lower"

    @property
    def sentence(self) -> str:
        """`is at capacity`, to be put behind a name."""
        return _SENTENCES[self]


_SENTENCES: Mapping[Reason, str] = {
    Reason.NOT_IN_TEAM: "is not in the team",
    Reason.NOT_IN_INBOX: "is not a member of the inbox",
    Reason.MAY_NOT_REPLY: "may not reply",
    Reason.QUEUE_OFF: "has the queue switched off",
    Reason.DO_NOT_DISTURB: "does not want to be disturbed",
    Reason.OUT_OF_HOURS: "is outside working hours",
    Reason.LACKS_SKILLS: "lacks a skill that was asked for",
    Reason.AT_CAPACITY: "has as many conversations as allowed",
    Reason.AT_CHANNEL_CAPACITY: "has as many conversations of this channel type as allowed",
    Reason.AT_INBOX_CAPACITY: "has as many conversations of this inbox as allowed",
    Reason.LET_IT_GO: "did not answer it in time",
    Reason.SERVED_RECENTLY: "was given one more recently",
    Reason.LATER_TURN: "has a later turn",
    Reason.BUSIER: "has more open conversations",
    Reason.HEAVIER: "has open conversations that weigh more",
    Reason.EQUAL: "is just as free; only one can get it",
    Reason.NOT_LAST_SERVED: "did not serve this contact last",
    Reason.NOT_ASKED: "is left to choose by hand",
    Reason.RANKED_LOWER: "was ranked lower by the plugin's strategy",
}
