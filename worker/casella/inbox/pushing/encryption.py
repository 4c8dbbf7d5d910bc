"""What leaves for a push service: encrypted for one browser alone (RFC 8291, RFC 8188), and signed so that the service
knows who sends (VAPID, RFC 8292)."""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import orjson
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

_CURVE = ec.SECP256R1()
_RECORD = 4096
LONGEST = 3000
"""Bytes of a message: push services need not take more than 4096 of what is sent (RFC 8030, 7.2)."""
_HALF_A_DAY = timedelta(hours=12)


class BadKey(ValueError):
    """This is no key of a browser."""


def encode(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Raises BadKey."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise BadKey from error


def new_private_key() -> str:
    """As text, to be sealed."""
    key = ec.generate_private_key(_CURVE)
    return encode(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def private_key(text: str) -> ec.EllipticCurvePrivateKey:
    key = load_der_private_key(decode(text), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey), "as new_private_key made it"
    return key


def public_key(private: ec.EllipticCurvePrivateKey) -> str:
    return encode(_point(private.public_key()))


def check(public: str, secret: str) -> None:
    """Raises BadKey unless these are what a browser gives: a point of the curve, and sixteen bytes."""
    _browser(public)
    if len(decode(secret)) != 16:
        raise BadKey


def encrypt(
    message: bytes, public: str, secret: str, *, salt: bytes | None = None,
    sender: ec.EllipticCurvePrivateKey | None = None,
) -> bytes:  # fmt: skip
    """For the browser with this public key and secret. `salt` and `sender` are new each time, but for test vectors."""
    browser, salt = _browser(public), salt or os.urandom(16)
    sender = sender or ec.generate_private_key(_CURVE)
    ours, theirs = _point(sender.public_key()), _point(browser)
    shared = sender.exchange(ec.ECDH(), browser)
    key = _derived(decode(secret), shared, b"WebPush: info\0" + theirs + ours, 32)
    content_key = _derived(salt, key, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(salt, key, b"Content-Encoding: nonce\0", 12)
    head = salt + _RECORD.to_bytes(4, "big") + bytes([len(ours)]) + ours
    return head + AESGCM(content_key).encrypt(nonce, message + b"\x02", None)


def authorization(private: ec.EllipticCurvePrivateKey, endpoint: str, contact: str, now: datetime) -> Mapping[str, str]:
    """For the service that the endpoint is of, half a day long. `contact`: an address by which we are reached."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int((now + _HALF_A_DAY).timestamp()), "sub": contact}
    head = encode(orjson.dumps({"typ": "JWT", "alg": "ES256"}))
    signed = f"{head}.{encode(orjson.dumps(claims))}"
    first, second = decode_dss_signature(private.sign(signed.encode(), ec.ECDSA(SHA256())))
    token = f"{signed}.{encode(first.to_bytes(32, 'big') + second.to_bytes(32, 'big'))}"
    return {"authorization": f"vapid t={token}, k={public_key(private)}"}


def _browser(public: str) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, decode(public))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKey from error


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derived(salt: bytes, key: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(key)
