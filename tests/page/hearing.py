"""What a tab sounds."""

from __future__ import annotations

from playwright.sync_api import CDPSession, Page


def listens_for_sound(page: Page, rung: list[str]) -> CDPSession:
    """Every sound that this tab begins to make, as the browser itself tells it."""
    session = page.context.new_cdp_session(page)
    session.on("WebAudio.contextCreated", lambda _: rung.append(page.url))
    session.send("WebAudio.enable")
    return session
