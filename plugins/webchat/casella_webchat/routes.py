"""The paths below `/channels/webchat/`: the widget, and what it talks to."""

from __future__ import annotations

from importlib.resources import files

from casella.plugin import Route, StaticFile
from casella.plugin.routes import Routes
from casella_webchat import reading, sessions, writing
from casella_webchat.door import admit_visitor, from_page, from_visitor, preflight

_SMALL = 4096
_MESSAGE = 131_072  # 10,000 characters, every one escaped, upload tokens and addresses
_FILE = 25_000_001
_TALKING = ("session", "session/end", "messages", "uploads", "typing", "receipts", "events")


def routes() -> Routes:
    """Everything this plugin serves."""
    script = files("casella_webchat").joinpath("static/widget.js").read_bytes()
    return (
        StaticFile("widget.js", script, "text/javascript; charset=utf-8"),
        Route("POST", "{channel}/session", from_page(sessions.begin), most_bytes=_SMALL),
        Route("POST", "{channel}/session/end", from_page(sessions.end), most_bytes=_SMALL),
        Route("GET", "{channel}/messages", from_visitor(reading.transcript)),
        Route("POST", "{channel}/messages", from_visitor(writing.write), most_bytes=_MESSAGE),
        Route("GET", "{channel}/events", from_visitor(reading.events)),
        Route(
            "POST",
            "{channel}/uploads",
            from_visitor(writing.upload),
            most_bytes=_FILE,
            admit=admit_visitor(writing.may_upload),
        ),
        Route("POST", "{channel}/typing", from_visitor(writing.typing)),
        Route("POST", "{channel}/receipts", from_visitor(writing.seen), most_bytes=_SMALL),
        *(Route("OPTIONS", f"{{channel}}/{path}", preflight) for path in _TALKING),
    )
