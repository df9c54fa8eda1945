import asyncio
from datetime import datetime, timedelta, tzinfo

import pytest
import structlog

from crawler.daemon.schedule import clockwork
from crawler.dispatch import local
from crawler.dispatch.local import LocalDispatch
from storage.errors import DiskFull

pytestmark = pytest.mark.anyio
LOG = structlog.get_logger("test")


async def test_a_slow_tick_never_overlaps_itself_and_is_not_dropped() -> None:
    running = most = ticks = 0
    enough = asyncio.Event()

    async def tick() -> None:
        nonlocal running, most, ticks
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        running -= 1
        ticks += 1
        if ticks == 3:
            enough.set()

    async with clockwork({"tick": (timedelta(milliseconds=20), tick)}):
        await asyncio.wait_for(enough.wait(), 10)

    assert most == 1


async def test_a_clock_that_is_set_back_stops_no_tick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Clock(datetime):
        ahead = timedelta(hours=1)

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + cls.ahead

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Clock)
    monkeypatch.setattr("apscheduler.triggers.interval.datetime", Clock)
    monkeypatch.setattr("crawler.daemon.schedule.datetime", Clock)
    monkeypatch.setattr("crawler.daemon.schedule.TICK", timedelta(milliseconds=10))
    ticked = asyncio.Event()

    async def tick() -> None:
        ticked.set()

    async with clockwork({"tick": (timedelta(milliseconds=20), tick)}):
        await asyncio.wait_for(ticked.wait(), 10)
        Clock.ahead = timedelta(0)
        await asyncio.sleep(0.03)
        ticked.clear()

        await asyncio.wait_for(ticked.wait(), 10)


async def test_a_job_under_way_at_the_end_runs_to_its_end() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def job() -> None:
        begun.set()
        await asyncio.sleep(0.05)
        ended.set()

    async with clockwork({"job": (timedelta(milliseconds=10), job)}):
        await asyncio.wait_for(begun.wait(), 10)

    assert ended.is_set()


async def test_one_host_has_one_visit_at_a_time() -> None:
    release = asyncio.Event()
    visits: list[str] = []

    async def visit(host: str) -> None:
        visits.append(host)
        await release.wait()

    async with LocalDispatch(visit, 5, LOG) as dispatch:
        assert dispatch.visit("a.example")
        assert not dispatch.visit("a.example")
        await asyncio.sleep(0)
        release.set()

    assert visits == ["a.example"]


async def test_no_more_visits_run_than_allowed() -> None:
    async def visit(_host: str) -> None:
        await asyncio.sleep(60)

    async with LocalDispatch(visit, 2, LOG) as dispatch:
        started = [dispatch.visit(host) for host in ("a", "b", "c")]

        assert (started, dispatch.room, dispatch.hosts) == (
            [True, True, False],
            0,
            frozenset({"a", "b"}),
        )


@pytest.mark.parametrize("error", [DiskFull("no space"), ValueError("a bug")])
async def test_a_visit_that_fails_ends_alone(error: Exception) -> None:
    visits: list[str] = []

    async def visit(host: str) -> None:
        visits.append(host)
        raise error

    async with LocalDispatch(visit, 2, LOG) as dispatch:
        for host in ("a", "a", "b"):
            while host in dispatch.hosts:
                await asyncio.sleep(0)
            assert dispatch.visit(host)
        while dispatch.hosts:
            await asyncio.sleep(0)

    assert visits == ["a", "a", "b"]


@pytest.mark.parametrize("is_seen", [True, False], ids=["in free bytes", "by a quota"])
async def test_none_is_begun_where_there_is_no_room(
    *, is_seen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would ask a site for pages that cannot be kept."""
    monkeypatch.setattr(local, "_FULL_PAUSE", 3600.0)
    visits: list[str] = []

    async def visit(host: str) -> None:
        visits.append(host)
        raise DiskFull("no space")

    async def due(_limit: int) -> list[str]:
        return ["a", "b"]

    async with LocalDispatch(visit, 1, LOG, lambda: is_seen) as dispatch:
        for _ in range(3):
            await dispatch.start(due)
            while dispatch.hosts:
                await asyncio.sleep(0)

        assert dispatch.is_full()
    assert visits == ([] if is_seen else ["a"])


async def test_leaving_cancels_visits_which_clean_up() -> None:
    left = asyncio.Event()

    async def visit(_host: str) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            left.set()

    async with LocalDispatch(visit, 2, LOG) as dispatch:
        dispatch.visit("a")
        await asyncio.sleep(0)

    assert left.is_set()
