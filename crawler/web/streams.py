"""Streams of events: one watcher looks for news, and all streams hear of it.

A stream that has seen all waits for the watcher's next batch; one that lags behind
reads the database until it has caught up. So a stream costs no query while nothing
happens, a slow reader costs the others nothing, and what was taken down meanwhile is
not told out of memory.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase

from sqlmodel import Session
from structlog.stdlib import BoundLogger

from storage.errors import StorageError
from storage.sql.events import Event, list_events, newest_event

MOST_STREAMS = 50
_LOOK_EVERY = 0.5
_AT_ONCE = 200

Sessions = Callable[[], AbstractContextManager[Session]]


class TooManyStreams(Exception):
    """There are as many streams as may be, or the service stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a stream tells next: events, and the number that it has seen until then."""

    events: Sequence[Event]
    seen: int


@dataclass(frozen=True, slots=True)
class _Batch:
    """New events, all there are after a number."""

    after: int
    events: Sequence[Event]


class Streams:
    """All streams of one service."""

    def __init__(
        self, sessions: Sessions, log: BoundLogger, *, most: int = MOST_STREAMS
    ) -> None:
        """Take where events are read; nothing is read until there is a stream.

        Args:
            sessions: Opens a session for reading.
            log: Where troubles go.
            most: So many streams may there be.
        """
        self._sessions = sessions
        self._log = log
        self._most = most
        self._open = 0
        self._is_closed = False
        self._newest = 0
        self._next: asyncio.Future[_Batch | None] | None = None
        self._watcher: asyncio.Task[None] | None = None

    def close(self) -> None:
        """End all streams, and let no other begin."""
        self._is_closed = True
        self._stop_watching()

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place for a stream.

        Raises:
            TooManyStreams: There is none.
            StorageError: The database cannot be read.
        """
        self._take_place()
        try:
            if self._watcher is None:
                await self._begin()
            yield
        finally:
            self._open -= 1
            if not self._open:
                self._stop_watching()

    def _take_place(self) -> None:
        if self._is_closed or self._open >= self._most:
            raise TooManyStreams
        self._open += 1

    async def _begin(self) -> None:
        newest = await self._newest_now()
        if self._watcher is None and not self._is_closed:  # nobody else did meanwhile
            self._newest = newest
            self._next = asyncio.get_running_loop().create_future()
            self._watcher = asyncio.create_task(self._watch())

    async def follow(
        self, after: int | None, types: Sequence[str], *, heartbeat: float
    ) -> AsyncIterator[News]:
        """Tell events as they come, until the service stops.

        Args:
            after: The number of the last one known; None for those from now on.
            types: Which are meant, `*` for any characters; without any, all.
            heartbeat: Seconds after which that nothing came is told.
        """
        newest = await self._newest_now()
        seen = newest if after is None else min(after, newest)  # of a restored backup
        yield News(events=(), seen=seen)
        batch: _Batch | None = None
        while (coming := self._next) is not None:
            if batch is not None and batch.after <= seen:
                told, seen = _news(batch, seen, types)
            else:
                told, seen = await self._read(seen, types)
            if told:
                yield News(events=told, seen=seen)
            batch = None
            if len(told) == _AT_ONCE or self._newest > seen:
                continue
            while batch is None:
                await asyncio.wait({coming}, timeout=heartbeat)
                if not coming.done():
                    yield News(events=(), seen=seen)
                elif (batch := coming.result()) is None:
                    return

    async def _read(self, seen: int, types: Sequence[str]) -> tuple[list[Event], int]:
        """Return events from the database, and the number seen by them."""
        known = self._newest
        told = await asyncio.to_thread(self._list, seen, types)
        last = told[-1].id if told else seen
        return told, last if len(told) == _AT_ONCE else max(last, known)

    def _list(self, after: int, types: Sequence[str]) -> list[Event]:
        with self._sessions() as session:
            return list_events(session, after=after, limit=_AT_ONCE, types=types)

    async def _newest_now(self) -> int:
        def find() -> int:
            with self._sessions() as session:
                return newest_event(session)

        return await asyncio.to_thread(find)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            try:
                found = await asyncio.to_thread(self._list, self._newest, ())
            except StorageError as error:
                self._log.warning("events not read", why=str(error))
                continue
            if found:
                batch = _Batch(self._newest, found)
                self._newest = found[-1].id
                told, self._next = self._next, asyncio.Future()
                _tell(told, batch)

    def _stop_watching(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
        told, self._next, self._watcher = self._next, None, None
        _tell(told, None)


def _tell(waited: "asyncio.Future[_Batch | None] | None", batch: _Batch | None) -> None:
    if waited is not None and not waited.done():
        waited.set_result(batch)


def _news(batch: _Batch, seen: int, types: Sequence[str]) -> tuple[list[Event], int]:
    """Return what of a batch is news to a stream, and the number seen by it."""
    found = [one for one in batch.events if one.id > seen]
    told = [one for one in found if _is_of(one, types)]
    return told, found[-1].id if found else seen


def _is_of(event: Event, types: Sequence[str]) -> bool:
    return not types or any(fnmatchcase(event.type, pattern) for pattern in types)
