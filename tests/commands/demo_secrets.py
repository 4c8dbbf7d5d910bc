"""What the example desk keeps outside of itself."""

from __future__ import annotations

from pathlib import Path


def demo_environment(database_url: str, folder: Path) -> dict[str, str]:
    """Everything a command needs to apply a copy of `examples/desk`."""
    return {
        "CASELLA_DATABASE_URL": database_url,
        "CASELLA_DATA_DIR": str(folder / "data"),
        "CASELLA_DEMO_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "CASELLA_DEMO_TWILIO_AUTH_TOKEN": "t" * 32,
        "CASELLA_DEMO_TWILIO_BASE_URL": "http://127.0.0.1:9",
        "CASELLA_PRIVATE_HOSTS": "127.0.0.1:9",
        "CASELLA_DEMO_META_APP_SECRET": "m" * 32,
        "CASELLA_DEMO_META_BASE_URL": "http://127.0.0.1:9",
        "CASELLA_DEMO_META_TOKEN": "k" * 32,
        "CASELLA_DEMO_WEBCHAT_SECRET": "w" * 40,
        "CASELLA_DEMO_WEBCHAT_IDENTITY_SECRET": "i" * 40,
        "CASELLA_DEMO_PASSWORD": "a long password of the demo",
    }
