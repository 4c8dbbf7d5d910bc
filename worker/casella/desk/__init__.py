"""The manager's YAML folder: load, check, fill canned messages.

load_desk(folder, catalogue) -> Desk           raises DeskMistaken(problems)
read_desk(folder, catalogue) -> (Desk | None, problems)
check_desk(folder, catalogue) -> [Problem]     all of them, sorted
Catalogue.of(host.plugins)                     what plugins bring
fill(message, locale, variables) -> str        raises InputsMissing (with names) or TextTooLong
resolve_settings(settings, model, vault, key)  a connection's settings with their secrets
problems_text, desk_text                       for the terminal
"""

from casella.desk.canned.messages import (
    VARIABLES,
    CannedError,
    CannedMessage,
    InputsMissing,
    TextTooLong,
    fill,
    fill_text,
    first_name,
)
from casella.desk.check import check_desk
from casella.desk.files.secrets import SecretMissing, SecretSource, Vault
from casella.desk.load import DeskMistaken, load_desk, read_desk, reread_desk
from casella.desk.model import Desk
from casella.desk.parts.catalogue import Catalogue, HasSettings
from casella.desk.parts.connections import SettingsMistaken, resolve_settings, secret_sources
from casella.desk.parts.desk_file import (
    Agent,
    Channel,
    Connection,
    DeskFile,
    Hours,
    Inbox,
    Team,
)
from casella.desk.parts.links import Link
from casella.desk.parts.links import filled as filled_link
from casella.desk.parts.outward import Attribute, Survey, Webhook
from casella.desk.parts.types import FEATURES, Face, Feature
from casella.desk.report import desk_text, problems_text

__all__ = [
    "FEATURES",
    "VARIABLES",
    "Agent",
    "Attribute",
    "CannedError",
    "CannedMessage",
    "Catalogue",
    "Channel",
    "Connection",
    "Desk",
    "DeskFile",
    "DeskMistaken",
    "Face",
    "Feature",
    "HasSettings",
    "Hours",
    "Inbox",
    "InputsMissing",
    "Link",
    "SecretMissing",
    "SecretSource",
    "SettingsMistaken",
    "Survey",
    "Team",
    "TextTooLong",
    "Vault",
    "Webhook",
    "check_desk",
    "desk_text",
    "fill",
    "fill_text",
    "filled_link",
    "first_name",
    "load_desk",
    "problems_text",
    "read_desk",
    "reread_desk",
    "resolve_settings",
    "secret_sources",
]
