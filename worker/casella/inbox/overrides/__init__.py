"""What managers change of an inbox on the page: overrides of the desk, which stay until the desk changes its mind."""

from casella.inbox.overrides.changing import AnotherDesk, Change, SettingMistaken, note_given_up, prepare
from casella.inbox.overrides.listing import SettingView, list_settings, read_setting

__all__ = [
    "AnotherDesk",
    "Change",
    "SettingMistaken",
    "SettingView",
    "list_settings",
    "note_given_up",
    "prepare",
    "read_setting",
]
