"""Visits as asyncio tasks in this process: the embedded default."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from types import TracebackType
from typing import Self

import structlog

from storage.errors import DiskFull, StorageError

#: How long no visit is begun after one that there was no room for, s: a quota, or no
#: room for files, is not seen in the free bytes.
_FULL_PAUSE = 60.0

#: Runs one visit of a host to its end.
Visitor = Callable[[str], Awaitable[object]]


class LocalDispatch:
    """Run at most `limit` visits at once, one per host.

    A visit that fails is logged and ends alone; leaving the context cancels the
    visits under way, which give their hosts back. Where there is no room for what they
    bring, none is begun: pages would be asked for in vain.
    """

    def __init__(
        self,
        visit: Visitor,
        limit: int,
        log: structlog.stdlib.BoundLogger,
        is_disk_full: Callable[[], bool] = lambda: False,
    ) -> None:
        """Take what runs a visit, how many may run, where events go, if there is room."""
        self._visit = visit
        self._limit = limit
        self._log = log
        self._is_disk_full = is_disk_full
        self._full_until = 0.0
        self._running: dict[str, asyncio.Task[None]] = {}

    async def __aenter__(self) -> Self:
        """Begin; nothing runs yet."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Cancel what runs and wait for it."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def limit(self) -> int:
        """How many visits may run at once."""
        return self._limit

    @property
    def room(self) -> int:
        """How many more visits may start now."""
        return self._limit - len(self._running)

    def is_full(self) -> bool:
        """Tell whether there is no room for what visits bring, or just was none."""
        return monotonic() < self._full_until or self._is_disk_full()

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that are being visited."""
        return frozenset(self._running)

    async def start(self, due: Callable[[int], Awaitable[list[str]]]) -> int:
        """Start visits that are due, as far as there is room; return how many."""
        if (room := self.room) <= 0 or self.is_full():
            return 0
        return sum(self.visit(host) for host in await due(room + len(self.hosts)))

    async def finish(self, host: str) -> None:
        """Run a visit to its end, unless the host has one; cancelled, it is too."""
        if self.visit(host):
            await self._running[host]

    def visit(self, host: str) -> bool:
        """Start a visit unless the host has one or there is no room."""
        if host in self._running or self.room <= 0:
            return False
        task = asyncio.create_task(self._run(host), name=f"visit {host}")
        self._running[host] = task
        task.add_done_callback(lambda _: self._running.pop(host, None))
        return True

    async def _run(self, host: str) -> None:
        try:
            await self._visit(host)
        except StorageError as error:
            self._log.warning("visit not kept", host=host, why=str(error))
            if isinstance(error, DiskFull):
                self._full_until = monotonic() + _FULL_PAUSE
        except Exception:  # noqa: BLE001  # the service lives on; links stay due
            self._log.exception("visit failed", host=host)
