"""Reading an ID token: its signature by one of the provider's keys, and everything that it has to say (OpenID Connect
Core, 3.1.3.7). The signature is joserfc's work, told which algorithms count; the rest is compared here.

Only asymmetric algorithms: with `none` there is no signature, and with HS256 everybody who knows a public key, or the
secret that others were given as well, could make one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, RSAKey
from joserfc.jws import JWSRegistry

ALGORITHMS: Mapping[str, str] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    **dict.fromkeys(("EdDSA", "Ed25519"), "OKP"),
}
"""Those that count, each with the type of its keys."""
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}
_LEEWAY = timedelta(minutes=1)
_OLDEST = timedelta(minutes=15)
_LEAST_BITS = 2048
Json = Mapping[str, object]


class Untrue(Exception):
    """The token does not prove what it says."""


@dataclass(frozen=True, slots=True)
class Expected:
    issuer: str
    client_id: str
    nonce: str
    access_token: str | None
    now: datetime


def read(token: str, keys: Callable[[bool], Sequence[Json]], expected: Expected) -> Json:
    """What the token says, once all of it is proven. `keys(True)` asks the provider for new ones. Raises Untrue."""
    header = _header(token)
    algorithm, kid = header.get("alg"), header.get("kid")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise Untrue(f"its algorithm is {str(algorithm)[:20]}")
    fitting = list(_fitting(keys(False), algorithm, kid)) or list(_fitting(keys(True), algorithm, kid))
    claims = next((found for key in fitting if (found := _signed(token, key, algorithm)) is not None), None)
    if claims is None:
        raise Untrue("no key of the provider has signed it")
    _require(claims, expected, algorithm)
    return claims


def _header(token: str) -> Json:
    try:
        part = token.split(".", 2)[0]
        found = orjson.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError:
        found = None
    if not isinstance(found, dict) or token.count(".") != 2:
        raise Untrue("it is no signed token")
    return found


def _fitting(keys: Sequence[Json], algorithm: str, kid: object) -> Iterator[Json]:
    """Of this type, for signatures, and of this name where the token names one."""
    for key in keys:
        named = kid is None or key.get("kid") == kid
        meant = key.get("use", "sig") == "sig" and key.get("alg", algorithm) in (algorithm, "EdDSA")
        if named and meant and key.get("kty") == ALGORITHMS[algorithm]:
            yield key


def _signed(token: str, key: Json, algorithm: str) -> Json | None:
    """None where this key has not signed it, or is none that counts."""
    try:
        known = JWKRegistry.import_key(dict(key))  # type: ignore[arg-type]  # whatever the provider has written
        if isinstance(known, RSAKey) and known.raw_value.key_size < _LEAST_BITS:
            return None
        registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
        return jwt.decode(token, known, registry=registry).claims
    except (JoseError, ValueError, TypeError, KeyError, OverflowError):
        return None


def _require(claims: Json, expected: Expected, algorithm: str) -> None:
    """Raises Untrue."""
    if claims.get("iss") != expected.issuer:
        raise Untrue("it is of another issuer")
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if expected.client_id not in audiences:
        raise Untrue("it was made for another client")
    if claims.get("azp", None if len(audiences) > 1 else expected.client_id) != expected.client_id:
        raise Untrue("it was given to another client")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(errors="replace"), expected.nonce.encode()):
        raise Untrue("its nonce is not of this sign-in")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise Untrue("it names nobody")
    _require_time(claims, expected.now)
    told = claims.get("at_hash")
    if told is not None and told != _half_hash(expected.access_token or "", algorithm):
        raise Untrue("its access token is another one")


def _require_time(claims: Json, now: datetime) -> None:
    ends, made, begins = (_seconds(claims.get(name)) for name in ("exp", "iat", "nbf"))
    at = now.timestamp()
    leeway = _LEEWAY.total_seconds()
    if ends is None or ends <= at - leeway:
        raise Untrue("it has expired")
    if made is None or not at - _OLDEST.total_seconds() - leeway <= made <= at + leeway:
        raise Untrue("it was not made just now")
    if "nbf" in claims and (begins is None or begins > at + leeway):
        raise Untrue("it does not count yet")


def _seconds(value: object) -> float | None:
    """A number that is one: of NaN nothing is later, and a bool is an int."""
    fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
    return float(value) if fits else None  # type: ignore[arg-type]  # it is a number


def _half_hash(access_token: str, algorithm: str) -> str:
    digest = _HASHES.get(algorithm[2:], hashlib.sha512)(access_token.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
