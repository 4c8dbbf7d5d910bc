"""What a desk takes from outside itself, variables and files of secrets: all that is missing or does not fit is said at
once, with its place in desk.yaml and never with its value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from casella.desk.files.folder import kept_files
from casella.desk.files.secrets import SecretMissing, SecretSource, Vault, source_of
from casella.desk.model import Desk
from casella.desk.parts.catalogue import Catalogue
from casella.desk.parts.connections import SettingsMistaken
from casella_rules import Problem, read_yaml
from casella_rules.parsing.shape import find, problem_of
from casella_rules.yaml.problems import quoted
from casella_rules.yaml.source import Mapping, Node, Plain, Scalar, Sequence, plain_value

#: Agents sign in from anywhere, and somebody who guesses gets a few tries a minute: eight characters outlast him.
LEAST_PASSWORD = 8
#: A plugin's own sentence may quote a value, ours never do. It is not repeated when so much of one stands in it.
_TELLING = 4
_OF_PLUGINS = ("value_error", "assertion_error")


def require_outside(desk: Desk, catalogue: Catalogue, vault: Vault) -> None:
    """Raises SecretMissing or SettingsMistaken, with every problem."""
    file, source = kept_files(desk.files).desk
    tree, _ = read_yaml(source, file)
    if tree is None:
        return
    looking = _Looking(file, vault)
    for where in _places(desk):
        looking.sources(find(tree, where))
    if looking.missing:
        raise SecretMissing(problems=looking.missing)
    looking.settings(_models(desk, catalogue), tree)
    for key, agent in desk.parts.agents.items():
        if agent.password is not None:
            looking.password(agent.password, find(tree, ("agents", key, "password")) or tree)
    if looking.mistaken:
        raise SettingsMistaken(problems=looking.mistaken)


def _places(desk: Desk) -> Iterator[tuple[str, ...]]:
    """Where something may stand that is kept elsewhere."""
    parts = desk.parts
    yield from (("connections", key, "settings") for key in parts.connections)
    yield from (("assistant", "providers", key, "settings") for key in parts.assistant.providers)
    yield from (("webhooks", key, "secret") for key in parts.webhooks)
    yield from (("agents", key, "password") for key in parts.agents)


def _models(desk: Desk, catalogue: Catalogue) -> Iterator[tuple[tuple[str, ...], type[BaseModel]]]:
    """Where settings stand, and the model that each must fit."""
    for key, link in desk.parts.connections.items():
        yield ("connections", key), catalogue.channel_types[link.channel_type]
    for key, provider in desk.parts.assistant.providers.items():
        yield ("assistant", "providers", key), catalogue.assistant_types[provider.provider_type]


class _Looking:
    def __init__(self, file: str, vault: Vault) -> None:
        self.missing: list[Problem] = []
        self.mistaken: list[Problem] = []
        self._file = file
        self._vault = vault

    def sources(self, node: Node | None) -> None:
        """Everything below this that is kept elsewhere is read once."""
        source = source_of(plain_value(node)) if node is not None else None
        if node is not None and source is not None:
            try:
                self._vault.read(source)
            except SecretMissing as error:
                self._note(self.missing, node, error.text)
        elif isinstance(node, Mapping):
            for _, value in node.entries.values():
                self.sources(value)
        elif isinstance(node, Sequence):
            for item in node.items:
                self.sources(item)

    def settings(self, models: Iterable[tuple[tuple[str, ...], type[BaseModel]]], tree: Node) -> None:
        """Settings with everything in them, as their plugin gets them."""
        for where, model in models:
            part = find(tree, where)
            node = part.get("settings") if isinstance(part, Mapping) else None
            written = node or Mapping(tree.line, tree.column, {})
            try:
                model.model_validate(self._filled(written))
            except ValidationError as error:
                for detail in error.errors(include_url=False):
                    self._misfit(detail, model, written)

    def password(self, source: SecretSource, node: Node) -> None:
        if len(self._vault.read(source)) < LEAST_PASSWORD:
            said = f"the password in {source} is shorter than {LEAST_PASSWORD} characters, so it is guessed too easily"
            self._note(self.mistaken, node, said, "Choose a longer one")

    def _misfit(self, detail: ErrorDetails, model: type[BaseModel], node: Node) -> None:
        problem = problem_of(detail, model, _with_sources_named(node), self._file)
        found = find(node, detail["loc"])
        source = source_of(plain_value(found)) if found is not None else None
        said, hint = problem.message, problem.hint
        if source is not None:
            named = f"the value of {source}"
            said = said.replace(quoted(str(source)), named).replace("this list", named)
            said = said if named in said else f"{named} does not fit: {said}"
        if detail["type"] in _OF_PLUGINS and self._tells(said, node):
            said, hint = f"the value of {source} does not fit" if source else "something here does not fit", ""
        self.mistaken.append(Problem(self._file, problem.line, problem.column, said, hint))

    def _tells(self, said: str, node: Node) -> bool:
        """Whether a sentence gives away something of a value that stands elsewhere."""
        values = (self._vault.read(source) for source in _sources_in(plain_value(node)))
        parts = (value[at : at + _TELLING] for value in values for at in range(max(len(value) - _TELLING + 1, 1)))
        return any(part in said for part in parts)

    def _filled(self, node: Node) -> Plain:
        source = source_of(plain_value(node))
        if source is not None:
            return self._vault.read(source)
        if isinstance(node, Mapping):
            return {name: self._filled(value) for name, (_, value) in node.entries.items()}
        return [self._filled(item) for item in node.items] if isinstance(node, Sequence) else plain_value(node)

    def _note(self, problems: list[Problem], node: Node, said: str, hint: str = "") -> None:
        problems.append(Problem(self._file, node.line, node.column, said, hint))


def _sources_in(plain: Plain) -> Iterator[SecretSource]:
    source = source_of(plain)
    if source is not None:
        yield source
    elif isinstance(plain, dict | list):
        for inner in plain.values() if isinstance(plain, dict) else plain:
            yield from _sources_in(inner)


def _with_sources_named(node: Node) -> Node:
    """A tree that says of everything kept elsewhere only where that is."""
    source = source_of(plain_value(node))
    if source is not None:
        return Scalar(node.line, node.column, str(source))
    if isinstance(node, Mapping):
        entries = {name: (key, _with_sources_named(value)) for name, (key, value) in node.entries.items()}
        return Mapping(node.line, node.column, entries)
    if isinstance(node, Sequence):
        return Sequence(node.line, node.column, [_with_sources_named(item) for item in node.items])
    return node
