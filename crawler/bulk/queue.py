"""Shards as jobs of the queue `bulk`: read by whichever worker of the fleet is free.

What came of a shard is told by the shelf alone: its file, or a line on why there is none.
So a job that is lost costs no more than being queued again.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import psycopg
import structlog
from procrastinate.exceptions import ConnectorException

from crawler.bulk.orders import Order, order_document, read_order
from crawler.bulk.reading import told_of
from crawler.bulk.running import MOST_TRIES, Finished, read_one
from crawler.dispatch.engine import BULK, Engine
from crawler.errors import UsageError
from crawler.extract.children.pool import ChildLimits, ExtractPool

log = structlog.get_logger("crawler")
_LOOK = 0.25
_PAUSE = 1.0
#: After so many looks at which nobody works at anything it is told.
_SILENCE = 60
_AWAY = (ConnectorException, psycopg.Error)


class QueueRunner:
    """The workers of a fleet: `kliping serve --role bulk`."""

    def __init__(self, database: str) -> None:
        """Name the database that has the queue, by a URI of libpq."""
        self._database = database

    def run(self, orders: Sequence[Order]) -> Generator[Finished, None, None]:
        """Yield shards as they end; those of a worker that died are queued again.

        Raises:
            UsageError: the database is not reached.
        """
        with asyncio.Runner() as loop:
            engine = Engine(self._database, BULK)
            try:
                loop.run(engine.__aenter__())
            except _AWAY as error:
                raise UsageError(f"the queue is not reached: {error}") from error
            waiting = _Waiting(engine, orders)
            try:
                while waiting.left:
                    yield from loop.run(waiting.look())
            finally:
                loop.run(waiting.give_up())
                loop.run(engine.__aexit__(None, None, None))


class _Waiting:
    """Shards that are waited for."""

    def __init__(self, engine: Engine, orders: Sequence[Order]) -> None:
        self.left = {order.file: order for order in orders}
        self._engine = engine
        self._tries: Counter[str] = Counter()
        self._idle = 0

    async def look(self) -> list[Finished]:
        """Queue what has no job; return what has ended since the last look."""
        try:
            return await self._look()
        except _AWAY as error:
            log.warning("queue of shards", why=str(error))
            await asyncio.sleep(_PAUSE)
            return []

    async def _look(self) -> list[Finished]:
        await asyncio.sleep(_LOOK if self._tries else 0)
        await self._engine.bury()
        jobs, waiting = await self._engine.names()
        self._tell_silence(len(jobs) - waiting)
        ended = await asyncio.to_thread(self._ended)
        for file in [name for name in self.left if name not in jobs]:
            if self._tries[file] < MOST_TRIES:
                document = order_document(self.left[file])
                self._tries[file] += await self._engine.put(file, order=document)
            else:
                ended.append(
                    Finished(order=self.left.pop(file), why="its workers died")
                )
        return ended

    def _ended(self) -> list[Finished]:
        """Take out what the shelf tells to have ended; asked after the jobs were."""
        shelves = {order.shelf: order.shelf.names() for order in self.left.values()}
        ended = []
        for file, order in list(self.left.items()):
            names = shelves[order.shelf]
            if file in names:
                ended.append(Finished(order=order, read=told_of(order)))
            elif _why(file) in names:
                ended.append(Finished(order=order, why=_take_why(order)))
            else:
                continue
            del self.left[file]
        return ended

    def _tell_silence(self, working: int) -> None:
        self._idle = 0 if working else self._idle + 1
        if self._idle == _SILENCE:
            log.warning("no worker takes shards: start `kliping serve --role bulk`")

    async def give_up(self) -> None:
        """Take the jobs of what is left off the queue."""
        if not self.left:
            return
        try:
            await self._engine.withdraw(self.left.keys())
        except _AWAY as error:
            log.warning("shards stay queued", why=str(error))


@asynccontextmanager
async def reading_shards(database: str, limit: int) -> AsyncIterator[None]:
    """Read up to `limit` shards at once, as they are queued, until the context ends."""
    async with (
        ExtractPool(limit, ChildLimits()) as pool,
        Engine(database, BULK) as engine,
    ):
        worker = asyncio.create_task(_work(engine, pool, limit), name="shards")
        try:
            yield
        finally:
            worker.cancel()
            await asyncio.gather(worker, return_exceptions=True)


async def _work(engine: Engine, pool: ExtractPool, limit: int) -> None:
    async def read(order: Mapping[str, Any]) -> None:
        finished = await read_one(read_order(order), pool)
        if finished.read is None:
            await asyncio.to_thread(_put_why, finished)

    while True:
        try:
            await engine.work(read, limit)
        except _AWAY as error:
            log.warning("no shards taken", why=str(error))
        except Exception:  # dead, it would say nothing any more
            log.exception("no shards taken")
        await asyncio.sleep(_PAUSE)


def _why(file: str) -> str:
    return f"{file}.why"


def _put_why(finished: Finished) -> None:
    order = finished.order
    log.warning("shard not read", shard=order.shard, why=finished.why)
    with order.shelf.new(_why(order.file)) as path:
        path.write_text(finished.why, encoding="utf-8")


def _take_why(order: Order) -> str:
    with order.shelf.open(_why(order.file)) as file:
        said = file.read().decode()
    order.shelf.remove(_why(order.file))
    return said
