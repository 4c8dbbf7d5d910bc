"""Verdicts as JUnit XML, which every CI system shows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from casella.inbox.rule_tests.verdict import Verdict

# XML 1.0 has no way to write these.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def junit(verdicts: Sequence[Verdict]) -> bytes:
    """One suite per file, one case per test."""
    files = dict.fromkeys(one.test.place.file for one in verdicts)
    failed = sum(not one.passed for one in verdicts)
    root = Element("testsuites", name="casella test", tests=str(len(verdicts)), failures=str(failed))
    for file in files:
        own = [one for one in verdicts if one.test.place.file == file]
        suite = SubElement(root, "testsuite", name=file, tests=str(len(own)),
                           failures=str(sum(not one.passed for one in own)), errors="0", skipped="0")  # fmt: skip
        for one in own:
            _case(suite, one)
    indent(root)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _case(suite: Element, one: Verdict) -> None:
    place = one.test.place
    case = SubElement(suite, "testcase", name=_clean(one.test.part.name), classname=place.file, file=place.file,
                      line=str(place.line))  # fmt: skip
    if not one.passed:
        what = ", ".join(dict.fromkeys(difference.what for _, difference in one.differences))
        SubElement(case, "failure", message=f"not as expected: {what}").text = _clean(one.as_text())


def _clean(text: str) -> str:
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
