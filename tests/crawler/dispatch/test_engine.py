"""The queue of visits on a real PostgreSQL."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import psycopg
import pytest
import structlog
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status
from sqlalchemy import create_engine, text
from sqlmodel import Session
from structlog.testing import capture_logs

from crawler.dispatch import engine as module
from crawler.dispatch.engine import Engine, EngineDispatch
from crawler.dispatch.heartbeats import SCHEMA
from crawler.dispatch.local import LocalDispatch
from storage.sql.workers import workers_alive
from tests.postgres import Server, serving

pytestmark = pytest.mark.anyio
LOG = structlog.get_logger("crawler")
SECONDS = 30.0
MINUTE = timedelta(minutes=1)


@pytest.fixture
def database(postgres: Server) -> Iterator[str]:
    with postgres.empty() as url:
        yield url.replace("postgresql+psycopg", "postgresql")


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(SECONDS):
        while not is_so():
            await asyncio.sleep(0.02)


async def test_a_host_has_one_job(database: str) -> None:
    async with Engine(database) as one, Engine(database) as other:
        first = await one.put("a.example", host="a.example")
        again = await other.put("a.example", host="a.example")
        beside = await other.put("b.example", host="b.example")

        assert (first, again, beside) == (True, False, True)
        assert await one.names() == ({"a.example", "b.example"}, 2)


async def test_workers_count_while_their_hearts_beat(database: str) -> None:
    url = create_engine(database.replace("postgresql", "postgresql+psycopg", 1))
    with Session(url) as session:
        before = workers_alive(session, SCHEMA, MINUTE / 6)
        session.rollback()
        async with Engine(database):
            session.execute(
                text(
                    "INSERT INTO kliping_engine.procrastinate_workers (last_heartbeat)"
                    " VALUES (now()), (now()), (now() - interval '1 minute')"
                )
            )
            assert (before, workers_alive(session, SCHEMA, MINUTE / 6)) == (None, 2)
            session.rollback()
    url.dispose()


async def test_a_server_that_goes_away_at_a_start_is_waited_for() -> None:
    with serving() as server, server.empty() as url:
        uri = url.replace("postgresql+psycopg", "postgresql")
        restarting = asyncio.create_task(asyncio.to_thread(server.restart))
        while not restarting.done():
            async with Engine(uri):
                pass
            await asyncio.sleep(0)

        async with Engine(uri) as engine:
            assert await engine.names() == (set(), 0)


async def test_of_a_server_that_is_away_is_told_what_it_said(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def bury(_engine: Engine) -> int:
        cause = psycopg.OperationalError("the database system is shutting down")
        raise ConnectorException from cause

    async def due(_limit: int) -> list[str]:
        return []

    monkeypatch.setattr(Engine, "bury", bury)
    local = LocalDispatch(asyncio.sleep, 1, LOG)  # type: ignore[arg-type]
    dispatch = EngineDispatch(Engine(database), local, works=False, log=LOG)
    with capture_logs() as logged:
        async with dispatch:
            await dispatch.start(due)

    assert [one["why"] for one in logged] == ["the database system is shutting down"]


async def test_schedulers_queue_what_is_due_once(database: str) -> None:
    async def due(limit: int) -> list[str]:
        return [f"{n}.example" for n in range(min(limit, 5))]

    local = LocalDispatch(asyncio.sleep, 1, LOG)  # type: ignore[arg-type]
    made = [
        EngineDispatch(Engine(database), local, works=False, log=LOG) for _ in range(2)
    ]
    async with made[0] as one, made[1] as other:
        counts = await asyncio.gather(one.start(due), other.start(due))

        assert sum(counts) == 5
        assert await one.start(due) == 0


async def test_queued_visits_are_run_by_whoever_works(database: str) -> None:
    visited: list[tuple[str, str]] = []
    hosts = {f"{n}.example" for n in range(8)}

    def worker(name: str) -> EngineDispatch:
        async def visit(host: str) -> None:
            await asyncio.sleep(0.05)
            visited.append((name, host))

        local = LocalDispatch(visit, 1, LOG)
        return EngineDispatch(Engine(database), local, works=True, log=LOG)

    async def due(_limit: int) -> list[str]:
        return sorted(hosts)

    async with worker("one") as one, worker("other"):
        await one.start(due)
        await until(lambda: len(visited) == len(hosts))

        async with Engine(database) as engine:
            async with asyncio.timeout(SECONDS):
                while (await engine.names())[0]:
                    await asyncio.sleep(0.02)
    assert {host for _, host in visited} == hosts
    assert {name for name, _ in visited} == {"one", "other"}


async def test_a_worker_goes_on_after_a_server_was_away_for_long(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAUSE", 0.0)
    engine, visited = Engine(database), asyncio.Event()
    run = engine.app.run_worker_async
    outages = iter([ConnectorException(), ConnectorException()])

    async def run_worker(**how: Any) -> None:  # noqa: ANN401 - as they are given
        for outage in outages:
            raise outage
        await run(**how)

    async def visit(_host: str) -> None:
        visited.set()

    async def due(_limit: int) -> list[str]:
        return ["a.example"]

    monkeypatch.setattr(engine.app, "run_worker_async", run_worker)
    local = LocalDispatch(visit, 1, LOG)
    async with EngineDispatch(engine, local, works=True, log=LOG) as dispatch:
        await dispatch.start(due)
        async with asyncio.timeout(SECONDS):
            await visited.wait()


async def test_a_worker_without_room_leaves_visits_to_others(database: str) -> None:
    """It would ask for pages in vain, and take them from who has room."""
    visited: list[tuple[str, str]] = []
    rooms = {"full": False, "other": True}
    hosts = {f"{n}.example" for n in range(8)}

    def worker(name: str) -> EngineDispatch:
        async def visit(host: str) -> None:
            visited.append((name, host))

        local = LocalDispatch(visit, 1, LOG, lambda: not rooms[name])
        return EngineDispatch(Engine(database), local, works=True, log=LOG)

    async def due(_limit: int) -> list[str]:
        return sorted(hosts)

    async with worker("full") as full, worker("other"):
        await full.start(due)
        await until(lambda: len(visited) == len(hosts))

    assert {name for name, _ in visited} == {"other"}


async def test_the_jobs_of_a_dead_worker_are_taken_off(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_DRAIN", 0.0)
    begun = asyncio.Event()

    async def visit(host: str) -> None:  # noqa: ARG001 - as jobs name it
        begun.set()
        await asyncio.sleep(SECONDS)

    async with Engine(database) as engine:
        await engine.put("a.example", host="a.example")
        working = asyncio.create_task(engine.work(visit, 1))
        async with asyncio.timeout(SECONDS):
            await begun.wait()
        assert await engine.bury() == 0

        _let_die(database)

        assert await engine.bury() == 1
        assert await engine.names() == (set(), 0)
        working.cancel()
        with suppress(asyncio.CancelledError):
            await working


def _let_die(database: str) -> None:
    """Make a worker silent for longer than the living are."""
    server = create_engine(database.replace("postgresql:", "postgresql+psycopg:"))
    with server.begin() as connection:
        connection.execute(
            text(
                "UPDATE kliping_engine.procrastinate_workers"
                " SET last_heartbeat = now() - interval '1 hour'"
            )
        )
    server.dispose()


async def test_a_visit_that_fails_ends_alone(database: str) -> None:
    done = asyncio.Event()

    async def visit(host: str) -> None:
        if host == "bad.example":
            raise ValueError(host)
        done.set()

    local = LocalDispatch(visit, 1, LOG)
    async with (
        EngineDispatch(Engine(database), local, works=True, log=LOG),
        Engine(database) as engine,
    ):
        await engine.put("bad.example", host="bad.example")
        await engine.put("good.example", host="good.example")
        async with asyncio.timeout(SECONDS):
            await done.wait()
        failed = await engine.app.job_manager.list_jobs_async(
            status=Status.FAILED.value
        )
    assert list(failed) == []
