"""A website that embeds a webchat widget: the webchat's "phone". It is a page of another origin than the desk's, under
a strict content security policy, and vouches for its signed-in customers as a real website's server does."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from html import escape

from pydantic import BaseModel, ConfigDict, SecretStr
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "title": "The blue teapot",
        "intro": "A website that embeds the webchat. You are its visitor: open the chat in the corner and write.",
        "who": "You are",
        "anonymous": "an anonymous visitor",
        "customer": "signed in as customer",
        "language": "Language",
        "right": "Right to left",
        "phones": "Phones",
        "none": "No webchat is set up here.",
    },
    "it": {
        "title": "La teiera blu",
        "intro": "Un sito che incorpora la webchat. Tu sei chi lo visita: apri la chat nell'angolo e scrivi.",
        "who": "Sei",
        "anonymous": "un visitatore anonimo",
        "customer": "il cliente registrato",
        "language": "Lingua",
        "right": "Da destra a sinistra",
        "phones": "Telefoni",
        "none": "Qui non è configurata nessuna webchat.",
    },
}
_CUSTOMER = "c-1042"


class Website(BaseModel):
    """A site with a widget. `script`: the widget's address at the desk; `widget`: the channel's key there.
    `identity_secret`: what the site signs its customers' ids with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    script: str
    widget: str
    identity_secret: SecretStr | None = None

    @property
    def server(self) -> str:
        """The origin of the desk."""
        scheme, _, rest = self.script.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}"

    def vouch(self, customer: str) -> str:
        """The site's signature for a customer: hex HMAC-SHA256."""
        if self.identity_secret is None:
            return ""
        return hmac.new(self.identity_secret.get_secret_value().encode(), customer.encode(), hashlib.sha256).hexdigest()


class Websites:
    """Every site of this simulator, each at `/webchat/{widget}`."""

    def __init__(self, sites: Sequence[Website] = ()) -> None:
        self._sites = {site.widget: site for site in sites}

    def configure(self, site: Website) -> None:
        """Adds a site, or replaces the one with the same widget."""
        self._sites[site.widget] = site

    def routes(self) -> list[BaseRoute]:
        return [Route("/webchat", self._first), Route("/webchat/{widget}", self._page)]

    async def _first(self, request: Request) -> Response:
        return self._show(request, next(iter(self._sites.values()), None))

    async def _page(self, request: Request) -> Response:
        return self._show(request, self._sites.get(request.path_params["widget"]))

    def _show(self, request: Request, site: Website | None) -> Response:
        asked = request.query_params
        language = "it" if asked.get("lang") == "it" else "en"
        direction = "rtl" if asked.get("dir") == "rtl" else "ltr"
        customer = asked.get("customer", "")[:200]
        body = _body(_WORDS[language], site, customer, language, direction)
        html = (
            f'<!doctype html><html lang="{language}" dir="{direction}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f"<title>{_WORDS[language]['title']}</title>"
            f'<link rel="stylesheet" href="/static/website.css"></head><body>{body}</body></html>'
        )
        return HTMLResponse(html, 200 if site else 404, {"content-security-policy": policy(site), **_HEADERS})


_HEADERS = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cache-control": "no-store"}


def policy(site: Website | None) -> str:
    """As strict as a site with the widget can be: the desk's origin, no inline scripts or styles, trusted types."""
    desk = site.server if site else "'none'"
    return (
        f"default-src 'none'; script-src {desk}; connect-src {desk}; img-src 'self' {desk}; style-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    )


def _body(words: Mapping[str, str], site: Website | None, customer: str, language: str, direction: str) -> str:
    if site is None:
        return f"<main><h1>{words['title']}</h1><p>{words['none']}</p><p><a href='/'>{words['phones']}</a></p></main>"
    who = f"{words['customer']} {escape(customer)}" if customer else words["anonymous"]
    other = {"lang": "en" if language == "it" else "it"}
    links = (
        (words["anonymous"], f"?lang={language}"),
        (f"{words['customer']} {_CUSTOMER}", f"?lang={language}&amp;customer={_CUSTOMER}"),
        (f"{words['language']}: {other['lang']}", f"?lang={other['lang']}"),
        (words["right"], f"?lang={language}&amp;dir={'ltr' if direction == 'rtl' else 'rtl'}"),
        (words["phones"], "/"),
    )
    items = "".join(f'<li><a href="{address}">{text}</a></li>' for text, address in links)
    vouched = site.vouch(customer) if customer else ""
    signed_in = f' data-user-id="{escape(customer)}" data-user-hmac="{vouched}"' if vouched else ""
    return (
        f"<main><h1>{words['title']}</h1><p>{words['intro']}</p><p>{words['who']}: <strong>{who}</strong></p>"
        f"<nav><ul>{items}</ul></nav></main>"
        f'<script async src="{escape(site.script)}" data-widget="{escape(site.widget)}"{signed_in}></script>'
    )
