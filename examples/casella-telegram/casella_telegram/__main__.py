"""python -m casella_telegram set-webhook https://inbox.example.org/webhooks/bot

The token and the secret come from CASELLA_SECRET_TELEGRAM_TOKEN and CASELLA_SECRET_TELEGRAM_WEBHOOK, as in the desk, so
that they stand in no history."""

from __future__ import annotations

import argparse
import os
import sys

import httpx
from pydantic import ValidationError

from casella.plugin import SendError
from casella_telegram.settings import TelegramSettings
from casella_telegram.setup import set_webhook


def main(arguments: list[str]) -> str:
    """What is to be complained of; empty if all went well."""
    parser = argparse.ArgumentParser(prog="python -m casella_telegram", description=__doc__)
    parser.add_argument("command", choices=["set-webhook"])
    parser.add_argument("url", help="the address of the connection: https://…/webhooks/KEY")
    parser.add_argument("--base-url", default="https://api.telegram.org", help="of the Bot API")
    given = parser.parse_args(arguments)
    try:
        settings = TelegramSettings.model_validate(
            {
                "token": os.environ.get("CASELLA_SECRET_TELEGRAM_TOKEN", ""),
                "webhook_secret": os.environ.get("CASELLA_SECRET_TELEGRAM_WEBHOOK", ""),
                "base_url": given.base_url,
            }
        )
        with httpx.Client(timeout=20) as http:
            set_webhook(settings, given.url, http)
    except ValidationError as error:
        wrong = ", ".join(str(item["loc"][0]) for item in error.errors(include_input=False))
        return f"Set CASELLA_SECRET_TELEGRAM_TOKEN and CASELLA_SECRET_TELEGRAM_WEBHOOK; wrong: {wrong}"
    except SendError as error:
        return error.text
    except httpx.RequestError as error:
        return f"Telegram cannot be reached: {type(error).__name__}"
    sys.stdout.write(f"Telegram sends updates to {given.url}\n")
    return ""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
