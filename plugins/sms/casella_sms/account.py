"""What the settings of every provider's account have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, PrivateAttr

from casella.plugin import KeywordList
from casella_sms.keywords import keyword_list
from casella_sms.prices import PriceTable


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExtraKeywords(Frozen):
    """Words besides the built-in ones, for other languages and lists of the provider."""

    stop: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    help: tuple[str, ...] = ()


class AccountSettings(Frozen):
    """`keywords`: further words to leave, come back and ask for help. `prices`: what messages cost, to be shown before
    they are sent."""

    keywords: ExtraKeywords = ExtraKeywords()
    prices: PriceTable | None = None

    _keyword_list: KeywordList = PrivateAttr()

    def model_post_init(self, context: object, /) -> None:
        words = self.keywords
        self._keyword_list = keyword_list(words.stop, words.start, words.help)

    @property
    def keyword_list(self) -> KeywordList:
        return self._keyword_list


def api_url(example: str) -> Callable[[str], str]:
    """A validator of the address that secrets are sent to."""

    def check(url: str) -> str:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if not host or parts.username or parts.query or parts.fragment:
            raise ValueError(f"must be an address such as {example}, without a login, a query or a fragment")
        if parts.scheme != "https" and not (parts.scheme == "http" and _is_near(host)):
            raise ValueError("must be https, because the account's secret is sent there")
        return url.rstrip("/")

    return check


def _is_near(host: str) -> bool:
    """This machine, or a neighbour without a domain (a simulator in the same container network)."""
    return host in {"127.0.0.1", "::1"} or "." not in host


def host_of(url: str) -> str:
    return urlsplit(url).hostname or ""


def same_server(url: str, base_url: str) -> bool:
    """Whether an address is at the provider itself, without a login written into it."""
    try:
        parts, base = urlsplit(url), urlsplit(base_url)
        return (parts.scheme, parts.hostname, parts.port) == (base.scheme, base.hostname, base.port) and (
            parts.username is None and parts.password is None
        )
    except ValueError:  # no port that is a number, or broken brackets
        return False


def is_at(url: str, hosts: Sequence[str], base_url: str) -> bool:
    """Whether an address is https at one of these hosts ("*.name": any below), or at the provider itself."""
    if same_server(url, base_url):
        return True
    try:
        parts = urlsplit(url)
        if parts.scheme != "https" or parts.username is not None or parts.port not in (None, 443):
            return False
    except ValueError:
        return False
    host = parts.hostname or ""
    return any(host == name or (name.startswith("*.") and host.endswith(name[1:])) for name in hosts)
