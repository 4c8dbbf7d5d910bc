"""From a provider's whole text to the answer: read, values put back, measured, checked."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic_core import from_json

from casella_assistant.checks import check
from casella_assistant.errors import ProviderBroke
from casella_assistant.formats import Written, read_labels, read_replies
from casella_assistant.impersonal import repeats
from casella_assistant.language import Languages
from casella_assistant.masking import Masks
from casella_assistant.model import Answer, Flag, Measured, ModelRequest, Proposal, Provider, Task, Usage

_CHARACTERS_PER_TOKEN = 4
"""A rule of thumb of OpenAI's for English (https://platform.openai.com/tokenizer)."""


def assemble(
    task: Task,
    request: ModelRequest,
    text: str,
    tokens: tuple[int | None, int | None],
    *,
    provider: str,
    masks: Masks,
    languages: Languages,
    prompt: str,
    by: Provider,
) -> Answer:
    """The answer. Raises ProviderBroke for a text in none of the known forms."""
    proposals: tuple[Proposal, ...] = ()
    tags: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    canned = None
    if task.kind == "tags":
        labels = read_labels(text)
        tags = tuple(dict.fromkeys(tag for tag in labels.tags if tag in task.tags))[:3]
        flags = tuple(Flag("unknown_tag", tag[:60]) for tag in labels.tags if tag not in task.tags)
        cited = _cited((labels.canned,) if labels.canned else (), task)
        canned = next((one.id for one in task.sources if one.id in cited and one.kind == "canned"), None)
    else:
        found = read_replies(text, task.kind)[: task.count]
        written = [_proposal(one, task, masks, languages) for one in found]
        proposals = tuple(one for one in written if not _is_of_others(one.text, task))
        if written and not proposals:
            raise ProviderBroke("The provider repeats what belongs to somebody else.")
        flags = (Flag("other_person", ""),) if len(proposals) < len(written) else ()
    return Answer(
        kind=task.kind,
        proposals=proposals,
        tags=tags,
        canned=canned,
        flags=flags,
        used_turns=tuple(turn.id for turn in task.turns),
        used_sources=tuple(source.id for source in task.sources),
        language=task.language,
        provider=provider,
        model=by.model,
        offline=by.offline,
        notice=_notice(text) if by.offline else "",
        usage=_usage(request, text, tokens),
        prompt=prompt,
        sent=() if by.offline else request.messages,
        masked={} if by.offline else masks.counts,
    )


def _proposal(written: Written, task: Task, masks: Masks, languages: Languages) -> Proposal:
    text = masks.restore(written.text)
    chat = task.kind != "summary"
    measured = task.limits.measure(text) if chat else Measured(len(text), len(text))
    return Proposal(text, _cited(written.refs, task), check(text, measured, task, languages, chat=chat), measured)


def _is_of_others(text: str, task: Task) -> bool:
    """Whether it says of somebody else what an earlier answer was cleaned of."""
    taken = [one for source in task.sources for one in source.taken]
    canned = (source.text for source in task.sources if source.kind == "canned")
    here = (*(turn.text for turn in task.turns), *canned, task.intent, task.draft, task.contact, task.agent, task.inbox)
    return bool(taken) and repeats(text, taken, here)


def _cited(refs: Sequence[str], task: Task) -> tuple[str, ...]:
    """The sources' own ids; a name that no source had is not one."""
    names = {f"S{number}": source.id for number, source in enumerate(task.sources, 1)}
    return tuple(names[ref] for ref in refs if ref in names)


def _notice(text: str) -> str:
    """Only ours writes one; a provider of others that is offline as well may answer in plain text."""
    try:
        value = from_json(text)
    except ValueError:
        return ""
    said = value.get("notice") if isinstance(value, dict) else None
    return said if isinstance(said, str) else ""


def _usage(request: ModelRequest, text: str, tokens: tuple[int | None, int | None]) -> Usage:
    prompt, completion = tokens
    if prompt is not None and completion is not None:
        return Usage(prompt, completion)
    read = sum(len(message.content) for message in request.messages)
    return Usage(read // _CHARACTERS_PER_TOKEN + 1, len(text) // _CHARACTERS_PER_TOKEN + 1, estimated=True)
