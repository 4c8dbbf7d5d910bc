"""A real server that speaks S3's protocol: moto's, in a process of its own, gone with the test process.

    with s3_server() as server:
        url = server.media_url("prefix")         # what CASELLA_MEDIA_URL says; the bucket exists

Credentials are in the environment, as an operator would put them there: any will do.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from urllib.parse import quote

from tests import loopback
from tests.services.server_process import ServerFailed

ACCESS_KEY, SECRET_KEY = "AKIATESTSTESTSTESTS0", "the-secret-key-of-the-tests-2718281"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY, "AWS_EC2_METADATA_DISABLED": "1"}


PROGRAM = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer("127.0.0.1", 0)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()  # ends when whoever started it ends, however that is
server.stop()
"""


@dataclass
class S3Server:
    """Where it listens."""

    endpoint: str

    def make_bucket(self) -> str:
        name = f"media-{uuid.uuid4().hex[:12]}"
        loopback.put(f"{self.endpoint}/{name}", timeout=30).raise_for_status()
        return name

    def media_url(self, prefix: str = "", bucket: str = "") -> str:
        return f"s3://{bucket or self.make_bucket()}/{prefix}?endpoint={quote(self.endpoint, safe='')}"


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Raises LookupError where moto's server is not installed."""
    if importlib.util.find_spec("moto") is None or importlib.util.find_spec("flask") is None:
        raise LookupError("no S3 server: pip install 'moto[s3,server]'")
    with TemporaryFile() as log:
        environment = {**os.environ, **CREDENTIALS}
        command = [sys.executable, "-W", "ignore", "-c", PROGRAM]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment, text=True
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            port = next((line.strip() for line in process.stdout if line.strip().isdigit()), "")
            if not port:
                log.seek(0)
                raise ServerFailed(f"moto's S3 server did not come up: {log.read()[-1500:].decode(errors='replace')}")
            yield S3Server(f"http://127.0.0.1:{port}")
            process.stdin.close()
