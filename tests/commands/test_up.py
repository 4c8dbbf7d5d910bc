"""`casella up --demo`: the port of its phones is taken as it is said, or refused in a sentence."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from rich.console import Console

from casella.demo import Demo
from casella.errors import ConfigurationError
from casella.settings import Settings
from tests.docs.pages import ROOT


def demo(folder: Path, port: int) -> Demo:
    return Demo(Settings(data_dir=folder), Console(), ROOT / "examples" / "desk", port)


def test_the_phones_are_where_they_shall_be(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with demo(tmp_path, port) as running:
        assert running.settings.private_hosts == f"127.0.0.1:{port}"


def test_a_port_that_is_taken_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ConfigurationError, match="Choose another with --phones-port"):
            demo(tmp_path, port)
