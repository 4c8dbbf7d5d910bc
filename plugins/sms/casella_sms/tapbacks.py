"""Reactions that arrive as text: phones write "Liked “…”" to whoever has no iMessage or RCS.

The English sentences are Apple's and Google's (moezbhatti/qksms#1330, FossifyOrg/Messages#190). Of the other languages
only "Le gusta “…”" was found in public, seen on a phone; the rest is from memory (docs/channels/traps.md says so).
Everything must be there, the quotes too: whoever writes "Liked it" himself is read as he writes.
"""

from __future__ import annotations

import re
from typing import NamedTuple
from unicodedata import category

_LONGEST = 4000
_JOINED = frozenset({"\u200d", *map(chr, range(0xE0020, 0xE0080))})
"""Marks that nobody sees and that make one emoji of several; all others only say how a text is set: left out."""
_OPEN, _CLOSE = '[\u201c\u201e\u00ab\u2018"]', '[\u201d\u201c\u00bb\u2019"]'
_QUOTED = rf"\s*{_OPEN}\s*(?P<quoted>.+?)\s*{_CLOSE}"
_MEDIA = (
    r"(?:an? (?:image|photo|picture|video|movie|GIF|link|attachment|file|voice message|voice memo|audio message|"
    r"contact|location|sticker|Digital Touch message)|[0-9]{1,2} (?:images|photos|videos|movies|attachments))"
)
_SIGN = r"[^\w\s\"]\S{0,15}"
_LIKES = (
    "Ha messo Mi piace a",
    "Ha messo \u201cMi piace\u201d a",
    'Ha messo "Mi piace" a',
    "Ha messo \u00abMi piace\u00bb a",
)
_STICKER = "\U0001f5bc\ufe0f"
"""Shown for a sticker, of which nobody says what it is."""
_VERBS: dict[str, str] = {
    **dict.fromkeys(("Liked", "Gefällt", "Le gustó", "Le gusta", "A aimé", *_LIKES, "Gostou de"), "\U0001f44d"),
    **dict.fromkeys(
        ("Loved", "Liebt", "Le encantó", "A adoré", "Ha adorato", "Ha messo un cuore a", "Adorou"), "\u2764\ufe0f"
    ),
    **dict.fromkeys(("Disliked", "Gefällt nicht", "No le gustó", "N\u2019a pas aimé", "Non ha gradito"), "\U0001f44e"),
    **dict.fromkeys(("Laughed at", "Lacht über", "Se rió de", "A ri de", "Ha riso per", "Riu de"), "\U0001f602"),
    **dict.fromkeys(
        ("Emphasized", "Emphasised", "Betont", "Enfatizó", "A mis en avant", "Ha evidenziato"), "\u203c\ufe0f"
    ),
    **dict.fromkeys(("Questioned", "Hinterfragt", "Cuestionó", "A remis en question", "Ha messo in dubbio"), "\u2753"),
}
_EMOJI = {verb.casefold(): emoji for verb, emoji in _VERBS.items()}
#: Phones differ in the capitals behind the first letter.
_VERB = "|".join(f"{re.escape(verb[0])}(?i:{re.escape(verb[1:])})" for verb in sorted(_VERBS, key=len, reverse=True))
_REMOVED = "(?:a like|a heart|a dislike|a laugh|an exclamation|a question mark)"
_SENTENCES = (
    re.compile(rf"(?P<verb>{_VERB}){_QUOTED}", re.DOTALL),
    re.compile(rf"(?P<verb>{_VERB}) (?P<quoted>{_MEDIA})"),
    re.compile(rf"Removed (?P<removed>{_REMOVED}) from{_QUOTED}", re.DOTALL),
    re.compile(rf"Removed (?P<removed>{_REMOVED}) from (?P<quoted>{_MEDIA})"),
    re.compile(rf"(?:Reacted(?: with)?|Ha reagito con) (?P<emoji>{_SIGN}) (?:to|a){_QUOTED}", re.DOTALL),
    re.compile(rf"Reacted(?: with)? (?P<emoji>{_SIGN}) to (?P<quoted>{_MEDIA})"),
    re.compile(rf"Reacted with (?P<sticker>a sticker) to(?:{_QUOTED}| (?P<media>{_MEDIA}))", re.DOTALL),
    re.compile(rf"Removed (?P<taken>{_SIGN}|a sticker) from{_QUOTED}", re.DOTALL),
    re.compile(rf"Removed (?P<taken>{_SIGN}|a sticker) from (?P<quoted>{_MEDIA})"),
    re.compile(rf"(?P<emoji>{_SIGN}) to{_QUOTED}", re.DOTALL),  # Google's: "👍 to “…”"
    re.compile(rf"(?P<emoji>{_SIGN}) to (?P<quoted>{_MEDIA})"),
    re.compile(rf"(?P<taken>{_SIGN}) from{_QUOTED}", re.DOTALL),
    re.compile(rf"(?P<taken>{_SIGN}) from (?P<quoted>{_MEDIA})"),
)


class Tapback(NamedTuple):
    """`emoji`: empty when it was taken back. `quoted`: the words it is for."""

    emoji: str
    quoted: str


def tapback(text: str) -> Tapback | None:
    """The reaction that a text is, or None."""
    if len(text) > _LONGEST:
        return None
    plain = "".join(sign for sign in text if sign in _JOINED or category(sign) != "Cf")
    plain = plain.replace("\u200a", "").replace("\xa0", " ").strip()
    for sentence in _SENTENCES:
        if found := sentence.fullmatch(plain):
            said = found.groupdict()
            if said.get("sticker"):
                return Tapback(_STICKER, said["quoted"] or said["media"])
            return Tapback(said.get("emoji") or _EMOJI.get((said.get("verb") or "").casefold(), ""), said["quoted"])
    return None
