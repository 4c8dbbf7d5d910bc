"""A desk folder -> a Desk, or every mistake in it at once."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Contents
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from casella.desk.canned.file import CannedReader, canned_keys, template_problems
from casella.desk.checks.circumstances import circumstances_of
from casella.desk.checks.cross import cross_problems
from casella.desk.checks.cut_texts import with_whole_texts
from casella.desk.checks.reply_checks import reply_problems
from casella.desk.checks.webhook_checks import webhook_problems
from casella.desk.files.folder import DeskFiles, kept_files, read_files
from casella.desk.files.silent import silent_files
from casella.desk.files.written import (
    first_locale,
    keys_of,
    written_attributes,
    written_names,
    written_types,
)
from casella.desk.model import Desk
from casella.desk.parts.additions import Kept, strategies_of
from casella.desk.parts.catalogue import Catalogue
from casella.desk.parts.desk_file import DeskFile
from casella.desk.parts.office_hours import office_hours
from casella.desk.test_file.read import read_tests
from casella.errors import ConfigurationError
from casella_rules import Names, Problem, Reply, Rule, compile_rules, fit
from casella_rules.checks.analysis import analyse
from casella_rules.parsing.pattern_checks import limited_patterns
from casella_rules.parsing.rule_files import read_rule_files
from casella_rules.yaml.partial import read_parts
from casella_rules.yaml.problems import in_order, limited_hints, quoted
from casella_rules.yaml.source import Reading, Scalar


class DeskMistaken(ConfigurationError):
    """The desk has mistakes; correct what is named and load it again."""

    code = "desk_mistaken"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = in_order(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def load_desk(folder: Path | str, catalogue: Catalogue) -> Desk:
    """The desk in this folder. Raises DeskMistaken with every problem."""
    desk, problems = read_desk(folder, catalogue)
    if desk is None or problems:
        raise DeskMistaken(problems)
    return desk


def read_desk(folder: Path | str, catalogue: Catalogue) -> tuple[Desk | None, tuple[Problem, ...]]:
    """The desk, or None and every problem, by file, line and column. Never raises for the contents of the folder."""
    files, problems = read_files(Path(folder))
    return _read(files, Path(folder), catalogue, problems) if files else (None, in_order(problems))


def reread_desk(
    contents: Contents[str, str], catalogue: Catalogue, kept: object = None
) -> tuple[Desk | None, tuple[Problem, ...]]:
    """The desk whose `files` were kept when it was applied. A channel type that is not installed now, or wants other
    settings, is no mistake here: its connections stand still, and everybody else's rules go on. `kept`: what plugins
    added to the rules then, as stored; a plugin that is gone, or brings something else now, is no mistake either.
    Whether its rules make sense together was judged when it was applied; a stricter version stops nobody."""
    files, then = kept_files(contents), Kept.model_validate(kept or {})
    desk, problems = _read(files, Path(), catalogue.keeping(then), [], kept=True, judged=True)
    if desk is None and then != Kept():
        desk, _ = _read(files, Path(), catalogue.only_kept(then), [], kept=True, judged=True)
    return desk, () if desk else problems


def reread_changed(
    before: Contents[str, str], after: Contents[str, str], catalogue: Catalogue, kept: object = None
) -> tuple[Desk | None, tuple[Problem, ...]]:
    """The kept desk with another value in its files: judged like a new one, but for what was wrong with it before."""
    known = catalogue.keeping(Kept.model_validate(kept or {}))
    desk, problems = _read(kept_files(after), Path(), known, [], kept=True)
    if desk is not None:
        return desk, ()
    _, old = _read(kept_files(before), Path(), known, [], kept=True)
    said = {problem.message for problem in old}
    if new := tuple(problem for problem in problems if problem.message not in said):
        return None, new
    return reread_desk(after, catalogue, kept)


def read_again(contents: Contents[str, str], folder: Path, catalogue: Catalogue) -> Desk | None:
    """A desk that was read from this folder, with other values in its files; None if it has mistakes now."""
    return _read(kept_files(contents), folder, catalogue, [])[0]


def load_with_rules(contents: Contents[str, str], rules: Iterable[tuple[str, bytes]], catalogue: Catalogue) -> Desk:
    """The kept desk with these files of rules instead of its own. Raises DeskMistaken with every problem."""
    files = replace(kept_files(contents), rules=tuple(rules))
    desk, problems = _read(files, Path(), catalogue, [], kept=True)
    if desk is None or problems:
        raise DeskMistaken(problems)
    return desk


def _read(
    files: DeskFiles,
    folder: Path,
    catalogue: Catalogue,
    problems: list[Problem],
    *,
    kept: bool = False,
    judged: bool = False,
) -> tuple[Desk | None, tuple[Problem, ...]]:
    with _collector_paused(), limited_hints(), nullcontext() if judged else limited_patterns():
        reading = _Reading(files, catalogue, kept=kept, judged=judged)
        desk = reading.desk(folder)
    problems += with_whole_texts(reading.problems, files.lines()) if reading.problems else ()
    return (None if problems else desk), in_order(problems)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Ten thousand rules are a million new objects and no garbage. Searching them for cycles again and again while they
    are made takes as long as making them; so the search waits, in all threads, for the few seconds of a load."""
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _Reading:
    """One pass over the files. What one part needs of another are only names, so all parts are read in any case."""

    def __init__(self, files: DeskFiles, catalogue: Catalogue, *, kept: bool, judged: bool) -> None:
        self.problems: list[Problem] = []
        self._files = files
        self._catalogue = catalogue
        self._kept = kept
        self._judged = judged
        self._desk = self._read(*files.desk)
        self._tree = self._desk.tree
        self._canned = {name: self._read(name, source) for name, source in files.canned}
        for part, several in (("rules", files.rules), ("canned", files.canned), ("tests", files.tests)):
            self.problems.extend(() if judged else silent_files(part, several))
        self._lines = files.lines()
        self._attributes = written_attributes(self._tree)
        self._rule_names: frozenset[str] | None = None
        self._rules_sound = False
        self._vocabulary = catalogue.vocabulary.including(self._attributes.values())

    def desk(self, folder: Path) -> Desk | None:
        names = self._names()
        parts = self._parts(names)
        canned = self._canned_reader(parts, names)
        rules = self._rules(names, parts)
        known = self._with_rules(names, rules)
        if parts is not None:
            self.problems.extend(() if self._kept else reply_problems(rules, parts, self._catalogue))
        tests, mistakes = read_tests(self._files.tests, parts, known, self._vocabulary)
        self.problems.extend(() if self._judged else mistakes)
        if parts is None or self.problems:
            return None
        return Desk(
            folder=folder,
            digest=self._files.digest,
            files={name: source.decode() for name, source in self._files.all()},
            parts=parts,
            hours={key: office_hours(hours, parts.timezone) for key, hours in parts.hours.items()},
            rules=compile_rules(rules, self._vocabulary),
            canned=canned.messages,
            tests=tests,
            strategies=strategies_of(self._vocabulary, self._catalogue.rank),
        )

    def _read(self, file: str, source: bytes) -> Reading:
        read = read_parts(source, file)
        self.problems.extend(read.problems)
        return read

    def _names(self) -> Names:
        """What there is, by the keys as written: a team with a mistake in it still is a team."""
        types = frozenset(self._catalogue.channel_types)
        if self._kept:
            types |= frozenset(written_types(self._tree))
        known = written_names(self._desk)
        known |= {"channel": known["channel"] | types} if "channel" in known else {}
        known["channel_type"] = types
        canned = [canned_keys(read.tree) if read.whole else None for read in self._canned.values()]
        if None not in canned:
            known["canned"] = frozenset(key for keys in canned for key in keys or ())
        known["strategy"] = frozenset(self._vocabulary.strategies)
        known["field"] = frozenset(name for name, one in self._vocabulary.fields.items() if one.plugin)
        known["action"] = frozenset(name for name, one in self._vocabulary.actions.items() if one.plugin)
        if self._kept and not known.get("survey"):  # one in use may hold a `survey` from when nobody asked for it
            known.pop("survey", None)
        return Names(known, self._attributes, self._vocabulary.unknown_hint)

    def _parts(self, names: Names) -> DeskFile | None:
        if self._tree is None:
            return None
        file = self._files.desk[0]
        parts, problems = fit(DeskFile, self._tree, file, names)
        if not self._desk.whole:
            # What could not be read is not missing, and what stands beside it fits nothing that is made of both.
            lost = {f"{quoted(name)} is missing" for name in self._desk.lost}
            parts, problems = None, [one for one in problems if one.message not in lost]
        self.problems.extend(problems)
        catalogue = replace(self._catalogue, channel_types={}, assistant_types={}) if self._kept else self._catalogue
        self.problems.extend(cross_problems(self._tree, parts, file, catalogue))
        if parts is not None and not self._judged:
            self.problems.extend(webhook_problems(parts, self._tree, file))
        return parts

    def _canned_reader(self, parts: DeskFile | None, names: Names) -> CannedReader:
        locales = parts.locales if parts else first_locale(self._desk)
        reader = CannedReader(locales, keys_of(self._tree, "inboxes"), names, judged=self._judged)
        for file, read in self._canned.items():
            if read.tree is not None:
                reader.read(read.tree, file, self._lines[file])
        self.problems.extend(reader.problems)
        return reader

    def _rules(self, names: Names, parts: DeskFile | None) -> tuple[Rule, ...]:
        read = read_rule_files(self._files.rules, self._vocabulary, names)
        rules = read.rules
        self.problems.extend(read.problems)
        self._rule_names = frozenset(rule.name for rule in rules) if read.whole else None
        self._rules_sound = not read.problems
        self.problems.extend(() if self._judged else analyse(rules, circumstances_of(parts, self._vocabulary)))
        for rule in () if self._judged else rules:
            self.problems.extend(self._text_problems(rule))
        return rules

    def _with_rules(self, names: Names, rules: Iterable[Rule]) -> Names:
        """The names that only tests use: of the rules, of what they reply and offer; as far as they are known."""
        if self._rule_names is None:
            return names
        named = names.including("rule", self._rule_names)
        if not self._rules_sound:
            return named
        replies = [one.argument for rule in rules for one in rule.actions if isinstance(one.argument, Reply)]
        offered = (title for reply in replies for title in reply.offered)
        return named.including("reply", (reply.label for reply in replies)).including("offered", offered)

    def _text_problems(self, rule: Rule) -> Iterable[Problem]:
        """The texts that rules send are filled like canned ones."""
        file = rule.place.file
        for action in rule.actions:
            for text in action.argument.words if isinstance(action.argument, Reply) else ():
                written = Scalar(rule.place.line, rule.place.column, text + "\n" * 100)
                yield from template_problems(written, file, self._lines[file])
