"""The one thread that writes: SQL rows and WARC records in the same commit.

Work comes from anywhere and is done here, in order, many pieces to one commit:

    take what waits -> do each work -> fdatasync the segment -> COMMIT -> acknowledge

A work that raises is undone, in SQL and in the segment; others of its batch are done
again without it. When the sync or the COMMIT fails, nobody in the batch is acknowledged and nothing of it is kept.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from sqlalchemy import Engine, PoolProxiedConnection

from storage.commit import AloneOrder, Committer, Order, Tx
from storage.warc.segment import Segment

__all__ = ["Tx", "Writer"]

T = TypeVar("T")


class Writer:
    """Owns the writing connection and the open segment; one per data folder."""

    def __init__(  # noqa: PLR0913 - each is one operator's setting
        self,
        engine: Engine,
        open_segment: Callable[[], Segment],
        *,
        now: Callable[[], datetime],
        batch: int = 256,
        window: timedelta = timedelta(milliseconds=5),
        rotate_bytes: int = 512 * 1024 * 1024,
        rotate_after: timedelta = timedelta(hours=24),
        reserve_bytes: int = 0,
        node: str = "",
    ) -> None:
        """Start the thread; it writes nothing until work comes.

        Args:
            engine: The writing engine (storage.sql.engine).
            open_segment: Makes a new segment; called at the first append.
            now: Current time, UTC.
            batch: Most works in one commit.
            window: Longest wait for others to share a commit with. Only a batch
                that follows closely on a shared one waits at all.
            rotate_bytes: A segment this long is sealed.
            rotate_after: A segment this old is sealed.
            reserve_bytes: Disk to leave free: below it appends raise DiskFull,
                while work that only changes rows goes on.
            node: Whose data folder it is, where many write to one database.
        """
        self._committer = Committer(
            engine, open_segment, now=now, reserve_bytes=reserve_bytes, node=node
        )
        self._now = now
        self._batch = batch
        self._window = window.total_seconds()
        self._rotate_bytes = rotate_bytes
        self._rotate_after = rotate_after
        self._orders: queue.SimpleQueue[Order | AloneOrder | None]
        self._orders = queue.SimpleQueue()
        self._alone: AloneOrder | None = None
        self._lock = threading.Lock()
        self._seal_before: datetime | None = None
        self._is_closed = False
        self._is_ending = False
        self._shared = 1
        self._began: float | None = None
        self._thread = threading.Thread(
            target=self._write, name="kliping-writer", daemon=True
        )
        self._thread.start()

    def submit(self, work: Callable[[Tx], T]) -> "Future[T]":
        """Queue a work; its future resolves once it is on disk, or failed.

        The future raises what the work raised, or DiskFull or WriteFailed when
        its batch could not be kept.

        Raises:
            RuntimeError: The writer is closed.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the writer is closed")
            self._orders.put(Order(work=work, future=future))
        return future

    def submit_alone(self, work: Callable[[PoolProxiedConnection], T]) -> "Future[T]":
        """Queue a work on the bare connection, such as VACUUM: it shares no commit.

        Raises:
            RuntimeError: The writer is closed.
        """
        future: Future[T] = Future()
        with self._lock:
            if self._is_closed:
                raise RuntimeError("the writer is closed")
            self._orders.put(AloneOrder(work=work, future=future))
        return future

    def seal_before(self, moment: datetime) -> None:
        """Seal the open segment if it was opened by then; returns at once.

        Raises:
            RuntimeError: The writer is closed.
        """
        self._seal_before = moment
        self.submit(lambda _: None)

    async def run(self, work: Callable[[Tx], T]) -> T:
        """Do a work and wait until it is on disk.

        Cancelling the wait takes back a work that has not begun, and no other.
        """
        return await asyncio.wrap_future(self.submit(work))

    def close(self) -> None:
        """Finish what was submitted, seal the segment, end the thread."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                self._orders.put(None)
        self._thread.join()

    @property
    def written_bytes(self) -> int:
        """Bytes of WARC files that were committed since the start."""
        return self._committer.written_bytes

    @property
    def busy(self) -> int:
        """How often others kept the database for longer than is waited."""
        return self._committer.busy

    @property
    def waiting(self) -> int:
        """How many works wait for the thread."""
        return self._orders.qsize()

    @property
    def is_alive(self) -> bool:
        """Whether the thread lives, which it does until the writer is closed."""
        return self._thread.is_alive()

    def at_work(self) -> timedelta:
        """Return for how long the work under way has been so; none, without one."""
        began = self._began
        return timedelta(seconds=time.monotonic() - began if began is not None else 0)

    def _write(self) -> None:
        while not self._is_ending:
            orders = self._take()
            self._began = time.monotonic()
            self._keep(orders)
            self._began = None
        self._committer.seal()

    def _keep(self, orders: Sequence[Order]) -> None:
        begun = [o for o in orders if o.future.set_running_or_notify_cancel()]
        if begun:
            self._committer.keep(begun)
        if self._alone is not None:
            alone, self._alone = self._alone, None
            if alone.future.set_running_or_notify_cancel():
                self._committer.keep_alone(alone)
        if self._is_rotation_due():
            self._committer.seal()

    def _take(self) -> list[Order]:
        """Return the next batch; empty when it is time to rotate or to end.

        Those who shared the last commit are likely to come again at once, so a
        batch waits for as many as there were; after a pause it waits for nobody.
        """
        asked = time.monotonic()
        order = self._next(self._seconds_to_rotation())
        came = time.monotonic()
        wanted = self._shared if came - asked <= self._window else 1
        orders = []
        while order is not None:
            orders.append(order)
            if len(orders) == self._batch:
                break
            wait = came + self._window - time.monotonic()
            order = self._next(max(wait, 0.0) if len(orders) < wanted else 0.0)
        self._shared = len(orders)
        return orders

    def _next(self, wait: float | None) -> Order | None:
        """Return the next work for a batch; None where the batch ends here."""
        try:
            order = self._orders.get(timeout=wait)
        except queue.Empty:
            return None
        if isinstance(order, AloneOrder):
            self._alone = order
            return None
        self._is_ending = order is None
        return order

    def _is_rotation_due(self) -> bool:
        segment = self._committer.segment
        return segment is not None and (
            segment.size >= self._rotate_bytes
            or self._seconds_to_rotation() == 0.0
            or (self._seal_before or datetime.min.replace(tzinfo=UTC))
            >= segment.opened_at
        )

    def _seconds_to_rotation(self) -> float | None:
        """Return how long the open segment has; None without one."""
        segment = self._committer.segment
        if segment is None:
            return None
        due_at = segment.opened_at + self._rotate_after
        return max((due_at - self._now()).total_seconds(), 0.0)
