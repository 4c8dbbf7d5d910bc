"""The simulator as a context manager, and how much it carries at once."""

import asyncio
import logging
import socket

import httpx
import pytest

from casella_simulator import Faults, Simulator, SimulatorConfig
from casella_simulator.server import NotQuiet, SimulatorDidNotStart
from tests import loopback
from tests.simulator.desk import LINE, MESSAGES, PHONE, SID, TOKEN, Desk, account, send, serve_desk


def test_it_stops_even_while_somebody_watches_its_events() -> None:
    with loopback.Client(timeout=20) as client:
        with Simulator() as sim, client.stream("GET", f"{sim.url}/_sim/events") as stream:
            next(stream.iter_lines())
            url = sim.url
        with pytest.raises(httpx.ConnectError):
            client.get(url)


def test_a_taken_port_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        Simulator(port=taken.getsockname()[1]).__enter__()


def test_it_cannot_be_used_before_it_runs() -> None:
    with pytest.raises(SimulatorDidNotStart):
        Simulator().set_faults(Faults())


def test_without_a_number_nobody_can_be_written_to() -> None:
    with Simulator() as sim, pytest.raises(LookupError, match="no business number"):
        sim.text_from(PHONE, "x")


def test_two_simulators_know_nothing_of_each_other(desk: Desk) -> None:
    config = SimulatorConfig(accounts=(account(desk),))
    with Simulator(config) as one, Simulator(config) as other:
        send(one)
        assert (len(one.accepted()), len(other.accepted())) == (1, 0)


def test_waiting_for_quiet_gives_up_when_a_receipt_is_still_to_come(sim: Simulator) -> None:
    sim.set_faults(Faults(receipt_delay_ms=(60_000, 60_000)))
    send(sim)
    with pytest.raises(NotQuiet):
        sim.wait_until_quiet(0.05)


def test_a_webhook_that_is_set_after_the_simulator_has_started_is_used() -> None:
    with Simulator() as sim, serve_desk() as desk:
        sim.configure(account(desk))
        assert sim.text_from(PHONE, "x", to=LINE).status == 204


def test_it_leaves_the_logging_of_the_process_alone(caplog: pytest.LogCaptureFixture) -> None:
    def state() -> list[tuple[int, bool, list[logging.Handler]]]:
        loggers = [logging.getLogger(name) for name in ("", "uvicorn", "uvicorn.error", "uvicorn.access")]
        return [(logger.level, logger.propagate, list(logger.handlers)) for logger in loggers]

    caplog.set_level(logging.INFO)
    before = state()
    with Simulator() as sim:
        loopback.get(f"{sim.url}/_sim/state")
        assert state() == before
    assert not [record for record in caplog.records if record.name == "uvicorn.access"]


async def send_many(sim: Simulator, count: int) -> list[int]:
    limits = httpx.Limits(max_connections=300)
    async with httpx.AsyncClient(auth=(SID, TOKEN), limits=limits, timeout=60) as client:
        forms = [{"To": f"+1202556{number:04d}", "From": LINE, "Body": "x"} for number in range(count)]
        answers = await asyncio.gather(*(client.post(sim.url + MESSAGES, data=form) for form in forms))
        return [answer.status_code for answer in answers]


def test_hundreds_of_sends_at_once_are_all_accepted_and_all_arrive(sim: Simulator) -> None:
    sim.set_faults(Faults(latency_ms=(50, 250)))
    assert asyncio.run(send_many(sim, 300)) == [201] * 300
    sim.wait_until_quiet()
    assert len({entry.sid for entry in sim.accepted()}) == 300
    assert sim.repeated() == []
    assert all(sim.phone(f"+1202556{number:04d}").texts == ["x"] for number in range(300))
