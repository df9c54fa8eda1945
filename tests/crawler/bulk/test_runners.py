"""Shards read by processes here, by a fleet's workers, by a Dask cluster: all alike."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from crawler.bulk.dask import DaskRunner
from crawler.bulk.orders import Order
from crawler.bulk.pool import PoolRunner
from crawler.bulk.queue import QueueRunner
from crawler.bulk.readings import Readings
from crawler.bulk.running import Finished, Runner, read_shards
from crawler.bulk.shelf import Shelf
from crawler.cli.exits import ExitCode
from crawler.cli.importing import import_warcs
from crawler.dispatch.engine import BULK, Engine
from crawler.errors import UsageError
from crawler.extract.children.pool import ExtractPool
from crawler.fetch.limits import Limits
from tests.crawler.bulk.shards import (
    SECONDS,
    archive,
    archived,
    bulk_worker,
    cluster,
    config_with_rule,
    killed_at,
    reextract,
    settings,
    write_crawls,
)
from tests.postgres import Server
from tests.torture.world import read_config

#: Enough for a worker to be found at work.
FILES, PAGES = 4, 12
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def crawls(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_crawls(tmp_path_factory.mktemp("crawls"), FILES, PAGES)


@pytest.fixture
def orders(crawls: list[Path], tmp_path: Path) -> list[Order]:
    return orders_in(tmp_path, crawls)


def orders_in(folder: Path, crawls: list[Path]) -> list[Order]:
    """Return an order for each file of others, on one shelf."""
    shelf = Shelf(place=str(folder / "shelf"))
    shelf.make()
    return [
        Order(shard=crawl.name, place=str(crawl), limits=Limits(), shelf=shelf)
        for crawl in crawls
    ]


@dataclass(frozen=True, kw_only=True)
class By:
    """One of the three with those who work for it; `database` has the queue, if any."""

    runner: Runner
    database: str = ""


@pytest.fixture(scope="module", params=["pool", "engine", "dask"])
def by(
    request: pytest.FixtureRequest,
    postgres: Server,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[By]:
    with ExitStack() as stack:
        match request.param:
            case "pool":
                yield By(runner=PoolRunner(2))
            case "engine":
                url = stack.enter_context(queue_of(postgres))
                folder = tmp_path_factory.mktemp("worker")
                stack.enter_context(bulk_worker(folder, url))
                yield By(runner=QueueRunner(url), database=url)
            case _:
                found = stack.enter_context(cluster())
                yield By(runner=DaskRunner(found.scheduler_address))


@contextmanager
def queue_of(postgres: Server) -> Iterator[str]:
    with postgres.empty() as url:
        yield url.replace("postgresql+psycopg", "postgresql")


@pytest.fixture(scope="module")
def once(crawls: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Files:
    """What one process makes of the shards, one after the other."""
    return read(orders_in(tmp_path_factory.mktemp("once"), crawls), PoolRunner(1))


def files_of(orders: list[Order]) -> Files:
    files = {}
    for order in orders:
        with order.shelf.open(order.file) as file:
            files[order.shard] = file.read()
    return files


def read(orders: list[Order], by: Runner) -> Files:
    """Have shards read; return their files."""
    assert [one.why for one in read_shards(orders, by)] == [""] * len(orders)
    return files_of(orders)


def test_a_shard_is_one_file_of_the_same_bytes_whoever_reads_it(
    by: By, orders: list[Order], once: Files
) -> None:
    assert read(orders, by.runner) == once

    with orders[0].shelf.open(orders[0].file) as file:
        assert Readings(file).pages == PAGES


def test_an_archive_reads_again_as_without_shards(
    by: By, crawls: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = settings(tmp_path / "one", by.database)
    archive(path, crawls[:2])
    config = config_with_rule(path)
    here, _ = reextract(config, None)
    assert here.count('"differs":') == 2 * PAGES

    async def refuse(*_: object) -> None:
        raise AssertionError("the shards have it")

    monkeypatch.setattr(ExtractPool, "extract", refuse)
    assert reextract(config, by.runner) == (here, [])
    assert list((config.storage.folder / "bulk").iterdir()) == []


def test_an_import_takes_in_what_was_read(
    by: By, crawls: list[Path], postgres: Server, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(queue_of(postgres)) if by.database else ""
        config = read_config(settings(tmp_path / "one", url))
        files = [str(crawl) for crawl in crawls[:2]]
        done = import_warcs(config, files, lambda *_: None, runner=by.runner)

        assert done.troubles() == []
        assert done.came == {"article, first": 2 * PAGES}
        assert len(set(archived(config))) == 2 * PAGES
        assert list((config.storage.folder / "bulk").iterdir()) == []


def test_what_was_read_is_not_read_again(
    by: By, orders: list[Order], once: Files, tmp_path: Path
) -> None:
    list(read_shards(orders[:2], by.runner))
    Path(orders[0].place).rename(tmp_path / "away")

    try:
        ended = list(read_shards(orders, by.runner))
    finally:
        (tmp_path / "away").rename(orders[0].place)

    assert [one.why for one in ended] == [""] * FILES
    assert files_of(orders) == once


def test_a_shard_that_cannot_be_read_is_told_and_the_others_are_read(
    by: By, orders: list[Order], tmp_path: Path
) -> None:
    bad = replace(orders[0], shard="gone.warc.gz", place=str(tmp_path / "gone.warc.gz"))

    ended = {one.order.shard: one for one in read_shards([bad, orders[0]], by.runner)}

    assert "No such file" in ended["gone.warc.gz"].why
    found = ended[orders[0].shard].read
    assert found is not None
    assert (found.pages, found.failed) == (PAGES, 0)


def test_what_is_given_up_is_gone_on_with(
    by: By, orders: list[Order], once: Files
) -> None:
    begun = read_shards(orders, by.runner)
    first = next(begun)
    begun.close()

    assert first.order.file in orders[0].shelf.names()
    assert waiting_jobs(by) == 0
    assert all(one.why == "" for one in read_shards(orders, by.runner))
    assert files_of(orders) == once


def waiting_jobs(by: By) -> int:
    """Return how many shards wait in the queue, where there is one."""
    if not by.database:
        return 0

    async def count() -> int:
        async with Engine(by.database, BULK) as engine:
            return (await engine.names())[1]

    return asyncio.run(count())


def half_written(orders: list[Order]) -> bool:
    return any(Path(orders[0].shelf.place).glob(".*.part"))


def test_a_killed_process_of_the_pool_costs_nothing(
    orders: list[Order], once: Files
) -> None:
    def at_work() -> int | None:
        children = psutil.Process().children(recursive=True)
        at = [one.pid for one in children if "spawn_main" in " ".join(one.cmdline())]
        return at[0] if at and half_written(orders) else None

    with killed_at(at_work) as killed:
        again = read(orders, PoolRunner(2))

    assert killed
    assert again == once


def test_a_killed_worker_of_the_fleet_costs_nothing(
    orders: list[Order], once: Files, postgres: Server, tmp_path: Path
) -> None:
    with (
        queue_of(postgres) as url,
        bulk_worker(tmp_path / "first", url) as first,
        killed_at(
            lambda: first.process.pid if half_written(orders) else None
        ) as killed,
        ThreadPoolExecutor() as aside,
    ):
        reading = aside.submit(read, orders, QueueRunner(url))
        first.process.wait()
        with bulk_worker(tmp_path / "second", url):
            again = reading.result()

    assert killed
    assert again == once


def test_a_killed_worker_of_dask_costs_nothing(
    orders: list[Order], once: Files
) -> None:
    with cluster() as found:
        worker = found.workers[0].process.process.pid
        with killed_at(lambda: worker if half_written(orders) else None) as killed:
            again = read(orders, DaskRunner(found.scheduler_address))

    assert killed == [worker]
    assert again == once


def test_a_scheduler_that_is_not_there_is_told(
    orders: list[Order], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.bulk.dask._PATIENCE", "1s")

    with pytest.raises(UsageError, match="no Dask scheduler answers"):
        list(DaskRunner("tcp://127.0.0.1:1").run(orders))


def test_an_interrupted_command_leaves_what_is_whole_and_no_process(
    crawls: list[Path], tmp_path: Path
) -> None:
    path = settings(tmp_path / "one")
    archive(path, crawls)
    config = config_with_rule(path)
    bulk = config.storage.folder / "bulk"
    command = ["-m", "crawler", "--config", str(path), "reextract", "--shadow"]
    with subprocess.Popen(
        [sys.executable, *command, "--engine", "pool"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as asked:
        while not (whole := list(bulk.glob("*/*.parquet"))):
            time.sleep(0.01)
            assert asked.poll() is None
        workers = psutil.Process(asked.pid).children(recursive=True)
        asked.send_signal(signal.SIGINT)

        assert asked.wait(SECONDS) == ExitCode.INTERRUPTED
    _, alive = psutil.wait_procs(workers, SECONDS)

    assert alive == []
    again, troubles = reextract(config, _Seen(PoolRunner(2), whole[0].name))
    assert (again, troubles) == (reextract(config, None)[0], [])


class _Seen:
    """A runner that is not asked for what is whole."""

    def __init__(self, runner: Runner, whole: str) -> None:
        self._runner, self._whole = runner, whole

    def run(self, orders: Sequence[Order]) -> Generator[Finished, None, None]:
        assert self._whole not in {order.file for order in orders}
        yield from self._runner.run(orders)
