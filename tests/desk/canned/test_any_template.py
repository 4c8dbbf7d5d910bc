"""`casella check` ends with sentences, whatever a text holds (issue 17.13)."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casella.desk import check_desk
from casella.desk.canned.template_check import check_text
from tests.budget import tries
from tests.desk.desks import catalogue, write_desk

TAGS = (
    "autoescape true", "autoescape false", "include 'x'", "trans", "do x", "call f()", "set x = 1", "set x", "raw",
    "for a in b", "for a in b recursive", "block x", "extends 'a'", "filter upper", "import 'a' as b",
    "from 'a' import b", "with a=1", "debug", "continue", "break", "macro a()", "if contact.name", "elif x", "else",
)  # fmt: skip
ENDS = ("", "endautoescape", "endtrans", "endcall", "endset", "endraw", "endfor", "endblock", "endfilter", "endwith",
        "endmacro", "endif")  # fmt: skip
WORDS = st.sampled_from(
    ["contact.name", "x", "1", "'a'", "[1]", "{}", "()", "|", "upper", "is", "in", "not", "if", "else", "~", "**", ".",
     "lambda", "%", "format", "loop", "self", "none", "true", "{{", "}}", "{%", "%}", "{#", "#}", "-", "\n"]
)  # fmt: skip


@pytest.mark.parametrize("tag", TAGS)
@pytest.mark.parametrize("end", ENDS)
def test_every_tag_is_answered(tag: str, end: str) -> None:
    around = f"{{%- {tag} -%}}{{{{ contact.name }}}}{{%- {end} -%}}"
    for text in (f"{{% {tag} %}}x", f"{{% {tag} %}}x{{% {end} %}}", around):
        for found in check_text(text):
            assert found.line >= 1
            assert found.message


@settings(max_examples=tries(400))
@given(st.lists(WORDS, max_size=12).map(" ".join) | st.text(max_size=60))
def test_any_text_is_answered(text: str) -> None:
    for found in check_text(text) + check_text(f"{{{{ {text} }}}}") + check_text(f"{{% {text} %}}"):
        assert found.line >= 1


def test_the_whole_check_says_it_where_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = orjson.dumps("{% autoescape true %}x{% endautoescape %}").decode()
    write_desk(tmp_path, {"canned.yaml": f"canned:\n  hello: {{phrase: hi, text: {text}}}\n"})
    said = [str(one) for one in check_desk("desk", catalogue())]
    assert any(one.startswith("desk/canned.yaml:2:") and "cannot be used in a message" in one for one in said), said
