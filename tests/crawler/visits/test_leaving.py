"""A host is given back when a visit ends, also when the disk fails just then."""

import asyncio

import pytest
import structlog

from crawler.visits import leaving
from crawler.visits.leaving import leave_host
from storage.errors import DiskFull, StorageError

pytestmark = pytest.mark.anyio

LOG = structlog.get_logger("test")


class Leave:
    """Fails so many times, then leaves."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.tries = 0
        self.asked = asyncio.Event()

    async def __call__(self) -> None:
        self.tries += 1
        self.asked.set()
        if self.tries <= self.failures:
            raise DiskFull("no room")


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "_WAITS", (0, 0, 0))


@pytest.mark.parametrize("failures", [0, 1, 3])
async def test_a_host_is_left_as_soon_as_it_can_be_kept(failures: int) -> None:
    leave = Leave(failures)

    await leave_host(leave, LOG, "a.example")

    assert leave.tries == failures + 1


async def test_the_lease_ends_the_attempts() -> None:
    leave = Leave(9)

    with pytest.raises(StorageError, match="no room"):
        await leave_host(leave, LOG, "a.example")

    assert leave.tries == 4


async def test_a_cancelled_visit_tries_once() -> None:
    leave, left = Leave(9), asyncio.Event()

    async def visit() -> None:
        try:
            left.set()
            await asyncio.sleep(60)
        finally:
            await leave_host(leave, LOG, "a.example")

    task = asyncio.create_task(visit())
    await left.wait()
    task.cancel()
    with pytest.raises(StorageError):
        await task

    assert leave.tries == 1


async def test_waiting_for_the_disk_can_be_cancelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leaving, "_WAITS", (60,))
    leave = Leave(9)
    task = asyncio.create_task(leave_host(leave, LOG, "a.example"))
    await leave.asked.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("failures", [0, 3], ids=["at once", "at last"])
async def test_a_cancelled_visit_finishes_its_leaving(failures: int) -> None:
    leave, go, left = Leave(failures), asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        await leave()
        begun.set()
        await go.wait()
        left.set()

    begun = asyncio.Event()
    task = asyncio.create_task(leave_host(slowly, LOG, "a.example"))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go.set()

    await asyncio.wait_for(left.wait(), 5)
