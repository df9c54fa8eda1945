"""Captures by URL and time, as tools of web archives ask for them.

All questions are answered by the index over `surt` and `fetched_at`, in its order.
Only what may be shown is found (storage.sql.shown).
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, update
from sqlalchemy import select as sa_select
from sqlmodel import Session, col, select

from storage.model.takedown import Depth
from storage.sql.shown import capture_is_shown
from storage.sql.tables import CaptureRow, LinkRow, key_of_capture
from storage.warc.surt import surt

_ROWS_AT_ONCE = 500
_SECOND = timedelta(seconds=1)


class Match(StrEnum):
    """Which URLs are meant: this one, all below it, of its host, of its domain."""

    EXACT = "exact"
    PREFIX = "prefix"
    HOST = "host"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A capture as an index knows it; the names are CaptureRow's."""

    id: int
    surt: str
    url: str
    fetched_at: datetime
    status: int
    content_type: str | None
    digest: str | None
    revisit_of: int | None
    segment: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Keys from `low` to before `high`."""

    low: str
    high: str


def spans(url: str, match: Match) -> tuple[Span, ...]:
    """Return the keys of the URLs that are meant, in their order; pure."""
    key = surt(url)
    place, bracket, _ = key.partition(")")
    if match is Match.EXACT or not bracket:
        return (Span(low=key, high=key + " "),)  # no key holds a blank
    if match is Match.PREFIX:
        is_folder = url.endswith("/") and not key.endswith("/")
        return (_beginning(key + "/" if is_folder else key),)
    if match is Match.HOST:
        return (_beginning(place + ")"),)
    host = place.partition(":")[0]
    return tuple(_beginning(host + mark) for mark in "),:")


def _beginning(start: str) -> Span:
    return Span(low=start, high=start[:-1] + chr(ord(start[-1]) + 1))


def captures_of(
    session: Session,
    url: str,
    match: Match = Match.EXACT,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
) -> Iterator[Held]:
    """Yield captures by key and time, made since a time and before another."""
    for span in spans(url, match):
        yield from _held(session, _within(span, since, before), _FORWARD)


def captures_back(
    session: Session,
    url: str,
    match: Match = Match.EXACT,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
) -> Iterator[Held]:
    """Yield captures in the reverse order."""
    for span in reversed(spans(url, match)):
        yield from _held(session, _within(span, since, before), _BACK)


def captures_around(
    session: Session,
    url: str,
    at: datetime,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
) -> Iterator[Held]:
    """Yield the captures of one URL, those nearest to a second first.

    In one second (a page that redirects to itself under https) the very URL is first.
    """
    (span,) = spans(url, Match.EXACT)
    at = at.replace(microsecond=0)
    later = _held(session, _within(span, max(since or at, at), before), _FORWARD)
    earlier = _held(session, _within(span, since, min(before or at, at)), _BACK)

    def nearness(held: Held) -> tuple[timedelta, bool]:
        return abs(held.fetched_at.replace(microsecond=0) - at), held.url != url

    def by_second(found: Iterator[Held]) -> Iterator[Held]:
        """Put the captures of each second in order."""
        batch: list[Held] = []
        for held in found:
            if batch and nearness(batch[0])[0] != nearness(held)[0]:
                yield from sorted(batch, key=nearness)
                batch = []
            batch.append(held)
        yield from sorted(batch, key=nearness)

    return heapq.merge(by_second(later), by_second(earlier), key=nearness)


def nearest(session: Session, url: str, at: datetime) -> Held | None:
    """Return the capture of a URL that was made nearest to a second, if there is one."""
    return next(captures_around(session, url, at), None)


def first_and_last(session: Session, url: str) -> tuple[Held, Held] | None:
    """Return the first and the last capture of a URL, None for none."""
    first = next(captures_of(session, url), None)
    last = next(captures_back(session, url), None)
    return (first, last) if first and last else None


def beside(session: Session, url: str, at: datetime) -> tuple[Held | None, Held | None]:
    """Return the last capture before a second and the first one after it."""
    at = at.replace(microsecond=0)
    before = next(captures_back(session, url, before=at), None)
    after = next(captures_of(session, url, since=at + _SECOND), None)
    return before, after


def withheld_at(session: Session, url: str) -> Depth | None:
    """Return to what depth captures of a URL were taken down; None for not."""
    (span,) = spans(url, Match.EXACT)
    is_its = or_(
        col(CaptureRow.link_id) == LinkRow.id,
        col(CaptureRow.page_link_id) == LinkRow.id,
    )
    asked = (
        select(LinkRow.withheld)
        .join(CaptureRow, is_its)
        .where(*_within(span, None, None), col(LinkRow.withheld).is_not(None))
    )
    depth = session.exec(asked.limit(1)).first()
    return Depth(depth) if depth else None


def key_captures(session: Session, limit: int) -> int:
    """Make the keys of captures that have none yet; return of how many."""
    asked = select(
        CaptureRow.id, CaptureRow.url, CaptureRow.status, CaptureRow.rendered_from
    )
    rows = session.exec(asked.where(col(CaptureRow.surt).is_(None)).limit(limit)).all()
    keys = [
        {"id": number, "surt": key_of_capture(url, status, rendered_from)}
        for number, url, status, rendered_from in rows
    ]
    if keys:
        session.execute(update(CaptureRow), keys)
    return len(keys)


_FORWARD = (
    col(CaptureRow.surt).asc(),
    col(CaptureRow.fetched_at).asc(),
    col(CaptureRow.id).asc(),
)
_BACK = (
    col(CaptureRow.surt).desc(),
    col(CaptureRow.fetched_at).desc(),
    col(CaptureRow.id).desc(),
)
_FIELDS = tuple(getattr(CaptureRow, name) for name in Held.__slots__)


def _within(
    span: Span, since: datetime | None, before: datetime | None
) -> list[ColumnElement[bool]]:
    key, at = col(CaptureRow.surt), col(CaptureRow.fetched_at)
    meant = [key >= span.low, key < span.high]
    meant += [at >= since] if since is not None else []
    return meant + ([at < before] if before is not None else [])


def _held(
    session: Session,
    meant: list[ColumnElement[bool]],
    order: tuple[ColumnElement[Any], ...],
) -> Iterator[Held]:
    asked: Select[tuple[Any, ...]] = sa_select(*_FIELDS)
    asked = asked.where(*meant, capture_is_shown()).order_by(*order)
    asked = asked.execution_options(yield_per=_ROWS_AT_ONCE)
    with session.execute(asked) as found:  # who stops early leaves no cursor open
        for row in found:
            yield Held(**dict(zip(Held.__slots__, row, strict=True)))
