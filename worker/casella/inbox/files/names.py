"""Names of files, in and out: no path, no invisible characters, and the ending of what the file really is.

An ending decides which program opens a file, so that one which contradicts the content is replaced: a letter's
`invoice.exe` that is a PDF is `invoice.pdf`, and what nobody knows is never handed on as a program.
"""

from __future__ import annotations

import unicodedata
from typing import Final

LONGEST: Final = 200
_OFFICE = "application/vnd.openxmlformats-officedocument"
ENDINGS: dict[str, tuple[str, ...]] = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "image/png": (".png",),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/heic": (".heic", ".heif"),
    "image/heif": (".heif", ".heic"),
    "image/avif": (".avif",),
    "image/tiff": (".tiff", ".tif"),
    "image/bmp": (".bmp",),
    "audio/mpeg": (".mp3",),
    "audio/ogg": (".ogg", ".oga", ".opus"),
    "audio/amr": (".amr", ".awb"),
    "audio/aac": (".aac",),
    "audio/mp4": (".m4a", ".mp4", ".m4b"),
    "audio/wav": (".wav",),
    "audio/3gpp": (".3gp", ".3gpp"),
    "video/mp4": (".mp4", ".m4v"),
    "video/3gpp": (".3gp", ".3gpp", ".3g2"),
    "video/quicktime": (".mov", ".qt"),
    "application/pdf": (".pdf",),
    "application/zip": (".zip", ".pages", ".numbers", ".key", ".kmz", ".epub", ".odt", ".ods", ".odp", ".pptx"),
    f"{_OFFICE}.wordprocessingml.document": (".docx", ".docm", ".dotx"),
    f"{_OFFICE}.spreadsheetml.sheet": (".xlsx", ".xlsm", ".xltx"),
    "application/msword": (".doc", ".xls", ".ppt", ".msg", ".dot"),
    "application/vnd.ms-excel": (".xls",),
    "application/vnd.ms-powerpoint": (".ppt",),
    "application/rtf": (".rtf",),
    "text/plain": (".txt", ".log", ".md", ".csv", ".tsv", ".json", ".ini", ".conf", ".yaml", ".yml", ".vcf", ".ics"),
    "text/csv": (".csv", ".tsv", ".txt"),
    "text/vcard": (".vcf", ".vcard"),
    "text/calendar": (".ics", ".ical"),
}
"""By type: the ending that is given, and the others that fit."""
UNKNOWN: Final = ".bin"
_BY_CONTENT = frozenset(
    ending for mime, endings in ENDINGS.items() if not mime.startswith("text/") for ending in endings
)
"""Endings whose content would have been recognised."""
# fmt: off
_RUNS = frozenset((
    ".ade", ".adp", ".apk", ".app", ".appx", ".asp", ".aspx", ".bas", ".bat", ".bin", ".cer", ".chm", ".cmd",
    ".com", ".command", ".cpl", ".crt", ".deb", ".dll", ".dmg", ".docm", ".dotm", ".exe", ".gadget", ".hta",
    ".htm", ".html", ".inf", ".ins", ".iso", ".jar", ".js", ".jse", ".jsp", ".ksh", ".lnk", ".mde", ".mht",
    ".mhtml", ".mjs", ".msc", ".msi", ".msix", ".msp", ".mst", ".php", ".pif", ".pl", ".ps1", ".ps1xml", ".psm1",
    ".py", ".pyw", ".rb", ".reg", ".rpm", ".scf", ".scr", ".sct", ".sh", ".shb", ".shs", ".svg", ".svgz", ".swf",
    ".sys", ".url", ".vb", ".vbe", ".vbs", ".vhd", ".vxd", ".workflow", ".ws", ".wsc", ".wsf", ".wsh", ".xht",
    ".xhtml", ".xlsm", ".xml", ".xps", ".xsl", ".xslt",
))
# fmt: on
"""Endings that systems run, or browsers do."""
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))


def clean_name(name: str) -> str:
    """The last part of a path without control and bidirectional characters; empty if nothing is left."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(one for one in last if unicodedata.category(one) not in _HIDDEN)
    return " ".join(plain.split()).strip(". ")


def fitting_name(name: str | None, mime: str, otherwise: str) -> str:
    """A name whose ending says what the file is. `otherwise`: the stem where there is no name."""
    stem, ending = _split(clean_name(name or "") or otherwise)
    fitting = ENDINGS.get(mime, ())
    if ending.lower() in fitting:
        return _short(stem, ending)
    if fitting:
        contradicts = ending.lower() in _BY_CONTENT or ending.lower() in _RUNS or ending.lower() in _TEXTS
        return _short(stem if contradicts else stem + ending, fitting[0])
    if ending.lower() in _RUNS or ending.lower() in _BY_CONTENT or not ending:
        return _short(stem, UNKNOWN)
    return _short(stem, ending)


_TEXTS = frozenset(ending for mime, endings in ENDINGS.items() if mime.startswith("text/") for ending in endings)


def _split(name: str) -> tuple[str, str]:
    """The stem and the ending with its dot; a name that begins with a dot has none."""
    stem, dot, ending = name.rpartition(".")
    is_ending = dot and stem and 0 < len(ending) <= 10 and ending.isalnum() and ending.isascii()
    return (stem, f".{ending}") if is_ending else (name, "")


def _short(stem: str, ending: str) -> str:
    """Double endings that hide a program ("a.pdf.exe" → "a.pdf.bin") lose the outer one only: what counts is the
    last."""
    return stem.rstrip(". ")[: LONGEST - len(ending)] + ending
