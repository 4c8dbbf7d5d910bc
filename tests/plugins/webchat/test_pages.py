"""Where a visitor is and came from: pages, and nothing else that an agent might follow (issue 17.14)."""

from __future__ import annotations

import pytest

from casella_webchat.writing import NewMessage, _facts

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://shop.example/cart?x=1#y", True),
        ("http://shop.example", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("file:///etc/passwd", False),
        ("//shop.example/cart", False),
        ("https:", False),
        ("https://[", False),
        ("https://shop.example/\u202egpj.exe", False),
        (" https://shop.example", False),
    ],
)
@pytest.mark.parametrize("name", ["page_url", "referrer"])
def test_only_pages_are_kept(name: str, url: str, kept: bool) -> None:
    wanted = NewMessage.model_validate({"client_id": UUID, "text": "hi", name: url})
    assert _facts(wanted) == ({name: url} if kept else {})
