"""The clockwork: a few fixed ticks, driven by APScheduler.

What is due stands in the database; a tick only asks for it. So nothing is lost
when a tick is late, and ten thousand sources cost one query a second.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

TICK = timedelta(seconds=1)
#: Late ticks fold into one, never overlap, and are never skipped silently
#: (APScheduler's own default drops a job that is one second late).
_JOB_DEFAULTS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}


@asynccontextmanager
async def clockwork(
    jobs: Mapping[str, tuple[timedelta, Callable[[], Awaitable[None]]]],
) -> AsyncIterator[None]:
    """Run named jobs at their intervals until the context ends.

    What runs then runs to its end: APScheduler's own shutdown cancels it, and
    logs that as the job's error.
    """
    scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=_JOB_DEFAULTS)
    idle = _Idle()
    for name, (every, job) in jobs.items():
        trigger = IntervalTrigger(seconds=every.total_seconds(), timezone=UTC)
        scheduler.add_job(idle.watched(job), trigger, id=name, name=name)
    scheduler.start()
    going = asyncio.create_task(_keep_going(scheduler))
    try:
        yield
    finally:
        going.cancel()
        scheduler.pause()
        await idle.reached()
        scheduler.shutdown(wait=False)


async def _keep_going(scheduler: AsyncIOScheduler) -> None:
    """Run at once what a clock that was set back would let wait until then.

    APScheduler notes the time of day of each next run: after a clock that was
    an hour ahead is set right, nothing would run for an hour.
    """
    while True:
        await asyncio.sleep(TICK.total_seconds())
        now = datetime.now(UTC)
        for job in scheduler.get_jobs():
            if job.next_run_time - now > job.trigger.interval + TICK:
                scheduler.modify_job(job.id, next_run_time=now)


class _Idle:
    """Counts the jobs under way."""

    def __init__(self) -> None:
        self._running = 0
        self._nothing_runs = asyncio.Event()
        self._nothing_runs.set()

    def watched(
        self, job: Callable[[], Awaitable[None]]
    ) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            self._running += 1
            self._nothing_runs.clear()
            try:
                await job()
            finally:
                self._running -= 1
                if not self._running:
                    self._nothing_runs.set()

        return run

    async def reached(self) -> None:
        await asyncio.sleep(0)  # a job that was submitted this instant begins
        await self._nothing_runs.wait()
