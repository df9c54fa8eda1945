"""The clockwork: a few fixed ticks, driven by APScheduler.

What is due stands in the database; a tick only asks for it. So nothing is lost
when a tick is late, and ten thousand sources cost one query a second.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

TICK = timedelta(seconds=1)
#: Late ticks fold into one, never overlap, and are never skipped silently
#: (APScheduler's own default drops a job that is one second late).
_JOB_DEFAULTS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}


@asynccontextmanager
async def clockwork(
    jobs: dict[str, tuple[timedelta, Callable[[], Awaitable[None]]]],
) -> AsyncIterator[None]:
    """Run named jobs at their intervals until the context ends."""
    scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=_JOB_DEFAULTS)
    for name, (every, job) in jobs.items():
        trigger = IntervalTrigger(seconds=every.total_seconds(), timezone=UTC)
        scheduler.add_job(job, trigger, id=name, name=name)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
