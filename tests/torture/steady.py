"""Run the service against the fake news web: on time, flat, and ending cleanly."""

import argparse
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from sqlmodel import Session, col, select

from crawler.config.tree import Config
from storage.folder import DataFolder
from storage.sql.engine import reading_engine, sqlite_url
from storage.sql.tables import LinkRow, SourceRow
from tests.torture.inspect import inspect
from tests.torture.world import (
    Running,
    news_web,
    read_config,
    start_service,
    write_config,
)

MANNERS = {"delay": "200ms", "poll": "5s", "revisit": "20s"}
#: What a link that never had an interval is measured against.
INTERVAL = timedelta(seconds=20)
SAMPLE_SECONDS = 2.0
#: By then imports, the first pages of each language and the database's page
#: caches (a few MiB, bounded) have taken their room.
WARM_UP = 0.5
STOP_SECONDS = 10.0


def run(args: argparse.Namespace, _dice: random.Random) -> dict[str, object]:
    """Run for `args.seconds`, then SIGTERM; sample lateness and memory all along."""
    with tempfile.TemporaryDirectory() as name, news_web(speed=4.0) as web:
        path = write_config(Path(name), web.sites, MANNERS)
        config = read_config(path)
        service = start_service(path)
        samples = _watch(service, config, args.seconds)
        stop_seconds, code = service.terminate()
        figures = inspect(config, service.acknowledged)
        sources = _sources_without_articles(config)
        database = DataFolder(config.storage.folder).database.stat().st_size
    late = [late for late, _ in samples]
    memory = [rss for _, rss in samples][int(len(samples) * WARM_UP) :]
    slope = _slope_mib_per_minute(memory)
    broken = [
        k
        for k in ("lost", "damaged", "repeated", "orphans", "warc_faults")
        if figures[k]
    ]
    broken += ["late"] * (max(late, default=0) > 2)
    broken += ["memory"] * (args.seconds >= 300 and slope > 0.5)
    broken += ["stop"] * (stop_seconds > STOP_SECONDS or code != 0)
    broken += ["empty sources"] * bool(sources)
    broken += ["troubles"] * bool(service.troubles)
    return {
        "seconds": args.seconds,
        "samples": len(samples),
        "late_intervals_max": round(max(late, default=0), 2),
        "rss_mib_median": round(statistics.median(memory or [0])),
        "rss_mib_max": round(max(memory or [0])),
        "rss_slope_mib_per_minute": round(slope, 3),
        "database_mib": round(database / 2**20, 1),
        "stop_seconds": round(stop_seconds, 2),
        "exit_code": code,
        "sources_without_articles": sources,
        **figures,
        "troubles": service.troubles[:5],
        "broken": broken,
    }


def _watch(
    service: Running, config: Config, seconds: float
) -> list[tuple[float, float]]:
    process = psutil.Process(service.process.pid)
    end = time.monotonic() + seconds
    samples = []
    while time.monotonic() < end:
        time.sleep(min(SAMPLE_SECONDS, max(0.0, end - time.monotonic())))
        samples.append((_lateness(config), process.memory_info().rss / 2**20))
    return samples


def _lateness(config: Config) -> float:
    """Return how many of its own intervals the latest due link is late."""
    engine = reading_engine(sqlite_url(config.storage.folder))
    now = datetime.now(UTC)
    with Session(engine) as session:
        due = session.exec(
            select(LinkRow.next_run, LinkRow.interval_s).where(
                col(LinkRow.next_run) <= now
            )
        ).all()
    engine.dispose()
    return max(
        (
            (now - at) / (timedelta(seconds=interval) if interval else INTERVAL)
            for at, interval in due
        ),
        default=0.0,
    )


def _sources_without_articles(config: Config) -> list[str]:
    engine = reading_engine(sqlite_url(config.storage.folder))
    with Session(engine) as session:
        with_articles = select(LinkRow.source_id).where(LinkRow.state == "archived")
        names = session.exec(
            select(SourceRow.name).where(col(SourceRow.id).not_in(with_articles))
        ).all()
    engine.dispose()
    return list(names)


def _slope_mib_per_minute(memory: list[float]) -> float:
    if len(memory) < 3:
        return 0.0
    times = [n * SAMPLE_SECONDS / 60 for n in range(len(memory))]
    return statistics.linear_regression(times, memory).slope
