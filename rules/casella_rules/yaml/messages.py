"""What libyaml says about a broken file, in words for somebody who has never heard of block mappings."""

from __future__ import annotations

import re

from casella_rules.yaml.problems import quoted

_COMPARED = re.compile(r"(>=?|<=?|!=|==?) *(\S+)")
_SIGNS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "!=": "is_not", "=": "is", "==": "is"}
_NOT_READ = "this line cannot be read", "Check the indentation; text with special characters needs quotes"

_PLAIN: tuple[tuple[str, str, str], ...] = (
    ("mapping values are not allowed", "there is a ':' too many here", "Text that contains ': ' needs quotes"),
    (
        "could not find expected ':'",
        "a ':' is missing here",
        "A key is written 'key: value'; text over several lines needs quotes",
    ),
    (
        "did not find expected key",
        "this line does not fit the ones above",
        "Check the indentation, and quotes that end too early",
    ),
    (
        "did not find expected '-' indicator",
        "this line does not fit the list above",
        "Start each entry with '- ', all in one column",
    ),
    ("did not find expected ',' or ']'", "a ',' or ']' is missing here", "Close the list that starts with '['"),
    (
        "did not find expected ',' or '}'",
        "a ',' or '}' is missing here",
        "Close what starts with '{'; text with { needs quotes",
    ),
    ("did not find expected <document start>", "this line does not fit the ones above", "Check the indentation"),
    ("found unexpected end of stream", "a quote is opened but never closed", "Close it with the same kind of quote"),
    ("that cannot start any token", "a value cannot start with this character", "Put the value in quotes"),
    (
        "block sequence entries are not allowed",
        "a list cannot start here",
        "Put '- ' on a new line below its key",
    ),
    (
        "found unknown escape character",
        "this backslash is not understood between double quotes",
        "Use single quotes: they take backslashes as they are",
    ),
    (
        "did not find expected node content",
        "a value is missing here",
        "Text that starts with this character needs quotes",
    ),
    ("found a tab character", "a tab is used for indentation", "Use spaces"),
    ("found unknown directive", "a line cannot start with '%'", "Remove it, or put the text in quotes"),
    ("found invalid tag", "a value cannot start with '!'", "Put the value in quotes"),
)


def in_plain_words(said: str, at: str) -> tuple[str, str]:
    """The message and the hint for what the parser said about the character `at`."""
    if at == "\t":
        return "a tab is used for indentation", "Use spaces"
    known = ((message, hint) for part, message, hint in _PLAIN if part in said)
    return next(known, _NOT_READ)


def compared(text: str) -> str:
    """The operator that a comparison sign stands for, as it is written: `{gte: 5}` for `>= 5`. Empty for other text."""
    found = _COMPARED.fullmatch(text)
    return f"{{{_SIGNS[found[1]]}: {found[2]}}}" if found else ""


def of_tag(tag: str, written: str) -> tuple[str, str]:
    """What to say of a tag (`!ruby/object`), which is a comparison more often than not: `!= 5`."""
    instead = compared(written.split(" #")[0].rstrip(" }],"))
    if instead:
        return "comparison signs are written as words here", f"Write {instead}"
    if re.fullmatch(r"![\w.]+:?", tag):
        return (
            "'!' does not mean 'not' here",
            "For what must not hold write 'not: {…}'; text with '!' in front needs quotes",
        )
    return f"the tag {quoted(tag)} is not used here", "Remove it; text that starts with '!' needs quotes"
