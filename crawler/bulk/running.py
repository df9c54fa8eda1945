"""Shards read by many processes: what runs them is behind one small interface.

`PoolRunner` has processes of its own, `QueueRunner` the workers of a fleet, `DaskRunner`
those of a Dask cluster. A shard that is on the shelf already is not read again, so what
was interrupted is gone on with by asking for the same.
"""

import asyncio
import threading
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

import structlog

from crawler.bulk.orders import Order
from crawler.bulk.reading import Read, read_shard, told_of
from crawler.errors import CrawlError
from crawler.extract.children.pool import ChildLimits, ExtractPool
from storage.errors import StorageError

log = structlog.get_logger("crawler")
#: How often a shard is begun whose worker died each time.
MOST_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A shard that is done with: what it came to, or why it could not be read."""

    order: Order
    read: Read | None = None
    why: str = ""


class Runner(Protocol):
    """What has shards read."""

    def run(self, orders: Sequence[Order]) -> Generator[Finished, None, None]:
        """Yield each shard once, as they end; closing it early gives the rest up.

        Raises:
            UsageError: nothing can be read that way.
        """


def read_shards(
    orders: Sequence[Order], runner: Runner
) -> Generator[Finished, None, None]:
    """Yield all shards as they end, first those that are on the shelf already.

    Raises:
        UsageError: nothing can be read that way.
    """
    with closing(_read_shards(orders, runner)) as ended:
        for done, one in enumerate(ended, 1):
            pages = one.read.pages if one.read else None
            told = {"pages": pages, "done": done, "of": len(orders)}
            log.info("shard", name=one.order.shard, **told)
            yield one


def _read_shards(
    orders: Sequence[Order], runner: Runner
) -> Generator[Finished, None, None]:
    left = []
    standing: dict[str, set[str]] = {}
    for order in orders:
        shelf = order.shelf
        if shelf.place not in standing:
            standing[shelf.place] = shelf.names()
        if order.file in standing[shelf.place]:
            yield Finished(order=order, read=told_of(order))
        else:
            left.append(order)
    if left:
        with closing(runner.run(left)) as ended:
            yield from ended


async def read_one(order: Order, pool: ExtractPool) -> Finished:
    """Read a shard, whatever comes of it: one that cannot be read stops no other."""
    try:
        return Finished(order=order, read=await read_shard(order, pool))
    except (CrawlError, StorageError, OSError) as error:
        return Finished(order=order, why=str(error))
    except Exception as error:  # a bug is told with its shard
        log.exception("shard not read", shard=order.shard)
        return Finished(order=order, why=f"{type(error).__name__}: {error}")


class _Here(threading.local):
    """A thread's own loop and child, kept from shard to shard."""

    def __init__(self) -> None:
        self.loop = asyncio.Runner()
        self.pool = ExtractPool(1, ChildLimits())


_here = _Here()


def read_here(order: Order) -> Finished:
    """Read a shard in this thread; blocking."""
    return _here.loop.run(read_one(order, _here.pool))
