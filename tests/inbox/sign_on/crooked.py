"""A sign-in provider that answers whatever a test wants: on a port of its own, in a thread, signed with real keys."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from casella.inbox.sign_on import Attempt, Identity, SignOn
from casella.settings import Settings

KEY: RSAKey = RSAKey.generate_key(2048, {"kid": "one"})
CLIENT = "casella"
Answer = tuple[int, dict[str, str], bytes]


def as_json(value: object, status: int = 200) -> Answer:
    return status, {"content-type": "application/json"}, json.dumps(value).encode()


@dataclass
class Crooked:
    """`claims` and `header` are what the ID token says beside what is right; `answers` by path overrule all."""

    issuer: str = ""
    claims: dict[str, object] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    header: dict[str, object] = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    signing: RSAKey | ECKey | OKPKey | OctKey = field(default_factory=lambda: KEY)
    keys: list[dict[str, Any]] = field(default_factory=lambda: [{**KEY.as_dict(private=False), "use": "sig"}])
    told: dict[str, object] = field(default_factory=dict)
    token: Callable[[str], str] = lambda made: made
    answers: dict[str, Callable[[], Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[str] = field(default_factory=list)
    nonce: str = ""

    def answer(self, path: str) -> Answer:
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]()
        if path == "/.well-known/openid-configuration":
            return as_json(self.configuration())
        if path == "/keys":
            return as_json({"keys": self.keys})
        if path == "/token":
            return as_json({"id_token": self.id_token(), "access_token": "an access token", "token_type": "Bearer"})
        return as_json({"sub": "ann", "email": "ann@casella.test", "email_verified": True})

    def configuration(self) -> dict[str, object]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/me",
            "jwks_uri": f"{self.issuer}/keys",
            **self.told,
        }

    def id_token(self) -> str:
        now = int(time.time())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "ann",
            "nonce": self.nonce,
            "iat": now,
            "exp": now + 300,
            "email": "ann@casella.test",
            "email_verified": True,
            **self.claims,
        }
        for name in self.without:
            claims.pop(name)
        algorithm = str(self.header["alg"])
        return self.token(jwt.encode(self.header, claims, self.signing, algorithms=[algorithm]))

    def sign_on(self, seconds: float = 8.0, **settings: object) -> SignOn:
        return SignOn(
            Settings.model_validate(
                {
                    "oidc_issuer": self.issuer,
                    "oidc_client_id": CLIENT,
                    "oidc_client_secret": "a secret: of & signs",
                    "private_hosts": self.issuer.removeprefix("http://"),
                    **settings,
                }
            ),
            seconds,
        )

    def sign_in(self, sign_on: SignOn | None = None, **returned: str) -> Identity:
        """All the way, with an attempt of its own."""
        attempt = Attempt.of("a key of the tests", str(len(self.asked)))
        self.nonce = attempt.nonce
        answer = {"code": "a code", "state": attempt.state, **returned}
        return (sign_on or self.sign_on()).identify(attempt, answer, datetime.now(UTC))


@contextmanager
def crooked() -> Iterator[Crooked]:
    provider = Crooked()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            provider.forms.append(self.rfile.read(int(self.headers["content-length"])).decode())
            self._answer()

        def _answer(self) -> None:
            status, headers, body = provider.answer(self.path)
            self.send_response(status)
            for name, value in {**headers, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            with suppress(OSError):  # whoever asked has left
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
