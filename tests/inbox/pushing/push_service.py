"""A push service and the browsers behind it, as a process of its own: takes what is posted to it, decrypts it as RFC
8291 says with the browser's keys, checks who sent it (RFC 8292), and prints a line of JSON for each.

    python -m tests.inbox.pushing.push_service    # prints its port first; POST /answer/CODE: how to answer from then on

Written from the RFCs, not from Casella's side of it: it shares no code with that.
"""

from __future__ import annotations

import base64
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

# The browser of RFC 8291, appendix A.
BROWSER_PRIVATE = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
BROWSER_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SECRET = "BTBZMqHH6r4Tts7J_aSIgg"


def raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def hkdf(salt: bytes, material: bytes, info: bytes, length: int) -> bytes:
    """Extract and expand to one block, as RFC 8291, 3.4 writes it out."""
    return mac(mac(salt, material), info + b"\x01")[:length]


def mac(key: bytes, content: bytes) -> bytes:
    made = HMAC(key, SHA256())
    made.update(content)
    return made.finalize()


def decrypt(body: bytes) -> bytes:
    """One record of aes128gcm (RFC 8188) for the browser above."""
    salt, size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
    sender, content = body[21 : 21 + length], body[21 + length :]
    assert len(body) - 21 - length <= size, "one record"
    own = ec.derive_private_key(int.from_bytes(raw(BROWSER_PRIVATE), "big"), ec.SECP256R1())
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
    key = hkdf(raw(SECRET), shared, b"WebPush: info\x00" + raw(BROWSER_PUBLIC) + sender, 32)
    content_key = hkdf(salt, key, b"Content-Encoding: aes128gcm\x00", 16)
    nonce = hkdf(salt, key, b"Content-Encoding: nonce\x00", 12)
    plain = AESGCM(content_key).decrypt(nonce, content, None)
    assert plain.endswith(b"\x02"), "the last record"
    return plain[:-1]


def who(authorization: str) -> dict[str, object]:
    """The claims of who sent it, and his key; raises InvalidSignature."""
    scheme, _, parameters = authorization.partition(" ")
    assert scheme == "vapid"
    given = dict(one.strip().split("=", 1) for one in parameters.split(","))
    signed, _, signature = given["t"].rpartition(".")
    first, second = raw(signature)[:32], raw(signature)[32:]
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw(given["k"]))
    numbers = encode_dss_signature(int.from_bytes(first, "big"), int.from_bytes(second, "big"))
    key.verify(numbers, signed.encode(), ec.ECDSA(SHA256()))
    claims: dict[str, object] = json.loads(raw(signed.split(".")[1]))
    return {**claims, "key": given["k"]}


class Service(BaseHTTPRequestHandler):
    answer = 201

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        place = urlsplit(self.path).path
        if place.startswith("/answer/"):
            Service.answer = int(place.rpartition("/")[2])
            status = 204
        else:
            status = Service.answer
            told = {"path": self.path, "status": status, "from": who(self.headers["authorization"])}
            wanted = ("ttl", "urgency", "topic", "content-encoding")
            told |= {"headers": {name: self.headers[name] for name in wanted}, "message": json.loads(decrypt(body))}
            told |= {"sizes": len(body)}
            print(json.dumps(told), flush=True)  # noqa: T201 - what a test reads
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    print(server.server_port, flush=True)  # noqa: T201 - what a test reads
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)
