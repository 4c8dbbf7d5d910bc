"""The plugin contract: the only thing of Casella that a plugin may import.

A channel plugin is one class, `ChannelPlugin`, registered by one hook, `register_channels`. It turns a provider's
webhooks into events and Casella's messages into the provider's requests; everything else (storing, ordering, retrying,
consent, rules, people) is the host's. The pages of this package are its reference:

    channel        the class to write, and what it is given
    webhook        requests as they came in, verdicts, answers, downloads
    events         what happened, in words every channel shares
    content        what a message carries besides words and files
    capabilities   what a channel type can do
    errors         what may be raised, and what the host does about it
    routes         HTTP paths of a plugin's own, and what the host does for them
    http           classing the errors of an HTTP call
    keywords       opt-out words
    version        which plugins fit this contract
    assistant      providers of the Message Assistant
    testing        the conformance kit (import it in tests only)
"""

from casella.plugin.assistant import (
    AssistantFailed,
    AssistantMessage,
    AssistantPiece,
    AssistantProvider,
    AssistantRequest,
)
from casella.plugin.capabilities import AttachmentLimits, Capabilities, ContactPace, TextMeasure
from casella.plugin.channel import (
    Channel,
    ChannelPlugin,
    Connection,
    Cost,
    LookupResult,
    OutgoingAttachment,
    OutgoingMessage,
    Refusal,
    Registration,
    SendAttempt,
    Sent,
)
from casella.plugin.content import (
    ButtonsContent,
    Choice,
    ContactCard,
    ContactsContent,
    Content,
    ListContent,
    ListSection,
    LocationContent,
    MessageTemplate,
    Profile,
    ReactionContent,
    TemplateButton,
    TemplateContent,
    content_from_json,
)
from casella.plugin.errors import (
    ChannelMisconfigured,
    ChannelThrottled,
    ChannelUnreachable,
    ContactStopped,
    ContactThrottled,
    MediaUnavailable,
    OutsideReplyWindow,
    SendError,
    SendRejected,
    SendUncertain,
)
from casella.plugin.events import (
    AddressChanged,
    ConsentChanged,
    DeliveredSeen,
    DeliveryProblem,
    Event,
    MediaRef,
    MessageDeleted,
    MessageEchoed,
    MessageEdited,
    MessagePart,
    MessageReceived,
    MessageStatusChanged,
    ReactionChanged,
    ReadSeen,
    Referral,
    TypingSeen,
    Unsupported,
    clean_text,
    event_from_json,
)
from casella.plugin.hooks import hookimpl, hookspec
from casella.plugin.http import asking, retry_after, sending
from casella.plugin.keywords import KeywordList
from casella.plugin.routes import (
    ChannelHouse,
    ContactStream,
    Opening,
    Route,
    RouteAnswer,
    RouteRefused,
    RouteRequest,
    StaticFile,
    Transcript,
    TranscriptFile,
    TranscriptMessage,
    Upload,
)
from casella.plugin.version import CONTRACT_VERSION
from casella.plugin.webhook import MediaRequest, Verdict, Webhook, WebhookAnswer

__all__ = [
    "CONTRACT_VERSION",
    "AddressChanged",
    "AssistantFailed",
    "AssistantMessage",
    "AssistantPiece",
    "AssistantProvider",
    "AssistantRequest",
    "AttachmentLimits",
    "ButtonsContent",
    "Capabilities",
    "Channel",
    "ChannelHouse",
    "ChannelMisconfigured",
    "ChannelPlugin",
    "ChannelThrottled",
    "ChannelUnreachable",
    "Choice",
    "Connection",
    "ConsentChanged",
    "ContactCard",
    "ContactPace",
    "ContactStopped",
    "ContactStream",
    "ContactThrottled",
    "ContactsContent",
    "Content",
    "Cost",
    "DeliveredSeen",
    "DeliveryProblem",
    "Event",
    "KeywordList",
    "ListContent",
    "ListSection",
    "LocationContent",
    "LookupResult",
    "MediaRef",
    "MediaRequest",
    "MediaUnavailable",
    "MessageDeleted",
    "MessageEchoed",
    "MessageEdited",
    "MessagePart",
    "MessageReceived",
    "MessageStatusChanged",
    "MessageTemplate",
    "Opening",
    "OutgoingAttachment",
    "OutgoingMessage",
    "OutsideReplyWindow",
    "Profile",
    "ReactionChanged",
    "ReactionContent",
    "ReadSeen",
    "Referral",
    "Refusal",
    "Registration",
    "Route",
    "RouteAnswer",
    "RouteRefused",
    "RouteRequest",
    "SendAttempt",
    "SendError",
    "SendRejected",
    "SendUncertain",
    "Sent",
    "StaticFile",
    "TemplateButton",
    "TemplateContent",
    "TextMeasure",
    "Transcript",
    "TranscriptFile",
    "TranscriptMessage",
    "TypingSeen",
    "Unsupported",
    "Upload",
    "Verdict",
    "Webhook",
    "WebhookAnswer",
    "asking",
    "clean_text",
    "content_from_json",
    "event_from_json",
    "hookimpl",
    "hookspec",
    "retry_after",
    "sending",
]
