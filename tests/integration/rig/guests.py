"""Third-party channel plugins as distributions in a folder on PYTHONPATH, each broken in one method in one way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

BROKEN = (
    "import raise", "verify hang", "verify nonsense", "translate raise", "translate nonsense", "send raise",
    "send hang", "locate_media raise", "lookup nonsense", "refusal raise", "measure nonsense", "consent_pool raise",
)  # fmt: skip
"""One of each method, and both ways on the ways of every message; the other pairs have tests of their own."""


@dataclass(frozen=True)
class Guest:
    """A plugin, its connection and its channel; all three have the same name. `way` "" is a healthy one."""

    method: str
    way: str

    @property
    def name(self) -> str:
        return f"{self.method}_{self.way}"

    @property
    def module(self) -> str:
        return f"guest_{self.method}_{self.way}"

    @property
    def address(self) -> str:
        return f"{self.name}@guests.example"


GUESTS = tuple(Guest(*broken.split()) for broken in BROKEN)


def install(folder: Path, guests: Iterable[Guest] = GUESTS) -> None:
    """Healthy plugins, as pip would have laid them out."""
    folder.mkdir(parents=True, exist_ok=True)
    for guest in guests:
        about = folder / f"{guest.module}-1.0.dist-info"
        about.mkdir(exist_ok=True)
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {guest.module}\nVersion: 1.0\n")
        (about / "entry_points.txt").write_text(f"[casella]\n{guest.name} = {guest.module}\n")
    mend(folder, guests)


def mend(folder: Path, guests: Iterable[Guest] = GUESTS) -> None:
    """What installing a corrected version does."""
    for guest in guests:
        _write(folder, guest, "")


def break_all(folder: Path, guests: Iterable[Guest] = GUESTS) -> None:
    for guest in guests:
        _write(folder, guest, guest.way)


def _write(folder: Path, guest: Guest, way: str) -> None:
    head = {"name": guest.name, "method": guest.method, "way": way}
    assignments = "\n".join(f"{key.upper()} = {value!r}" for key, value in head.items())
    (folder / f"{guest.module}.py").write_text(f"{assignments}\n{_BODY}")


def desk_parts(provider_url: str, guests: Iterable[Guest] = GUESTS) -> tuple[str, str]:
    """The connections and the channels of a desk, as YAML."""
    connections, channels = "", ""
    for guest in guests:
        connections += f"  {guest.name}:\n    type: {guest.name}\n    settings: {{shelf: '{provider_url}'}}\n"
        channels += (
            f"  line-{guest.name}:\n    connection: {guest.name}\n    inbox: support\n    address: {guest.address}\n"
        )
    return connections, channels


_BODY = '''
import json
import threading
import time

from pydantic import BaseModel

from casella.plugin import (
    AttachmentLimits, Capabilities, ChannelPlugin, LookupResult, MediaRef, MediaRequest, MessageReceived,
    SendUncertain, Sent, Verdict, hookimpl,
)


def misbehave(method):
    """What this plugin does wrong, if it is this method's turn. True: answer nonsense."""
    if method != METHOD or not WAY:
        return False
    if WAY == "raise":
        raise RuntimeError("a fault of the plugin")
    if WAY == "hang":
        threading.Event().wait()
    return True


NONSENSE = {"what": ["is", "this"]}
broken_import = misbehave("import")


class GuestSettings(BaseModel):
    shelf: str


class GuestChannel(ChannelPlugin[GuestSettings]):
    channel_type = NAME
    title = "A guest"
    settings_model = GuestSettings
    capabilities = Capabilities(
        address_kind="guest", address_scoped=True, text_limit=1000, sends_per_second=50, send_time_limit=2,
        attachments=AttachmentLimits(count=1),
    )

    def verify(self, connection, webhook):
        if misbehave("verify"):
            return NONSENSE
        return Verdict.authentic() if webhook.headers.get("x-guest") == NAME else Verdict.refused(403, "bad")

    def translate(self, connection, webhook):
        if misbehave("translate"):
            return [NONSENSE]
        told = json.loads(webhook.body)
        files = (MediaRef(ref=told["file"], kind="document"),) if told.get("file") else ()
        return [
            MessageReceived(
                channel_address=told["to"], contact_address=told["from"], external_id=told["id"],
                text=told["text"], attachments=files,
            )
        ]

    def send(self, channel, message, http):
        if misbehave("send"):
            return NONSENSE
        if METHOD == "lookup" and message.text != "after the fix":
            raise SendUncertain()
        return Sent("out-" + message.id)

    def lookup(self, channel, attempt, http):
        if misbehave("lookup"):
            return NONSENSE
        return LookupResult("taken", Sent("out-" + attempt.message.id))

    def locate_media(self, channel, ref, http):
        if misbehave("locate_media"):
            return NONSENSE
        return MediaRequest(channel.settings.shelf + ref.ref, allowed_hosts=("127.0.0.1",))

    def refusal(self, channel, to):
        return NONSENSE if misbehave("refusal") else None

    def measure(self, channel, text):
        return NONSENSE if misbehave("measure") else super().measure(channel, text)

    def consent_pool(self, channel):
        return NONSENSE if misbehave("consent_pool") else ""


@hookimpl
def register_channels(register):
    register(NONSENSE if broken_import else GuestChannel())
'''
