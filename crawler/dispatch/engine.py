"""Queues of jobs of procrastinate, on the PostgreSQL that has the archive: visits, shards.

A visit's job says no more than which host is to be visited: what is due there stands in the
ledger, so a job that is lost, or is there twice, costs nothing. Its lock keeps a second
visit of the host from beginning, its queueing lock a second job from being queued; the
fencing number of the host's row is what a commit relies on. The engine's tables stand
in a schema of their own.

Of a worker that died nothing is heard: its jobs are taken off, and the ledger has the
hosts visited again.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Self

import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import DeleteJobCondition, Status
from procrastinate.schema import SchemaManager
from procrastinate.types import JSONValue

from crawler.dispatch.heartbeats import DEAD_AFTER, HEARTBEAT, SCHEMA
from crawler.dispatch.local import LocalDispatch

#: A server that is away is told of here, once, and not by each part of the engine.
logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
#: The key of the advisory lock of who makes the schema.
_MAKING = 0x6B6C656E
#: Most visits that wait for a worker; what is due beyond that waits in the ledger.
_DEPTH = 256
#: How long visits under way may go on when the process ends, s: half of the ten in
#: which it promises to have ended, for what is broken off then has still to be kept.
_DRAIN = 5.0
#: How often a worker looks by itself, and the pause before it tries a server again, s.
_LOOK = 2.0
_PAUSE = 1.0
#: How long a server that goes away while a process begins is waited for, s.
_PATIENCE = 30.0


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue by its name, and what its jobs do."""

    name: str
    task: str


VISITS = Queue("visits", "visit")
BULK = Queue("bulk", "read")


class Engine:
    """One queue: its jobs have a name each, and no two at once have the same."""

    def __init__(self, database: str, queue: Queue = VISITS) -> None:
        """Name the database, by a URI of libpq; nothing is opened yet."""
        self._uri = database
        self._queue = queue
        self._options = f"-c search_path={SCHEMA} -c application_name=kliping-engine"
        self.app = App(
            connector=PsycopgConnector(
                conninfo=self._uri,
                kwargs={"options": self._options},
                min_size=1,
                max_size=4,
            )
        )

    async def __aenter__(self) -> Self:
        """Make the tables if there are none, and connect.

        Raises:
            psycopg.Error, ConnectorException: The server refuses.
        """
        await self._make_tables_patiently()
        await self.app.open_async()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the connections go."""
        await self.app.close_async()

    async def names(self) -> tuple[set[str], int]:
        """Return the names of all jobs, and how many of those still wait."""
        known: set[str] = set()
        waiting = 0
        for status in (Status.TODO, Status.DOING):
            jobs = await self.app.job_manager.list_jobs_async(
                queue=self._queue.name, status=status.value
            )
            found = {str(job.lock) for job in jobs}
            waiting += len(found) if status is Status.TODO else 0
            known |= found
        return known, waiting

    async def put(self, name: str, **told: JSONValue) -> bool:
        """Queue a job that is told so much; tell whether there was none of its name."""
        job = self.app.configure_task(
            self._queue.task,
            lock=name,
            queueing_lock=name,
            queue=self._queue.name,
            allow_unknown=True,
        )
        try:
            await job.defer_async(**told)
        except AlreadyEnqueued:
            return False
        return True

    async def withdraw(self, names: Collection[str]) -> None:
        """Take jobs off by their names; those under way are broken off."""
        manager = self.app.job_manager
        for status in (Status.TODO, Status.DOING):
            jobs = await manager.list_jobs_async(
                queue=self._queue.name, status=status.value
            )
            for number in [job.id for job in jobs if job.lock in names]:
                await manager.cancel_job_by_id_async(
                    int(number or 0), abort=True, delete_job=True
                )

    async def bury(self) -> int:
        """Take off the jobs of workers that are dead; return how many there were."""
        manager = self.app.job_manager
        stalled = await manager.get_stalled_jobs(
            queue=self._queue.name, seconds_since_heartbeat=DEAD_AFTER
        )
        count = 0
        for job in stalled:
            await manager.finish_job_by_id_async(
                int(job.id or 0), Status.FAILED, delete_job=True
            )
            count += 1
        return count

    async def work(self, do: Callable[..., Awaitable[None]], limit: int) -> None:
        """Run up to `limit` jobs at once, as they are queued, until cancelled.

        Those under way get some seconds to end, then they are broken off. What failed
        may be called again, and does what it did.
        """
        if self._queue.task not in self.app.tasks:
            self.app.task(name=self._queue.task, queue=self._queue.name)(do)
        await self.app.run_worker_async(
            queues=[self._queue.name],
            concurrency=limit,
            wait=True,
            fetch_job_polling_interval=_LOOK,
            shutdown_graceful_timeout=_DRAIN,
            delete_jobs=DeleteJobCondition.ALWAYS,
            install_signal_handlers=False,
            update_heartbeat_interval=HEARTBEAT,
            stalled_worker_timeout=DEAD_AFTER,
        )

    async def _make_tables_patiently(self) -> None:
        """Make the engine's tables; a server that was just there is waited for."""
        ends = monotonic() + _PATIENCE
        while True:
            try:
                return await self._make_tables()
            except psycopg.OperationalError:
                if monotonic() > ends:
                    raise
            await asyncio.sleep(_PAUSE)

    async def _make_tables(self) -> None:
        connecting = psycopg.AsyncConnection.connect(self._uri, options=self._options)
        async with await connecting as connection:
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MAKING,))
            found = await connection.execute("SELECT to_regclass('procrastinate_jobs')")
            row = await found.fetchone()
            if row is None or row[0] is None:
                await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
                await connection.execute(SchemaManager.get_schema())


class EngineDispatch:
    """Queue visits, or run those that are queued, or both.

    What a server that is away for a moment breaks off is tried again.
    """

    def __init__(
        self,
        engine: Engine,
        local: LocalDispatch,
        *,
        works: bool,
        log: structlog.stdlib.BoundLogger,
    ) -> None:
        """Take the queue, what runs visits here, and whether it does."""
        self._engine = engine
        self._local = local
        self._works = works
        self._log = log
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Begin to work, if this process does."""
        await self._stack.enter_async_context(self._local)
        await self._stack.enter_async_context(self._engine)
        if self._works:
            worker = asyncio.create_task(self._work(), name="visits of the engine")
            self._stack.push_async_callback(_end, worker)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let visits under way end."""
        await self._stack.__aexit__(kind, error, trace)

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that are being visited from here."""
        return self._local.hosts

    def is_full(self) -> bool:
        """Tell whether there is no room here for what visits bring."""
        return self._local.is_full()

    async def start(self, due: Callable[[int], Awaitable[list[str]]]) -> int:
        """Queue the visits that are due and have no job; return how many."""
        try:
            if dead := await self._engine.bury():
                self._log.warning("visits of dead workers taken off", count=dead)
            known, waiting = await self._engine.names()
            room = _DEPTH - waiting
            if room <= 0:
                return 0
            found = [host for host in await due(room + len(known)) if host not in known]
            return sum(
                [await self._engine.put(host, host=host) for host in found[:room]]
            )
        except (ConnectorException, psycopg.Error) as error:
            self._log.warning("no visits queued", why=_why(error))
            return 0

    async def _work(self) -> None:
        while True:
            try:
                await self._work_while_room()
            except (ConnectorException, psycopg.Error) as error:
                self._log.warning("no visits taken", why=_why(error))
            except Exception:  # noqa: BLE001  # dead, it would say nothing any more
                self._log.exception("no visits taken")
            await asyncio.sleep(_PAUSE)

    async def _work_while_room(self) -> None:
        """Run visits until there is no room for what they bring; others have some."""
        if self.is_full():
            return
        work = self._engine.work(self._local.finish, self._local.limit)
        working = asyncio.create_task(work, name="worker of the engine")
        try:
            while not (working.done() or self.is_full()):
                await asyncio.wait([working], timeout=_LOOK)
        finally:
            await _end(working)


def _why(error: Exception) -> str:
    """Return what the server or the driver said; the engine says `Database error.`."""
    return str(error.__cause__ or error).strip()


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
