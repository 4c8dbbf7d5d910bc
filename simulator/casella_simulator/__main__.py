"""`python -m casella_simulator`: the simulator by itself, with its page of phones."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import uvicorn
from pydantic import ValidationError

from casella_simulator.app import Desk
from casella_simulator.config import SimulatorConfig
from casella_simulator.network.faults import Faults
from casella_simulator.server import server_config
from casella_simulator.twilio.account import TwilioAccount, TwilioNumber

DEMO_SID = "AC" + "0" * 31 + "1"
_EXAMPLES = """
examples:
  Page of phones on port 8100; messages go to a Casella on port 8000:
    python -m casella_simulator --port 8100 --webhook-url http://127.0.0.1:8000/webhooks/sms

  The same account as configured in Casella, a provider that takes 200 ms and loses one answer in twenty:
    python -m casella_simulator --account AC…:token --number +12025550178 \\
        --webhook-url http://127.0.0.1:8000/webhooks/sms --faults '{"latency_ms": 200, "cut_after": 0.05}'

  Two numbers with webhooks of their own, retried up to three times after a 5xx:
    python -m casella_simulator --number '+12025550178=http://127.0.0.1:8000/webhooks/sms#rc=3&rp=5xx' \\
        --number +390612345678=http://127.0.0.1:8000/webhooks/roma

Everything can be changed while it runs: see /_sim/state, PUT /_sim/faults, POST /_sim/accounts.
"""


def parser() -> argparse.ArgumentParser:
    built = argparse.ArgumentParser(
        prog="python -m casella_simulator",
        description="Impersonates messaging providers and lets you write to them from simulated phones.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    built.add_argument("--port", type=int, default=8100, help="port of the API and the page (default 8100)")
    built.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; nothing is protected, keep the loopback"
    )
    built.add_argument("--account", default=f"{DEMO_SID}:simulated-token", metavar="SID:TOKEN", help="of Twilio")
    built.add_argument("--secondary-token", metavar="TOKEN", help="a second token, for trying out key rotation")
    built.add_argument(
        "--number", action="append", metavar="NUMBER[=WEBHOOK]", help="a business number; may be repeated"
    )
    built.add_argument("--webhook-url", metavar="URL", help="webhook of the numbers that name none")
    built.add_argument("--phone", action="append", metavar="NUMBER", help="a phone on the page; may be repeated")
    built.add_argument("--faults", default="{}", metavar="JSON", help="faults to start with, as for PUT /_sim/faults")
    return built


def config_from(arguments: argparse.Namespace) -> SimulatorConfig:
    """Raises pydantic.ValidationError for values that cannot be."""
    sid, _, token = arguments.account.partition(":")
    numbers = []
    for given in arguments.number or ["+12025550178"]:
        number, _, webhook = given.partition("=")
        numbers.append(TwilioNumber(number=number, webhook_url=webhook or arguments.webhook_url))
    account = TwilioAccount(
        sid=sid, auth_token=token, secondary_token=arguments.secondary_token, numbers=tuple(numbers)
    )
    phones = {"phones": tuple(arguments.phone)} if arguments.phone else {}
    return SimulatorConfig(accounts=(account,), faults=Faults.model_validate_json(arguments.faults), **phones)


def main(argv: Sequence[str] | None = None) -> int:
    built = parser()
    arguments = built.parse_args(argv)
    try:
        config = config_from(arguments)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        built.error(f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}")
    desk = Desk(config)
    lines = [f"Phones and API: http://{arguments.host}:{arguments.port}/"]
    lines += [
        f"  {line.address} -> {line.webhook_url or 'no webhook yet (POST /_sim/accounts)'}"
        for line in desk.control.lines("twilio")
    ]
    sys.stdout.write("\n".join([*lines, ""]))
    uvicorn.Server(server_config(desk, host=arguments.host, port=arguments.port)).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
