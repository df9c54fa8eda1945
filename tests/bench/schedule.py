"""What 10,000 sources cost while nothing is due, and while all are.

Their archive holds a million articles, whose looks fall due all through a month. In
both cases each source falls due once an hour, three a second, and nothing is
fetched. Ours: one tick a second asks an archive on disk what is due. The baseline:
a job of APScheduler's for each source, in memory, as lost with the process. CPU
seconds of the process, per second of the clock.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy import Engine, update
from sqlmodel import Session, col

from crawler.config.tree import Source
from crawler.daemon.schedule import TICK, clockwork
from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.sql.engine import reading_engine, sqlite_url, writing_engine
from storage.sql.ledger import add_links, pulls_of_watched
from storage.sql.migrate import migrate
from storage.sql.tables import LinkRow, SourceRow
from storage.sql.visits import due_hosts, is_pending, open_visit
from tests.plans import Ask, scans

IDLE_MOST = 0.03
TICK_MOST_MS = 8.0
_HOUR = timedelta(hours=1)
_MONTH_S = 30 * 86_400
#: As times are kept.
_TIME = "%Y-%m-%d %H:%M:%f000"


def fill(engine: Engine, sources: int, now: datetime) -> None:
    """Enter sources of one feed each, due all through the next hour."""
    with Session(engine) as session:
        for n in range(sources):
            home = f"https://site-{n}.example/"
            source = Source(name=f"site {n}", home=home)
            row = SourceRow(
                name=source.name,
                home=home,
                settings=source.model_dump(mode="json"),
                created_at=now,
            )
            session.add(row)
        session.flush()
        for n in range(sources):
            host = f"site-{n}.example"
            link = NewLink(
                url=f"https://{host}/feed",
                key=f"//{host}/feed",
                host=host,
                kind=LinkKind.FEED,
                next_run=now + _HOUR * n / sources,
            )
            add_links(session, [link], source=n + 1, found_on=None, now=now)
        session.commit()


def archive(engine: Engine, articles: int, sources: int, now: datetime) -> None:
    """Enter archived articles of all sources, to be looked at within 30 days."""
    if not articles:
        return
    address = f"'site-' || (i % {sources}) || '.example'"
    pause = f"(i * {_MONTH_S / articles})"
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"""
            WITH RECURSIVE n(i) AS
                (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {articles - 1})
            INSERT INTO link (source_id, host, url, key, kind, state, reason, found_at,
                ways, next_run, attempts, failures)
            SELECT i % {sources} + 1, {address}, 'https://' || {address} || '/' || i,
                '//' || {address} || '/' || i, 'article', 'archived', 'article, same',
                strftime('{_TIME}', ?), 1, strftime('{_TIME}', ?, '+' || {pause}
                || ' seconds'), 1, 0.0
            FROM n
            """,  # noqa: S608  # numbers of our own
            (now.strftime("%F %T"), now.strftime("%F %T")),
        )


def questions(now: datetime) -> dict[str, Ask]:
    """Return what ticks and visits ask."""
    host = "site-5.example"
    return {
        "due hosts": lambda session: due_hosts(session, now, 16),
        "pending": lambda session: is_pending(session, since=now, now=now),
        "visit": lambda session: open_visit(
            session, host, now=now, until=now + _HOUR, limit=20
        ),
        "price": pulls_of_watched,
    }


def ticks_ms(engine: Engine, now: datetime, count: int) -> float:
    """Return the median CPU of a tick's question, in milliseconds."""

    def one() -> float:
        begun = time.thread_time()
        with Session(engine) as session:
            due_hosts(session, now, 16)
        return (time.thread_time() - begun) * 1000

    return median(one() for _ in range(count))


async def idle(seconds: float, tick: Callable[[], Awaitable[None]]) -> float:
    """Return the share of a core that our clockwork takes with such a tick."""
    async with clockwork({"tick": (TICK, tick)}):
        return await _share(seconds)


async def idle_jobs(seconds: float, jobs: int) -> float:
    """Return the share of a core that as many jobs of APScheduler's take."""
    scheduler = AsyncIOScheduler(timezone=UTC)
    start = datetime.now(UTC)

    async def nothing() -> None:
        await asyncio.sleep(0)

    for n in range(jobs):
        trigger = IntervalTrigger(
            hours=1, start_date=start + _HOUR * n / jobs, timezone=UTC
        )
        scheduler.add_job(nothing, trigger, id=str(n))
    scheduler.start()
    try:
        return await _share(seconds)
    finally:
        scheduler.shutdown(wait=False)


async def _share(seconds: float) -> float:
    await asyncio.sleep(1)  # the start is no part of it
    wall, cpu = time.monotonic(), time.process_time()
    await asyncio.sleep(seconds)
    return (time.process_time() - cpu) / (time.monotonic() - wall)


def measure(
    folder: Path, sources: int, articles: int, seconds: float
) -> tuple[dict[str, float], list[str]]:
    """Return the figures, and all that was scanned."""
    now = datetime.now(UTC)
    url = sqlite_url(folder)
    migrate(url)
    engine = writing_engine(url)
    fill(engine, sources, now)
    archive(engine, articles, sources, now)
    readers = reading_engine(url)

    async def tick() -> None:
        await asyncio.to_thread(ask)

    def ask() -> None:
        with Session(readers) as session:
            due_hosts(session, datetime.now(UTC), 16)

    figures = {
        "tick_few_due_ms": ticks_ms(readers, now + _HOUR / 60, 30),
        "idle_core": asyncio.run(idle(seconds, tick)),
        "idle_core_jobs": asyncio.run(idle_jobs(seconds, sources)),
    }
    asked = questions(now + _HOUR / 60)
    scanned = [scan for ask in asked.values() for scan in scans(engine, ask)]
    with Session(engine) as session:
        watched = col(LinkRow.kind) == LinkKind.FEED
        session.execute(update(LinkRow).where(watched).values(next_run=now, pull=0.5))
        session.commit()
    figures["tick_all_due_ms"] = ticks_ms(readers, now + _HOUR, 30)
    begun = time.thread_time()
    with Session(readers) as session:
        pulls_of_watched(session)
    figures["hourly_pulls_ms"] = (time.thread_time() - begun) * 1000
    begun = time.thread_time()
    with Session(engine) as session:
        questions(now + _HOUR)["visit"](session)
        session.rollback()
    figures["open_visit_ms"] = (time.thread_time() - begun) * 1000
    scanned += [
        s for ask in questions(now + _HOUR).values() for s in scans(engine, ask)
    ]
    readers.dispose()
    engine.dispose()
    return {name: round(value, 4) for name, value in figures.items()}, scanned


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="schedule", description=__doc__)
    parser.add_argument("--sources", type=int, default=10_000)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=20)
    args = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        figures, scanned = measure(
            Path(name), args.sources, args.articles, args.seconds
        )
    ratio = figures["idle_core_jobs"] / max(figures["idle_core"], 1e-6)
    for key, value in figures.items():
        print(f"{key:20} {value}")
    broken = (
        figures["idle_core"] > IDLE_MOST
        or figures["tick_few_due_ms"] > TICK_MOST_MS
        or bool(scanned)
    )
    print("scans", scanned or "none")
    print(
        json.dumps(
            {
                "benchmark": "schedule",
                "sources": args.sources,
                "articles": args.articles,
                "scans": scanned,
                **figures,
                "jobs_over_ours": round(ratio, 2),
                "broken": broken,
            }
        )
    )
    return int(broken)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
