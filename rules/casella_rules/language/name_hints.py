"""What to write instead of a name that the desk does not have."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection

from casella_rules.yaml.problems import listing, name_hint

# Longer lists of names are not printed in full: the nearest one is named instead.
_FEW = 8
# A hundred thousand mistakes are still told of in seconds.
_COMPARED = 200


def unknown_name_hint(plural: str, name: str, known: Collection[str]) -> str:
    """The names there are, when they are few; the one that was meant, when that is plain or they are many."""
    several = [part.strip() for part in name.split(",")] if "," in name else []
    if several and all(part in known for part in several):
        return f"Write a list: [{', '.join(several)}]"
    compared = sorted(known) if len(known) <= _COMPARED else []
    same = next((one for one in compared if _folded(one) == _folded(name)), "")
    if same:
        return f"Did you mean '{same}'?"
    return listing(plural, known) if len(known) <= _FEW else name_hint(plural, name, known)


def _folded(name: str) -> str:
    """Without case, accents, and what stands between words."""
    letters = unicodedata.normalize("NFKD", name[:100].casefold())
    return "".join(letter for letter in letters if letter.isalnum())
