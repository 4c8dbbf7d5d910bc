"""The pages as the tests see them: blocks of code, links, headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/channels").glob("*.md")),
)
_FENCE = re.compile(r"^```(\w*)(?: file=(\S+))?[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_NO_ANCHOR = re.compile(r"[^\w\- ]")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: what language it says it is, its text, where it begins, and the file it is written to."""

    page: Path
    line: int
    language: str
    text: str
    file: str = ""

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, text.count("\n", 0, found.start()) + 1, found[1], found[3], found[2] or "")
        for found in _FENCE.finditer(text)
    ]


def files(page: Path) -> dict[str, str]:
    """The files that a page writes, block by block: ```python file=name."""
    written: dict[str, str] = {}
    for block in blocks(page):
        if block.file:
            before = written.get(block.file)
            written[block.file] = f"{before}\n\n{block.text}" if before else block.text
    return written


def all_blocks(*languages: str) -> list[Block]:
    return [block for page in PAGES for block in blocks(page) if block.language in languages]


def prose(page: Path) -> str:
    """The page without its blocks."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


def links(page: Path) -> list[str]:
    return _LINK.findall(prose(page))


def anchors(page: Path) -> set[str]:
    """What headings are called in addresses, by GitHub's rule."""
    headings = (heading.replace("`", "") for heading in _HEADING.findall(prose(page)))
    return {_NO_ANCHOR.sub("", heading.lower()).replace(" ", "-") for heading in headings}


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """Each command of a console block with the output the page shows behind it. Without any `$ ` every line is a
    command and nothing is shown; `#` begins a comment."""
    lines = block.text.splitlines()
    if not any(line.startswith("$ ") for line in lines):
        yield from ((line.partition("  #")[0].strip(), "") for line in lines if line.strip())
        return
    for shown in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, output = shown.partition("\n")
        yield command, output


def looks_like(shown: str, real: str) -> bool:
    """Whether the output is as shown, where `…` stands for anything. Blanks at line ends do not count."""
    pattern = ".*".join(re.escape(part) for part in _even(shown).split("…"))
    return re.fullmatch(pattern, _even(real), re.DOTALL) is not None


def _even(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def patch(folder: Path, diff: str) -> None:
    """Do in a file what a diff block says. Its first line names the file, the others are one hunk."""
    head, *lines = diff.splitlines()
    file = folder / head.removeprefix("--- ")
    before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
    after = "\n".join(line[1:] for line in lines if not line.startswith("-"))
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{file.name} has this {text.count(before)} times:\n{before}"
    file.write_text(text.replace(before, after), encoding="utf-8")
