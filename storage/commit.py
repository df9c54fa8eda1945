"""Group commit: rows and WARC records of many works, durable together.

Used by one thread (storage.writer). In the same transaction as its records, a
segment's row says how far the file is committed (`SegmentRow.size`): recovery
cuts there, and a COMMIT whose answer got lost is settled by reading it back.
The notes of what a work changed (storage.notes) are appended behind it. No work has a
savepoint: what is done once for each work of each page must be cheap, and works seldom fail.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Connection,
    Engine,
    ExceptionContext,
    PoolProxiedConnection,
    bindparam,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlmodel import Session, col

from storage.errors import DiskFull, StorageError, WriteFailed
from storage.failpoints import reach
from storage.faults import (
    batch_error,
    is_busy,
    is_full,
    is_passing,
    is_surely_undone,
    lacks_partition,
    work_error,
)
from storage.model.record import Position
from storage.notes.watching import WatchedSession
from storage.notes.writing import write_notes
from storage.sql.engine import connected, is_taken_back
from storage.sql.events import HELD, enter_held
from storage.sql.nodes import info_of
from storage.sql.partitions import make_partitions
from storage.sql.tables import SegmentRow
from storage.warc.erase import Grave, overwrite
from storage.warc.segment import Segment

log = logging.getLogger(__name__)
#: How often a work is begun that others stand in the way of.
_TRIES = 4
#: How far the segment is committed; put together once, for each commit runs it.
_GROW = (
    update(SegmentRow)
    .where(col(SegmentRow.name) == bindparam("segment"))
    .values(size=bindparam("so_far"))
)


class Tx:
    """What a work may do: change rows through `session`, append records.

    `session` lives for this work alone. The writer commits; a work raises when it
    wants to be undone. It may be done again, where another of its batch failed.
    """

    def __init__(
        self,
        session: Session,
        append: Callable[[Sequence[bytes]], tuple[Position, ...]],
        overwrite: Callable[[Path, Sequence[Grave]], None],
    ) -> None:
        """Pair a session with the append of the segment that is open."""
        self.session = session
        self._append = append
        self._overwrite = overwrite

    def append(self, members: Sequence[bytes]) -> tuple[Position, ...]:
        """Append gzip members side by side; return where each stands.

        Raises:
            DiskFull: No room, or less than the floor would be left.
            WriteFailed: The segment cannot be written.
        """
        return self._append(members)

    def overwrite(self, path: Path, graves: Sequence[Grave]) -> None:
        """Overwrite records in a file, durably; what fails or is undone is not put back.

        So what is to be overwritten stands in a row that was committed before.

        Raises:
            DiskFull: There is no room.
            WriteFailed: The file cannot be written.
        """
        self._overwrite(path, graves)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A work, and the future its submitter waits on."""

    work: Callable[[Tx], Any]
    future: "Future[Any]"


@dataclass(frozen=True, slots=True, kw_only=True)
class AloneOrder:
    """A work on the writing connection that bears no transaction, and its future."""

    work: Callable[[PoolProxiedConnection], Any]
    future: "Future[Any]"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where the segment stood, to go back to."""

    segment: Segment | None
    size: int
    is_recorded: bool


class Committer:
    """Keeps batches of works through one connection and one open segment.

    Attributes:
        segment: The open segment, or None until the next append opens one.
        written_bytes: Bytes of WARC files that were committed.
        busy: How often the database was busy for longer than is waited for it.
    """

    def __init__(
        self,
        engine: Engine,
        open_segment: Callable[[], Segment],
        *,
        now: Callable[[], datetime],
        reserve_bytes: int,
        node: str = "",
    ) -> None:
        """Take an engine and a maker of segments; nothing is opened yet."""
        self.segment: Segment | None = None
        self.written_bytes = 0
        self.busy = 0
        self._engine = engine
        self._open_segment = open_segment
        self._now = now
        self._reserve_bytes = reserve_bytes
        self._node = node
        self._is_recorded = False
        self._was_full = False
        event.listen(engine, "handle_error", self._notice)

    def keep(self, orders: Sequence[Order], tries: int = _TRIES) -> None:
        """Do works in order, make them durable, resolve their futures.

        Never raises: what went wrong is in the futures. A work that stood in the way
        of another process's, or lost its connection, is undone and done again. Where one
        fails among others, all are undone and done again by halves, till it is alone.
        """
        self._was_full = False
        try:
            values = self._attempt(orders)
        except _WorkFailed as failed:
            self._part(orders, failed.error, tries)
        except BaseException as error:  # noqa: BLE001 - each submitter must hear of it
            if self._is_broken():
                self._let_go()
            if tries > 1 and self._may_succeed(error):
                self.keep(orders, tries - 1)
                return
            for order in orders:
                order.future.set_exception(batch_error(error))
        else:
            for order, value in zip(orders, values, strict=True):
                order.future.set_result(value)

    def _part(self, orders: Sequence[Order], error: BaseException, tries: int) -> None:
        """Find the work that failed, and keep the others."""
        half = len(orders) // 2
        if half:
            self.keep(orders[:half], tries)
            self.keep(orders[half:], tries)
        elif tries > 1 and self._may_succeed(error):
            self.keep(orders, tries - 1)
        else:
            orders[0].future.set_exception(work_error(error))

    def keep_alone(self, order: AloneOrder) -> None:
        """Do a work on the bare connection, in no transaction; resolve its future."""
        try:
            pooled = self._engine.raw_connection()
            try:
                order.future.set_result(order.work(pooled))
            finally:
                pooled.close()
        except BaseException as error:  # noqa: BLE001 - it belongs to the submitter
            order.future.set_exception(work_error(error))

    def seal(self) -> None:
        """Finish the open segment and record it; what fails is left to recovery."""
        segment, is_recorded = self.segment, self._is_recorded
        self._forget_segment()
        if segment is None:
            return
        try:
            if is_recorded:
                self._seal(segment)
            else:
                segment.discard()
        except (OSError, SQLAlchemyError, StorageError):
            log.warning("segment is left to recovery: %s", segment.name, exc_info=True)

    def _may_succeed(self, error: BaseException | None) -> bool:
        """Return whether a work is worth another try; a missing partition is made."""
        if not lacks_partition(error):
            return is_passing(error)
        log.warning("a month has no partition yet, which is made now")
        try:
            make_partitions(self._engine)
        except (DBAPIError, StorageError):
            log.warning("partitions cannot be made", exc_info=True)
            return False
        return True

    def _attempt(self, orders: Sequence[Order]) -> list[Any]:
        before = self._place()
        try:
            with connected(self._engine) as connection:
                transaction = connection.begin()
                held = _held_events(connection)
                values = [self._do(connection, order.work, held) for order in orders]
                self._persist(connection, before)
                enter_held(connection, held.get(HELD, ()))
                try:
                    reach("before_commit")
                    transaction.commit()
                    reach("after_commit")
                except (OSError, DBAPIError) as error:
                    connection.invalidate()
                    raise _Uncommitted from error
        except _Uncommitted as uncommitted:
            self._settle(uncommitted.__cause__, before)
        except BaseException:
            if not self._is_broken():
                self._go_back(before)
            raise
        self._count_bytes(before)
        return values

    def _count_bytes(self, before: _Place) -> None:
        segment = self.segment
        if segment is not None and self._is_recorded:
            known = before.size if before.is_recorded else 0
            self.written_bytes += segment.size - known

    def _do(
        self,
        connection: Connection,
        work: Callable[[Tx], Any],
        held: Mapping[str, Any],
    ) -> Any:  # noqa: ANN401 - the work's own
        session = WatchedSession(
            bind=connection,
            join_transaction_mode="rollback_only",
            expire_on_commit=False,
            info={**info_of(self._node), **held},
        )
        try:
            append = partial(self._append, connection)
            value = work(Tx(session, append, self._overwrite))
            session.flush()
            write_notes(session, append, self._now())
            session.commit()
        except BaseException as error:
            if self._is_broken() or connection.invalidated:
                raise  # what earlier works wrote is in doubt, or gone
            raise _WorkFailed(error) from error
        finally:
            with suppress(SQLAlchemyError):  # a lost transaction shows below
                session.close()
        if is_taken_back(connection):  # and the work did not mind
            kind = DiskFull if self._was_full else WriteFailed
            raise kind("the database took a transaction back")
        return value

    def _append(
        self, connection: Connection, members: Sequence[bytes]
    ) -> tuple[Position, ...]:
        if self.segment is None:
            self.segment = self._open_segment()
        segment = self.segment
        wanted = sum(map(len, members))
        if segment.free_bytes() - wanted < self._reserve_bytes:
            raise DiskFull(f"less than {self._reserve_bytes} bytes would stay free")
        if not self._is_recorded:
            row = {"name": segment.name, "node": self._node, "state": "open"}
            connection.execute(
                insert(SegmentRow).values(**row, opened_at=segment.opened_at)
            )
            self._is_recorded = True
        return segment.append(members)

    def _overwrite(self, path: Path, graves: Sequence[Grave]) -> None:
        if self.segment is not None and self.segment.stands_at(path):
            self.segment.note_overwritten()
        overwrite(path, graves)

    def _persist(self, connection: Connection, before: _Place) -> None:
        """Record how far the segment goes in this transaction, and sync it."""
        segment = self.segment
        if segment is None or segment.size == _size_then(segment, before):
            return
        connection.execute(_GROW, {"segment": segment.name, "so_far": segment.size})
        segment.sync()

    def _settle(self, error: BaseException | None, before: _Place) -> None:
        """Return if a batch was committed in spite of an error; else undo it.

        Records whose rows might still come to count are left in the file, which
        is then let go: recovery cuts it at what SQL knows in the end.
        """
        if self._is_committed(before):
            log.warning("commit succeeded although it reported an error: %s", error)
            return
        if is_surely_undone(error):
            self._go_back(before)
        else:
            self._let_go()
        raise batch_error(error)

    def _is_committed(self, before: _Place) -> bool:
        segment = self.segment
        if segment is None or segment.size == _size_then(segment, before):
            return False
        asked = select(col(SegmentRow.size)).where(col(SegmentRow.name) == segment.name)
        try:
            with connected(self._engine) as connection:
                return connection.execute(asked).scalar() == segment.size
        except SQLAlchemyError:
            log.warning("cannot tell whether a commit succeeded", exc_info=True)
            return False

    def _notice(self, context: ExceptionContext) -> None:
        """Remember that the disk was full, and count busy times.

        SQLite then drops the transaction: a work that goes on stands in none.
        """
        if is_full(context.original_exception):
            self._was_full = True
        if is_busy(context.original_exception):
            self.busy += 1

    def _place(self) -> _Place:
        return _Place(
            segment=self.segment,
            size=self.segment.size if self.segment else 0,
            is_recorded=self._is_recorded,
        )

    def _go_back(self, place: _Place) -> None:
        """Cut the segment to where it was; raise WriteFailed if it cannot be."""
        self._is_recorded = place.is_recorded
        segment = self.segment
        if segment is not None and segment.size != _size_then(segment, place):
            segment.truncate(_size_then(segment, place))

    def _is_broken(self) -> bool:
        return self.segment is not None and self.segment.broken

    def _let_go(self) -> None:
        """Close the segment as it is, for recovery to seal."""
        if self.segment is not None:
            log.warning("segment is left to recovery: %s", self.segment.name)
            self.segment.close()
        self._forget_segment()

    def _forget_segment(self) -> None:
        self.segment = None
        self._is_recorded = False

    def _seal(self, segment: Segment) -> None:
        sealed = segment.seal()
        with connected(self._engine) as connection, connection.begin():
            connection.execute(
                update(SegmentRow)
                .where(col(SegmentRow.name) == sealed.name)
                .values(
                    state="sealed",
                    size=sealed.size,
                    sha256=sealed.sha256,
                    sealed_at=self._now(),
                )
            )


class _WorkFailed(Exception):
    """A work raised an error; nothing of its batch is kept."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class _Uncommitted(Exception):
    """COMMIT raised its cause; whether it took effect is not known yet."""


def _size_then(segment: Segment, place: _Place) -> int:
    """Return a segment's size at a place; one opened since had only its head."""
    return place.size if place.segment is segment else segment.head


def _held_events(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Return where events wait for the commit: on a server, which others write to."""
    return {HELD: []} if connection.dialect.name == "postgresql" else {}
