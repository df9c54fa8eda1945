import asyncio
import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from crawler.daemon.schedule import clockwork
from crawler.daemon.supervisor import NOBODY, Supervisor, supervisor_of
from crawler.daemon.watchdog import watched
from crawler.service.pulse import Pulse
from crawler.web.api.health import not_ready
from storage.writer import Tx
from tests.crawler.desk import open_desk

pytestmark = pytest.mark.anyio
#: Seconds that nothing here needs.
PATIENCE = 60.0


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[socket.socket]:
    """A supervisor's socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bound:
        bound.bind(str(tmp_path / "notify"))
        bound.settimeout(PATIENCE)
        yield bound


def test_a_wedged_loop_is_logged_and_gives_no_more_signs_of_life(
    tmp_path: Path, listener: socket.socket
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(
        json.dumps(
            {
                "storage": {"folder": str(tmp_path / "data"), "disk_floor": 0},
                "service": {"port": 0},
            }
        )
    )
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crawler.wedged", str(config)],
        env={
            **os.environ,
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "400000",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as service:
        try:
            assert service.stdin
            assert service.stdout
            assert service.stderr
            address = service.stdout.readline().strip()
            heard = {listener.recv(100)}
            while not {b"READY=1", b"WATCHDOG=1"} <= heard:
                heard.add(listener.recv(100))
            was = _answer(f"{address}/healthz", PATIENCE)

            service.stdin.write("now\n")
            service.stdin.flush()
            (line,) = _until(service.stderr, "in wedge_the_loop")

            listener.setblocking(False)
            while _is_told(listener):  # what was sent before
                pass
            listener.settimeout(1.0)  # more than twice its interval
            with pytest.raises(TimeoutError):
                listener.recv(100)
            is_now = _answer(f"{address}/readyz", 1.0)
        finally:
            service.kill()

    assert was == 200
    assert is_now != 200
    event = json.loads(line)
    assert event["level"] == "error"
    assert "in wedge_the_loop" in event["stack"]
    assert event["event"] == "the event loop is stuck"


def _until(lines: Iterator[str], said: str) -> Iterator[str]:
    for line in lines:
        if said in line:
            yield line
            return


def _is_told(listener: socket.socket) -> bool:
    try:
        return bool(listener.recv(100))
    except BlockingIOError:
        return False


def _answer(url: str, patience: float) -> int | None:
    """Return the status of an answer, or None when none comes."""
    try:
        with urllib.request.urlopen(url, timeout=patience) as answer:  # noqa: S310
            return int(answer.status)
    except OSError:
        return None


async def test_a_loop_that_runs_gives_signs_of_life(listener: socket.socket) -> None:
    supervisor = Supervisor(
        address=listener.getsockname(), patience=timedelta(seconds=0.1)
    )

    async with watched(Pulse(), supervisor):
        told = await asyncio.to_thread(lambda: [listener.recv(100) for _ in range(3)])

    assert told == [b"WATCHDOG=1"] * 3


async def test_a_service_whose_writer_is_stuck_is_not_ready(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    pulse, release, begun = Pulse(ticked_at=now), Event(), Event()

    def hang(_tx: Tx) -> None:
        begun.set()
        release.wait(PATIENCE)

    async with open_desk(tmp_path) as desk:
        writer = desk.means.writer
        before = not_ready(pulse, writer, now)
        future = writer.submit(hang)
        begun.wait(PATIENCE)
        busy = not_ready(pulse, writer, now)
        stuck = not_ready(pulse, writer, now, patience=timedelta(0))
        release.set()
        future.result(PATIENCE)

    assert (before, busy) == (None, None)
    assert str(stuck).startswith("the writer has been at one piece of work for 0:0")
    assert not_ready(pulse, writer, now) == "the writer has ended"


async def test_a_tick_that_hangs_is_the_last_one(tmp_path: Path) -> None:
    pulse, release = Pulse(), asyncio.Event()

    async def tick() -> None:
        pulse.ticked_at = datetime.now(UTC)
        await release.wait()

    async with (
        open_desk(tmp_path) as desk,
        clockwork({"tick": (timedelta(milliseconds=10), tick)}),
    ):
        while pulse.ticked_at is None:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)  # ten intervals
        writer, now = desk.means.writer, datetime.now(UTC)
        why = not_ready(pulse, writer, now, patience=timedelta(seconds=0.05))
        release.set()

    assert str(why).startswith("the clockwork has not ticked since")


def test_a_loop_that_stands_still_is_not_ready() -> None:
    now = datetime.now(UTC)

    why = not_ready(Pulse(ticked_at=now, stuck=True), None, now)  # type: ignore[arg-type]

    assert why == "the event loop is stuck"


@pytest.mark.parametrize(
    ("environment", "found"),
    [
        ({}, NOBODY),
        ({"NOTIFY_SOCKET": "vsock:2:1"}, NOBODY),
        ({"NOTIFY_SOCKET": "/run/it"}, Supervisor(address="/run/it")),
        ({"NOTIFY_SOCKET": "@it"}, Supervisor(address="\0it")),
        (
            {"NOTIFY_SOCKET": "/run/it", "WATCHDOG_USEC": "60000000"},
            Supervisor(address="/run/it", patience=timedelta(minutes=1)),
        ),
        (
            {
                "NOTIFY_SOCKET": "/run/it",
                "WATCHDOG_USEC": "60000000",
                "WATCHDOG_PID": "1",
            },
            Supervisor(address="/run/it"),
        ),
    ],
    ids=["none", "no Unix socket", "path", "abstract", "watchdog", "another's"],
)
def test_a_supervisor_is_known_by_the_environment(
    environment: dict[str, str], found: Supervisor
) -> None:
    assert supervisor_of(environment) == found


def test_a_supervisor_that_is_gone_does_no_harm(tmp_path: Path) -> None:
    Supervisor(address=str(tmp_path / "gone")).tell("READY=1")
