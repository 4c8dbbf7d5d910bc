"""What people are shown of conversations and messages, and how they are told that it has changed."""

from casella.inbox.views.assignment_request import AssignmentRequest
from casella.inbox.views.building import conversation_views, labelled, message_views
from casella.inbox.views.shapes import (
    AttachmentView,
    ConversationView,
    MessageView,
    Named,
    ShownRow,
    attachment_view,
    conversation_view,
    message_view,
    row_content,
)
from casella.inbox.views.telling import gone, message_updated, tell

__all__ = [
    "AssignmentRequest",
    "AttachmentView",
    "ConversationView",
    "MessageView",
    "Named",
    "ShownRow",
    "attachment_view",
    "conversation_view",
    "conversation_views",
    "gone",
    "labelled",
    "message_updated",
    "message_view",
    "message_views",
    "row_content",
    "tell",
]
