"""An audit fails only on a hole that is known, and never hides that nothing could be asked."""

from pathlib import Path

import pytest
from tools import audit


def test_a_known_hole_fails(capsys: pytest.CaptureFixture[str]) -> None:
    holed: dict[str, object] = {"name": "letterbox", "version": "1.0", "vulns": [{"id": "PYSEC-1"}]}
    assert audit.tell([holed, {"name": "stamps", "version": "1.0", "vulns": []}]) == 1
    assert "letterbox 1.0" in capsys.readouterr().out


def test_no_known_hole_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert audit.tell([{"name": "stamps", "version": "1.0", "vulns": []}]) == 0
    assert "1 packages asked about, 0 with known holes" in capsys.readouterr().out


def test_an_unreachable_service_is_said_and_forgiven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for proxy in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(proxy, "http://127.0.0.1:9")  # nobody listens on the discard port
    lock = tmp_path / "lock.txt"
    lock.write_text("stamps==1.0 --hash=sha256:" + "0" * 64 + "\n")
    assert audit.main([str(lock)]) == 0
    assert "NOTHING is known" in capsys.readouterr().out
