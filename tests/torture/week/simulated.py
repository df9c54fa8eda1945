"""A week in minutes: an event loop whose clock jumps to what comes next.

Sockets, threads and files stay real. Whenever nothing of them is under way, the
clock is set to the next timer instead of waiting for it.
"""
# ruff: noqa: ANN401 - the signatures are asyncio's

import asyncio
import selectors
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

#: Real seconds that bytes on loopback may be on their way.
_ON_THE_WAY = 0.002
_LOOK_AGAIN = 0.05


class _Jumping(selectors.BaseSelector):
    """Waits for real events while there may be any, else moves the clock."""

    def __init__(self) -> None:
        self.real = selectors.DefaultSelector()
        self.loop: SimulatedLoop | None = None

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, int]]:
        loop = self.loop
        found = self.real.select(0)
        if found or loop is None or (timeout is not None and timeout <= 0):
            return found
        while loop.pending and not found:
            found = self.real.select(_LOOK_AGAIN)
        if not found and loop.talks:
            found = self.real.select(_ON_THE_WAY)
        if not found and timeout is None:
            return self.real.select(_LOOK_AGAIN)
        if not found:
            loop.seconds += timeout or 0.0
        return found

    def register(
        self, fileobj: Any, events: int, data: Any = None
    ) -> selectors.SelectorKey:
        return self.real.register(fileobj, events, data)

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self.real.unregister(fileobj)

    def modify(
        self, fileobj: Any, events: int, data: Any = None
    ) -> selectors.SelectorKey:
        return self.real.modify(fileobj, events, data)

    def close(self) -> None:
        self.real.close()

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self.real.get_map()


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop with a clock of its own.

    Attributes:
        seconds: Since the beginning.
        pending: Works of threads under way; the clock stands still for them.
        talks: Requests under way; bytes may be on the wire.
    """

    def __init__(self) -> None:
        selector = _Jumping()
        self.seconds = 0.0
        self.pending = 0
        self.talks = 0
        super().__init__(selector)
        selector.loop = self

    def time(self) -> float:
        return self.seconds

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:
        future = super().run_in_executor(executor, func, *args)
        self.pending += 1
        future.add_done_callback(self._done)
        return future

    def _done(self, _future: object) -> None:
        self.pending -= 1

    async def stand_still(self, work: Awaitable[T]) -> T:
        """Await what a thread does; no time passes meanwhile."""
        self.pending += 1
        try:
            return await work
        finally:
            self.pending -= 1

    @contextmanager
    def talking(self) -> Iterator[None]:
        """Say that a request is under way."""
        self.talks += 1
        try:
            yield
        finally:
            self.talks -= 1


def clock_of(loop: SimulatedLoop, began: datetime) -> Callable[[], datetime]:
    """Return a clock that begins at a time and goes as the loop's does."""
    return lambda: began + timedelta(seconds=loop.seconds)


def run_simulated(work: Callable[[SimulatedLoop], Awaitable[T]]) -> T:
    """Run a coroutine on a simulated loop of its own."""
    loop = SimulatedLoop()
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(work(loop))
    finally:
        asyncio.set_event_loop(None)
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
