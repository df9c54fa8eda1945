"""What bulk re-extraction costs over a bare pool of processes, and whether it is the same.

An archive of 20 WARC files is listed once, then read through each engine in turn by as many
workers: a pool of our own, two workers of a fleet on PostgreSQL, two of a local Dask cluster.
The bare pool is `ProcessPoolExecutor.map` over the same function with nothing around it; its
processes stand ready, as the workers of the fleet and of the cluster do, those of our own pool are
started for each run. Ratios are of medians, each round has all four in turn; CPU is of this
process, all workers, the scheduler and PostgreSQL. Then each is run again while one of its
workers is killed.
All must make the same bytes, and the run the same outcomes as one process makes.
"""

import argparse
import hashlib
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

import psutil

from crawler.bulk.dask import DaskRunner
from crawler.bulk.orders import Order
from crawler.bulk.pool import PoolRunner
from crawler.bulk.queue import QueueRunner
from crawler.bulk.running import Finished, Runner, read_here, read_shards
from crawler.bulk.shelf import Shelf
from crawler.clock import utc_now
from crawler.config.tree import Config
from crawler.kept.reader import open_reader
from crawler.logs import log_to_stderr
from crawler.reextract.running import scope_of
from crawler.reextract.shadow import Shadow
from crawler.reextract.sharding import orders_of
from storage.sql.reextraction import Within
from tests.bench.fleet import postmaster
from tests.crawler.bulk.shards import (
    archive,
    bulk_worker,
    cluster,
    config_with_rule,
    killed_at,
    reextract,
    settings,
    write_crawls,
)
from tests.postgres import serving
from tests.torture.fleet.run import database_of

SHARDS, PAGES, WORKERS = 20, 60, 2
#: Wall time and CPU over those of the bare pool, of workers that stand ready too.
MOST = 1.25
READY = ("engine", "dask")


@dataclass
class Engine:
    """An engine, and whom to kill of it."""

    runner: Runner
    victim: Callable[[], int | None]
    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    killed: bool = False
    differ: list[str] = field(default_factory=list)


def main(argv: Sequence[str]) -> int:
    """Measure; print the figures; return 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench bulk")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--smoke", action="store_true", help="one short round")
    args = parser.parse_args(argv)
    shards, pages = (4, 12) if args.smoke else (SHARDS, PAGES)
    log_to_stderr("error")
    rounds = 1 if args.smoke else args.rounds
    with (
        tempfile.TemporaryDirectory() as name,
        serving() as server,
        database_of(server) as url,
    ):
        config = fill(Path(name), shards, pages)
        orders = listed(config)
        with engines(Path(name), url) as known:
            bare, once = measure(orders, known, postmaster(url), rounds, name)
            for engine in known.values():
                kill(orders, engine, once, name)
            outcomes = {reextract(config, None)[0]}
            outcomes |= {reextract(config, one.runner)[0] for one in known.values()}
    figures = told(orders, bare, known, len(outcomes) == 1)
    broken = figures["broken"] if isinstance(figures["broken"], list) else []
    if args.smoke:
        figures["broken"] = broken = [one for one in broken if "costs" not in one]
    print(json.dumps(figures))
    return 1 if broken else 0


def fill(folder: Path, shards: int, pages: int) -> Config:
    """Make an archive of so many WARC files of so many pages."""
    path = settings(folder / "archive")
    crawls = folder / "crawls"
    crawls.mkdir()
    archive(path, write_crawls(crawls, shards, pages))
    return config_with_rule(path)


def listed(config: Config) -> list[Order]:
    """Return what is to be read, as `kliping reextract --engine` lists it."""
    with open_reader(config) as reader:
        scope = scope_of(config, Within())
        return orders_of(reader, Shadow.begin(reader.folder, scope, utc_now()))


@contextmanager
def engines(folder: Path, url: str) -> Iterator[dict[str, Engine]]:
    """Give the three with their workers."""
    with ExitStack() as stack:
        workers = [
            stack.enter_context(bulk_worker(folder / f"worker-{n}", url, extractors=1))
            for n in range(WORKERS)
        ]
        local = stack.enter_context(cluster(WORKERS))
        yield {
            "pool": Engine(PoolRunner(WORKERS), _spawned),
            "engine": Engine(QueueRunner(url), lambda: workers[0].process.pid),
            "dask": Engine(
                DaskRunner(local.scheduler_address),
                lambda: int(local.workers[0].process.process.pid),
            ),
        }


def _spawned() -> int | None:
    children = multiprocessing.active_children()
    return next((c.pid for c in children if c.name.startswith("SpawnProcess")), None)


def measure(
    orders: list[Order],
    known: dict[str, Engine],
    server: psutil.Process,
    rounds: int,
    name: str,
) -> tuple[Engine, dict[str, str]]:
    """Read all by each in turn, a round first that is not counted."""
    once: dict[str, str] = {}
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context("spawn")) as pool:
        bare = Engine(_Bare(pool), lambda: None)
        for count in range(rounds + 1):
            for kind, engine in ({"bare": bare} | known).items():
                made, wall, cpu = timed(orders, _reads(engine), server, name)
                once = once or made
                engine.differ += [] if made == once else [f"round {count}"]
                if count:
                    engine.wall.append(wall)
                    engine.cpu.append(cpu)
                print(f"{kind}: {wall:.1f} s, {cpu:.1f} s of CPU", flush=True)
    return bare, once


class _Bare:
    """A pool with nothing around it."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def run(self, orders: Sequence[Order]) -> Generator[Finished, None, None]:
        yield from self._pool.map(read_here, orders)


def _reads(engine: Engine) -> Callable[[list[Order]], None]:
    def read(orders: list[Order]) -> None:
        assert all(one.read for one in read_shards(orders, engine.runner))

    return read


def timed(
    orders: list[Order],
    read: Callable[[list[Order]], None],
    server: psutil.Process,
    name: str,
) -> tuple[dict[str, str], float, float]:
    """Read all onto an empty shelf; return digests, seconds, and seconds of CPU."""
    with fresh(orders, name) as mine:
        began, used = time.monotonic(), cpu_used(server)
        read(mine)
        wall, cpu = time.monotonic() - began, cpu_used(server) - used
        return digests(mine), wall, cpu


@contextmanager
def fresh(orders: list[Order], name: str) -> Iterator[list[Order]]:
    """Give the orders for a shelf that has the lists alone."""
    with tempfile.TemporaryDirectory(dir=name) as place:
        shelf = Shelf(place=place)
        for order in orders:
            with order.shelf.open(order.pages or "") as file:
                (Path(place) / (order.pages or "")).write_bytes(file.read())
        yield [replace(order, shelf=shelf) for order in orders]


def digests(orders: list[Order]) -> dict[str, str]:
    """Return the SHA-256 of each shard's file."""
    found = {}
    for order in orders:
        with order.shelf.open(order.file) as file:
            found[order.shard] = hashlib.sha256(file.read()).hexdigest()
    return found


def kill(orders: list[Order], engine: Engine, once: dict[str, str], name: str) -> None:
    """Read all again while a worker is killed as soon as some shard is half read."""
    with fresh(orders, name) as mine:
        place = Path(mine[0].shelf.place)

        def begun() -> int | None:
            return engine.victim() if any(place.glob(".*.part")) else None

        with killed_at(begun) as killed:
            _reads(engine)(mine)
        engine.killed = bool(killed)
        engine.differ += [] if digests(mine) == once else ["killed"]


def cpu_used(server: psutil.Process) -> float:
    """Return the CPU seconds of this process, of all that come of it, of PostgreSQL."""
    total = 0.0
    for root in (psutil.Process(), server):
        for one in (root, *root.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                total += sum(one.cpu_times()[:4])
    return total


def told(
    orders: list[Order], bare: Engine, known: dict[str, Engine], same: bool
) -> dict[str, object]:
    """Return the figures."""
    broken = [] if same else ["outcomes differ"]
    ratios = {}
    for kind, one in known.items():
        wall = median(one.wall) / median(bare.wall)
        cpu = median(one.cpu) / median(bare.cpu)
        ratios[kind] = {"wall": round(wall, 2), "cpu": round(cpu, 2)}
        broken += [f"{kind} differs: {why}" for why in one.differ]
        broken += [] if one.killed else [f"nobody of {kind} was killed"]
        broken += [f"{kind} costs too much"] * (kind in READY and max(wall, cpu) > MOST)
    return {
        "benchmark": "bulk",
        "shards": len(orders),
        "pages": sum(order.size for order in orders),
        "bare_seconds": round(median(bare.wall), 2),
        "bare_cpu_seconds": round(median(bare.cpu), 2),
        "over_bare": ratios,
        "killed": {kind: one.killed for kind, one in known.items()},
        "identical": same and not any(one.differ for one in known.values()),
        "broken": broken,
    }
