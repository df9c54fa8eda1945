"""What more workers bring, and what the queue of visits costs.

Hosts answer after 50 ms and are asked no more often than politeness allows, so a worker
waits for most of the time. Rates are of articles archived between a tenth and four
fifths of all, from 1, 2 and 4 workers in turn within one run. The queue is measured
alone: CPU of visits that do nothing, of this process and of PostgreSQL, against the CPU
that a page costs a worker.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import psutil
import structlog
import yaml
from sqlalchemy import Engine as Sql

from crawler.dispatch.engine import Engine, EngineDispatch
from crawler.dispatch.local import LocalDispatch
from storage.sql.engine import database_url, reading_engine
from tests.bench._process import cpu_of
from tests.postgres import Server, serving
from tests.torture.fleet.run import articles, database_of, serve_hosts, write_settings
from tests.torture.world import Running, start_service

LATENCY, DELAY = 0.05, 0.2
#: Visits at once in each worker: few, or two cores would be what limits.
VISITS = 2
HOSTS, PAGES = 48, 10
WORKERS = (1, 2, 4)
JOBS = 600
#: Links of a visit, as `service.visit_links` has it.
LINKS = 20
LEAST = {2: 1.8, 4: 3.2}
MOST_SHARE = 0.05


def main(argv: Sequence[str]) -> int:
    """Measure; print the figures; return 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench fleet")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--smoke", action="store_true", help="one short round")
    args = parser.parse_args(argv)
    hosts = 8 if args.smoke else HOSTS
    rates: dict[int, list[float]] = {workers: [] for workers in WORKERS}
    costs = []
    with serving() as server:
        for _ in range(1 if args.smoke else args.rounds):
            for workers in WORKERS:
                rate, cost = crawl(server, hosts, workers)
                print(f"{workers} workers: {rate:.1f} a second", flush=True)
                rates[workers].append(rate)
                costs.append(cost)
        with database_of(server) as url:
            visit = asyncio.run(empty_visits(url))
    page = median(costs)
    found = {str(n): round(median(some), 2) for n, some in rates.items()}
    ratios = {
        n: median([many / one for many, one in zip(rates[n], rates[1], strict=True)])
        for n in LEAST
    }
    share = visit / LINKS / page
    broken = [f"{n} workers" for n, least in LEAST.items() if ratios[n] < least]
    broken += ["the queue"] * (share > MOST_SHARE)
    figures = {
        "benchmark": "fleet",
        "pages_a_second": found,
        "ratios": {str(n): round(ratio, 2) for n, ratio in ratios.items()},
        "page_cpu_ms": round(page * 1000, 2),
        "visit_queue_cpu_ms": round(visit * 1000, 2),
        "queue_share": round(share, 4),
        "broken": [] if args.smoke else broken,
    }
    print(json.dumps(figures))
    return 1 if figures["broken"] else 0


def crawl(server: Server, hosts: int, workers: int) -> tuple[float, float]:
    """Return articles a second, and CPU seconds of the workers for each."""
    with (
        tempfile.TemporaryDirectory() as name,
        database_of(server) as url,
        serve_hosts(hosts, PAGES, LATENCY, DELAY) as web,
    ):
        paths = [
            write_settings(Path(name) / str(n), web, hosts, url, DELAY)
            for n in range(workers + 1)
        ]
        for path in paths:
            settings = yaml.safe_load(path.read_text())
            settings["service"]["visits"] = VISITS
            path.write_text(yaml.safe_dump(settings))
        sql = reading_engine(database_url(url, Path()))
        with running(paths) as processes:
            total = hosts * PAGES
            first = _wait(sql, total // 10, processes)
            last = _wait(sql, total * 4 // 5, processes)
        sql.dispose()
    made = last[0] - first[0]
    return made / (last[1] - first[1]), (last[2] - first[2]) / made


@contextmanager
def running(paths: list[Path]) -> Iterator[list[psutil.Process]]:
    """Run workers, then who schedules; yield the workers."""
    started: list[Running] = []
    try:
        for number, path in enumerate(paths[1:] + paths[:1]):
            role = "work" if number < len(paths) - 1 else "schedule"
            started.append(start_service(path, verb=("serve", "--role", role)))
        yield [psutil.Process(one.process.pid) for one in started[:-1]]
    finally:
        for one in started:
            one.kill()


def _wait(
    sql: Sql, wanted: int, workers: list[psutil.Process]
) -> tuple[int, float, float]:
    while (found := articles(sql)) < wanted:
        time.sleep(0.1)
    return found, time.monotonic(), sum(cpu_of(one) for one in workers)


async def empty_visits(url: str) -> float:
    """Return the CPU seconds of queueing, taking and ending a visit."""
    log = structlog.get_logger("crawler")
    done = 0

    async def visit(_host: str) -> None:
        nonlocal done
        done += 1

    hosts = [f"{n}.example" for n in range(JOBS)]
    local = LocalDispatch(visit, VISITS, log)
    async with EngineDispatch(Engine(url), local, works=True, log=log) as engine:

        async def due(_limit: int) -> list[str]:
            return hosts[done:]

        server = postmaster(url)
        began = time.process_time() + cpu_of(server)
        while done < JOBS:
            await engine.start(due)
            await asyncio.sleep(0.2)
        return (time.process_time() + cpu_of(server) - began) / done


def postmaster(url: str) -> psutil.Process:
    """Return the process of a PostgreSQL that all its others are children of."""
    sql = reading_engine(database_url(url, Path()))
    with sql.connect() as connection:
        found = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        process = psutil.Process(found).parent()
    sql.dispose()
    assert process is not None
    return process
