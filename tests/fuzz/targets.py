"""One channel under libFuzzer: `python -m tests.fuzz.targets NAME [libFuzzer's options and corpus]`."""

from __future__ import annotations

import sys
from pathlib import Path

NAMES = (
    *("twilio", "vonage-sms", "vonage-messages", "telnyx", "bandwidth"),
    *("whatsapp", "messenger", "instagram", "webchat"),
)
_OURS = ["casella_sms", "casella_whatsapp", "casella_meta", "casella_webchat", "casella.plugin"]


def main(arguments: list[str]) -> None:
    import atheris

    name, *options = arguments
    with atheris.instrument_imports(include=_OURS):
        from tests.fuzz.subjects import Subject
    subject = Subject(name)
    if options and not options[-1].startswith("-"):
        folder = Path(options[-1])
        for number, seed in enumerate(subject.seeds()):
            (folder / f"seed-{number:03d}").write_bytes(seed)
    atheris.Setup([sys.argv[0], *options], subject.take)
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
