"""A segment's records in their order, by its rows; what has no row, by its bytes."""

import heapq
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from storage.days.files import Leaf
from storage.folder import DataFolder
from storage.sql.tables import CaptureRow, RecordRow, SegmentRow
from storage.warc.reader import member_places

_ROWS_AT_ONCE = 1000


class Kept(NamedTuple):
    """A record's place and digest, and the day of its exchange where one is known."""

    offset: int
    length: int
    sha256: str | None
    day: date | None


def dated_leaves(
    folder: DataFolder, session: Session, segment: SegmentRow, start: int
) -> Iterator[tuple[date, Leaf]]:
    """Yield a segment's committed records from a place on, with their days.

    What has no time of its own is of the day of what stands before it, and no record is
    of an earlier day than that.
    """
    day = segment.opened_at.date()
    at = start
    for kept in _rows(session, segment.name, start):
        if kept.offset >= (segment.size or 0):
            break
        day = max(day, kept.day or day)
        yield from ((day, leaf) for leaf in _between(folder, segment, at, kept.offset))
        if kept.sha256 is None:  # an older version noted none of requests
            found = _between(folder, segment, kept.offset, kept.offset + kept.length)
            yield from ((day, leaf) for leaf in found)
        else:
            yield day, _leaf(segment.name, kept.offset, kept.length, kept.sha256)
        at = kept.offset + kept.length
    for leaf in _between(folder, segment, at, segment.size or 0):
        yield day, leaf


def _rows(session: Session, name: str, start: int) -> Iterator[Kept]:
    capture = CaptureRow
    answers = sql_select(
        col(capture.offset),
        col(capture.length),
        col(capture.record_sha256),
        col(capture.fetched_at),
    ).where(col(capture.segment) == name, col(capture.offset) >= start)
    requests = sql_select(
        col(capture.request_offset),
        col(capture.request_length),
        col(capture.request_sha256),
        col(capture.fetched_at),
    ).where(
        col(capture.segment) == name,
        col(capture.request_offset) >= start,
        col(capture.request_length) > 0,
    )
    others = sql_select(
        col(RecordRow.offset), col(RecordRow.length), col(RecordRow.sha256)
    ).where(col(RecordRow.segment) == name, col(RecordRow.offset) >= start)
    with ExitStack() as cursors:  # who stops in the middle leaves none open

        def stream(query: Any, order: Any) -> Iterator[Any]:  # noqa: ANN401
            flow = query.order_by(order).execution_options(yield_per=_ROWS_AT_ONCE)
            return cursors.enter_context(session.execute(flow))

        yield from heapq.merge(
            _dated(stream(answers, col(capture.offset))),
            _dated(stream(requests, col(capture.request_offset))),
            _undated(stream(others, col(RecordRow.offset))),
            key=lambda kept: kept.offset,
        )


def _dated(rows: Iterable[Any]) -> Iterator[Kept]:
    return (Kept(offset, size, digest, at.date()) for offset, size, digest, at in rows)


def _undated(rows: Iterable[Any]) -> Iterator[Kept]:
    return (Kept(offset, size, digest, None) for offset, size, digest in rows)


def _between(
    folder: DataFolder, segment: SegmentRow, start: int, end: int
) -> Iterator[Leaf]:
    """Yield what stands in a gap between rows, such as the record that opens a file."""
    if start >= end:
        return
    try:
        opened = folder.open(segment.name)
    except FileNotFoundError:
        return
    with opened as file:
        for offset, length, digest in member_places(file, start, end):
            yield _leaf(segment.name, offset, length, digest)


def _leaf(segment: str, offset: int, length: int, digest: str) -> Leaf:
    return Leaf(segment=segment, offset=offset, length=length, sha256=digest)
