"""Laws of the house that a reviewer would otherwise have to remember. Each has a test that it can fail."""

import ast
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
SOURCE_FOLDERS = ("worker", "rules", "assistant", "plugins", "simulator", "tools", "bench")
# What a migration says was true on one day; nobody reads it as code, and it never changes again.
HISTORY = "migrations/versions/"
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 50
CHANNEL_NAMES = frozenset({"twilio", "whatsapp", "messenger", "instagram", "webchat", "sms"})
EXCUSE = re.compile(r"#\s*(type:\s*ignore|noqa)(?P<rest>[^#]*)(?P<reason>#.*)?")

Node = ast.stmt | ast.expr | ast.pattern


def python_files(*folders: str) -> list[Path]:
    return [file for folder in folders for file in sorted((REPOSITORY / folder).rglob("*.py"))]


def place(file: Path, line: int) -> str:
    return f"{file.relative_to(REPOSITORY) if file.is_relative_to(REPOSITORY) else file.name}:{line}"


# --- no channel's name in the host -------------------------------------------------------------------------------


def channel_name_in(word: str) -> str | None:
    """The channel named in an identifier or literal, if one of its words is one: ``sms_limit``, ``isWhatsApp``."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word)
    words = {part.lower() for part in re.split(r"[^A-Za-z]+", spaced)} | {word.lower()}
    return next(iter(sorted(words & CHANNEL_NAMES)), None)


def names_defined(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every identifier that the code uses: names, attributes, arguments, keywords, imports, definitions."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name) | ast.alias(name=name):
                yield node.lineno, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.keyword(arg=str(name)):
                yield node.lineno, name


def deciding_parts(node: ast.AST) -> list[ast.AST]:
    """The parts of a node on which the code decides: comparisons, matches, keys of tables, look-ups by key."""
    match node:
        case ast.Compare(left=left, comparators=others):
            return [left, *others]
        case ast.MatchValue(value=value):
            return [value]
        case ast.Dict(keys=keys):
            return [key for key in keys if key is not None]
        case ast.MatchMapping(keys=keys):
            return list(keys)
        case ast.Subscript(slice=key):
            return [key]
        case ast.Call(func=ast.Attribute(attr="get" | "pop" | "setdefault" | "startswith" | "endswith"), args=args):
            return list(args)
    return []


def deciding_literals(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """String literals on which the code decides, also inside tuples and sets of them."""
    for node in ast.walk(tree):
        for part in deciding_parts(node):
            for leaf in ast.walk(part):
                if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str):
                    yield leaf.lineno, leaf.value


def channel_conditionals(source: str) -> list[tuple[int, str]]:
    tree = ast.parse(source)
    found = {*names_defined(tree), *deciding_literals(tree)}
    return sorted((line, word) for line, word in found if channel_name_in(word))


def test_the_host_decides_nothing_on_the_name_of_a_channel() -> None:
    offenders = [
        f"{place(file, line)} says {word!r}; declare it as a capability in casella.plugin instead"
        for file in python_files("worker")
        for line, word in channel_conditionals(file.read_text(encoding="utf-8"))
    ]
    assert not offenders, "\n".join(offenders)


@pytest.mark.parametrize(
    "source",
    [
        "if channel.channel_type == 'sms': pass",
        "if channel.channel_type in ('sms', 'email'): pass",
        "LIMITS = {'whatsapp': 4096}",
        "limit = limits['twilio']",
        "limit = limits.get('webchat')",
        "match channel_type:\n    case 'messenger': pass",
        "match event:\n    case {'instagram': inside}: pass",
        "def send_sms(): pass",
        "is_whatsapp = True",
        "class TwilioError(Exception): pass",
        "import casella_sms",
        "self.instagramLimit = 5",
    ],
)
def test_a_channel_name_is_noticed(source: str) -> None:
    assert channel_conditionals(source)


@pytest.mark.parametrize(
    "source",
    [
        "'Rules may name sms; this is prose.'",
        "print('send an sms')",
        "# whatsapp is only named in a comment",
        "transmission = 1",
        "if channel.capabilities.text_limit: pass",
    ],
)
def test_prose_about_a_channel_is_allowed(source: str) -> None:
    assert not channel_conditionals(source)


# --- small files, small functions --------------------------------------------------------------------------------


def long_functions(source: str) -> list[tuple[int, str, int]]:
    """Line, name and length of each function above the limit; decorators do not count."""
    return [
        (node.lineno, node.name, length)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > MAX_FUNCTION_LINES
    ]


def sized_files() -> list[Path]:
    return [file for file in python_files(*SOURCE_FOLDERS) if HISTORY not in file.as_posix()]


def test_no_file_is_longer_than_one_can_keep_in_mind() -> None:
    lengths = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in sized_files()}
    offenders = [f"{place(file, 1)} has {length} lines" for file, length in lengths.items() if length > MAX_FILE_LINES]
    assert not offenders, "\n".join(offenders)


def test_no_function_is_longer_than_a_screen() -> None:
    offenders = [
        f"{place(file, line)} {name} has {length} lines"
        for file in sized_files()
        for line, name, length in long_functions(file.read_text(encoding="utf-8"))
    ]
    assert not offenders, "\n".join(offenders)


def test_a_long_function_is_noticed() -> None:
    body = "    pass\n" * MAX_FUNCTION_LINES
    assert long_functions(f"def short():\n{body[: -len('    pass' + chr(10))]}") == []
    assert long_functions(f"def long():\n{body}") == [(1, "long", MAX_FUNCTION_LINES + 1)]


# --- every silenced checker has a reason -------------------------------------------------------------------------


def comments(source: str) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def silenced_without_reason(source: str) -> list[int]:
    """Lines that switch a checker off and do not say why, in words after a further ``#`` or a dash."""
    return [line for line, comment in comments(source) if (excuse := EXCUSE.match(comment)) and not has_reason(excuse)]


def has_reason(excuse: re.Match[str]) -> bool:
    after_codes = re.sub(r"^(\[[\w, -]*\]|:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*)", "", excuse["rest"])
    return len(re.findall(r"[A-Za-z]{2,}", after_codes + (excuse["reason"] or ""))) >= 2


def test_whoever_silences_a_checker_says_why() -> None:
    offenders = [
        place(file, line)
        for file in python_files(*SOURCE_FOLDERS, "tests")
        for line in silenced_without_reason(file.read_text(encoding="utf-8"))
    ]
    assert not offenders, "\n".join(offenders)


@pytest.mark.parametrize("comment", ["# type: ignore", "# type: ignore[arg-type]", "# noqa", "# noqa: E402, S101"])
def test_a_silent_excuse_is_noticed(comment: str) -> None:
    assert silenced_without_reason(f"x = 1  {comment}") == [1]
    assert silenced_without_reason(f"x = 1  {comment}  # the library is untyped") == []


# --- what may be imported without cost ---------------------------------------------------------------------------


def imports(source: str) -> Iterable[ast.AST]:
    return (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import | ast.ImportFrom))


def test_the_root_package_imports_nothing() -> None:
    """So that importing the contract never loads SQLAlchemy."""
    assert not list(imports((REPOSITORY / "worker/casella/__init__.py").read_text(encoding="utf-8")))


def test_each_test_folder_is_a_package() -> None:
    """Two test files of one name in different folders would otherwise shadow each other."""
    folders = {file.parent for file in python_files("tests") if file.name.startswith("test_")}
    assert [folder for folder in sorted(folders) if not (folder / "__init__.py").exists()] == []


# --- rooms -------------------------------------------------------------------------------------------------------

MAX_MODULES = 16
INBOX = REPOSITORY / "worker/casella/inbox"


def test_no_folder_is_a_warehouse() -> None:
    counts: dict[Path, int] = {}
    for file in sized_files():
        if file.name != "__init__.py":
            counts[file.parent] = counts.get(file.parent, 0) + 1
    crowded = [f"{folder.relative_to(REPOSITORY)} holds {n} modules" for folder, n in counts.items() if n > MAX_MODULES]
    assert not crowded, "\n".join(sorted(crowded))


def imported_rooms(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Line, room and what is behind it (empty: the room itself) of every import out of the inbox."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        for module in modules:
            if module.startswith("casella.inbox."):
                room, _, behind = module.removeprefix("casella.inbox.").partition(".")
                yield node.lineno, room, behind


def room_of(file: Path) -> str | None:
    return file.relative_to(INBOX).parts[0] if file.is_relative_to(INBOX) else None


def test_a_room_is_entered_by_its_face() -> None:
    """What a room's `__init__` does not offer is its own business."""
    offenders = [
        f"{place(file, line)} imports casella.inbox.{room}.{behind}; import from casella.inbox.{room}"
        for file in python_files("worker")
        for line, room, behind in imported_rooms(ast.parse(file.read_text(encoding="utf-8")))
        if behind and room != room_of(file)
    ]
    assert not offenders, "\n".join(offenders)


def test_each_room_says_what_lives_there() -> None:
    rooms = [folder for folder in INBOX.rglob("*") if folder.is_dir() and folder.name != "__pycache__"]
    silent = [r for r in rooms if not ast.get_docstring(ast.parse((r / "__init__.py").read_text(encoding="utf-8")))]
    assert rooms
    assert not silent, silent


def test_a_back_door_is_noticed() -> None:
    tree = ast.parse("from casella.inbox.sending.outbox import x\nfrom casella.inbox.sending import y")
    assert list(imported_rooms(tree)) == [(1, "sending", "outbox"), (2, "sending", "")]


# --- one path for every change -----------------------------------------------------------------------------------

WRITES = re.compile(r"\b(?:update|insert|delete)\(\s*conversations\b|\bconversations\.(?:update|insert|delete)\(")
# What is noted beside a conversation and shown to nobody who lists it: what agents have read, who is seen again, that
# the provider calls the reply window closed. And what was before a manager's test begins.
BESIDE = {"reading/presence.py", "assignment/seen_again.py", "sending/pausing.py", "rule_tests/given.py"}


def test_a_conversation_is_changed_in_one_room() -> None:
    """Lanes, rules and people change conversations by the methods of `state`, which tell of it (law 15)."""
    offenders = [
        str(file.relative_to(INBOX))
        for file in sorted(INBOX.rglob("*.py"))
        if room_of(file) != "state" and WRITES.search(file.read_text(encoding="utf-8"))
    ]
    assert set(offenders) <= BESIDE, offenders
    assert WRITES.search("db.execute(update(conversations).values(status=1))"), "it would be found"
