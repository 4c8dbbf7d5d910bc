"""The Message Assistant: proposes texts to agents, never sends. Knows nothing of Casella's other rooms.

Assistant(languages).ask(task, routes, prompts, stream=…, seconds=…)   Deltas, then the Answer
load_prompts(overrides) -> Prompts         the shipped prompts, some replaced; prompt_problems says what is wrong
OfflineProvider                            behind the interface `Provider`; registration.py names all of them
TONES                                      the fixed set of tones
Index(texts).search(query, most)           BM25
"""

from casella_assistant.assistant import Assistant, Item, Route
from casella_assistant.breaker import Breaker
from casella_assistant.errors import AssistantError, NoProvider, PromptMistaken, ProviderFailed
from casella_assistant.impersonal import cleaned, impersonal, words_of
from casella_assistant.language import NON_LATIN, Languages, primary
from casella_assistant.masking import Masks, generic, region_of
from casella_assistant.model import (
    HOWS,
    MOST_PROPOSALS,
    Answer,
    Author,
    ChatMessage,
    Delta,
    Failed,
    Flag,
    How,
    Kind,
    Limits,
    Measured,
    ModelRequest,
    Piece,
    Proposal,
    Provider,
    Sending,
    Source,
    Task,
    TextPiece,
    Tone,
    Turn,
    Usage,
    in_characters,
)
from casella_assistant.prompting import Prompts, load_prompts, prompt_problems
from casella_assistant.providers.offline import OfflineProvider
from casella_assistant.providers.offline_texts import TONES
from casella_assistant.ranking import Index

__all__ = [
    "HOWS",
    "MOST_PROPOSALS",
    "NON_LATIN",
    "TONES",
    "Answer",
    "Assistant",
    "AssistantError",
    "Author",
    "Breaker",
    "ChatMessage",
    "Delta",
    "Failed",
    "Flag",
    "How",
    "Index",
    "Item",
    "Kind",
    "Languages",
    "Limits",
    "Masks",
    "Measured",
    "ModelRequest",
    "NoProvider",
    "OfflineProvider",
    "Piece",
    "PromptMistaken",
    "Prompts",
    "Proposal",
    "Provider",
    "ProviderFailed",
    "Route",
    "Sending",
    "Source",
    "Task",
    "TextPiece",
    "Tone",
    "Turn",
    "Usage",
    "cleaned",
    "generic",
    "impersonal",
    "in_characters",
    "load_prompts",
    "primary",
    "prompt_problems",
    "region_of",
    "words_of",
]
