"""Why an action of a rule was not done, told for people. The codes are what is stored and what programs read."""

from __future__ import annotations

from collections.abc import Mapping

from casella.desk.canned.messages import CannedError, InputsMissing


def why_not_done(code: str) -> str:
    """The sentence of a code, or what stands behind it (`code: why`); a plugin's own words are told as they are."""
    known, _, more = code.partition(": ")
    return (more or _SENTENCES[known]) if known in _SENTENCES else code


def has_sentence(code: str) -> bool:
    """Whether the code says enough by itself."""
    return code in _SENTENCES


def why_not_filled(error: CannedError) -> str:
    """Why the words of a message could not be filled in, with the names of what is missing."""
    if not isinstance(error, InputsMissing):
        return error.text
    names = " and ".join(error.missing)
    return f"{names} {'is' if len(error.missing) == 1 else 'are'} not known, and the text has no default for it"


_SENTENCES: Mapping[str, str] = {
    "agent_not_available": "that agent takes no work now",
    "already_assigned": "a rule before it has assigned the conversation",
    "already_closed": "the conversation is closed already",
    "already_open": "the conversation is open already",
    "already_opted_out": "the customer wants no messages already",
    "already_there": "the conversation is in that inbox already",
    "already_time": "that time has come already",
    "another_is_open": "the customer has another open conversation on this channel",
    "attachment_too_big": "a file is larger than the channel takes",
    "attachment_type": "the channel does not take files of this type",
    "auto_replies_off": "a manager has switched off the replies of rules in this inbox",
    "canned_failed": "the message could not be filled in",
    "canned_inputs_missing": "a value of the message is not known, and the text has no default for it",
    "canned_too_long": "the filled message is too long",
    "caption_too_long": "the channel takes less text beside a file",
    "channel_unavailable": "the channel is not connected",
    "contact_stopped": "the customer wants no messages from this sender",
    "conversation_closed": "the conversation is closed",
    "empty_message": "there was nothing to send",
    "has_assignee": "somebody has the conversation already, and rules take no work out of hands",
    "has_no_assignee": "nobody has the conversation",
    "never_open": "those office hours never open",
    "no_agent_wrote": "the message was not written by an agent",
    "no_caption": "the channel sends such files without text",
    "no_conversation": "there is no conversation",
    "no_such_action": "the plugin that brings this action is not installed",
    "nobody_to_tell": "nobody is there to be told",
    "not_replyable": "this sender cannot be answered",
    "outside_reply_window": "the time is over in which this customer may be answered freely",
    "own_address": "the message came from one of the desk's own numbers",
    "provider_replies": "the provider answers STOP, START and HELP itself",
    "read_only_history": "it was written before the number went to somebody else",
    "queued_since": "it has been put into the queue since that agent wrote",
    "rule_is_gone": "its rule was removed or switched off meanwhile",
    "send_refused": "the message may not be sent",
    "sender_not_allowed": "that agent is not of that inbox any more, or may not answer customers",
    "feature_not_in_plan": "surveys are not in the plan of this inbox",
    "surveys_off": "a manager has switched off the surveys of this inbox",
    "survey_sent_before": "this conversation has been asked already",
    "text_too_long": "the text is longer than the channel takes",
    "too_many_attachments": "the channel takes fewer files in one message",
    "unknown_agent": "that agent is not in the desk any more",
    "unknown_inbox": "that inbox is not in the desk any more",
    "unknown_survey": "that survey is not in the desk",
    "unknown_team": "that team is not in the desk any more",
    "unknown_webhook": "that webhook is not in the desk",
    "voice_notes_unavailable": "the channel has no voice notes",
    "watch_mode": "the rule only watches",
}
