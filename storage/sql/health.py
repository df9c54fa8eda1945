"""What the archive holds and how its sources fare: read from indexes and the census."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    case,
    func,
    select,
    text,
)
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.bars import ERASED
from storage.sql.census import number_of
from storage.sql.counting import total
from storage.sql.sources import REMOVED
from storage.sql.tables import (
    IS_LIST,
    ArticleRow,
    CaptureRow,
    CensusRow,
    HostRow,
    LinkRow,
    SegmentRow,
    SourceRow,
)
from storage.sql.vain import looks_in_vain

DAY = timedelta(days=1)

_FAILED = (LinkState.ERROR, LinkState.DEAD)
_REFUSED = (LinkState.GONE, LinkState.BLOCKED, LinkState.ROBOTS, LinkState.REFUSED)
#: A list that fails was read so long ago, if it is told of.
_LONG = timedelta(hours=4)
#: Its back-off score by then: reached within an hour of errors, and within four where
#: its name is not found, for then each attempt counts least. One that is seldom read is
#: not told of for one error.
_OFTEN_FAILED = 5.5
#: The score after a day of refusals.
_LONG_REFUSED = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """How a source fares.

    Attributes:
        name: The source's name.
        state: Its state, as its operator set it.
        last_success: When a link of it last answered with a status below 400.
        last_new_article: When its newest article was first seen.
        articles: How many it has.
        articles_24h: How many of them were first seen in the last day.
        waiting: Links not fetched yet.
        errors: Links whose last attempt failed or that are dead.
        oldest_due: Since when its longest overdue link is due; None if none is.
        interval_s: Seconds between two readings of the list that is read most often.
        lists: Feeds, sitemaps and sections that are read; of one that moved, the one
            that it leads to; none that an index names before it is there.
        lists_failing: How many of them have been asked for in vain for long: hours
            of errors, or a day of refusals.
        why_failing: What the ledger says of the list that failed most, one that
            has for long first; None if none did.
        failing_since: When that one was last read, or else entered; None where none
            has failed for long.
        pages_in_vain: New pages that were asked for since its newest article, and
            became none, 30 at most; 0 where they were not looked at (storage.sql.vain).
        in_vain_since: When the first of them was asked for; None for none.
        why_in_vain: What the ledger says of most of them.
        rests_until: Until when the host of a list is left alone: it asked for it, or
            does not answer; None if none is.
        watched_since: When it was entered, or last resumed.
        named_a_day: New articles a day on the list that names most, as its readings
            have it; an older day weighs less. None before the first reading.
    """

    name: str
    state: str
    last_success: datetime | None
    last_new_article: datetime | None
    articles: int
    articles_24h: int
    waiting: int
    errors: int
    oldest_due: datetime | None
    interval_s: float | None = None
    lists: int = 0
    lists_failing: int = 0
    why_failing: str | None = None
    failing_since: datetime | None = None
    rests_until: datetime | None = None
    pages_in_vain: int = 0
    in_vain_since: datetime | None = None
    why_in_vain: str | None = None
    watched_since: datetime | None = None
    named_a_day: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the archive holds; removed sources are not counted.

    `due_late_seconds` is how long the longest overdue link has been due, 0 if
    none is; `segments_bytes` is the size of the WARC files, open ones by what
    was captured to them.
    """

    sources: int
    links: int
    captures: int
    articles: int
    articles_gone: int
    versions: int
    due_late_seconds: float
    segments: int
    segments_bytes: int


def source_health(
    session: Session,
    now: datetime,
    *,
    closed: Collection[int] = (),
    source: int | None = None,
) -> list[SourceHealth]:
    """Return how each source fares, by name; of those `closed`, by id, nothing is due.

    Given a source's id, only that one is looked at. Costs a few looks into indexes a
    source, however many links and articles there are.
    """
    is_it = [col(SourceRow.id) == source] if source is not None else []
    rows = session.execute(
        select(
            col(SourceRow.id),
            col(SourceRow.name),
            col(SourceRow.state),
            func.coalesce(SourceRow.resumed_at, SourceRow.created_at).label(
                "watched_since"
            ),
            *(query.scalar_subquery().label(name) for name, query in _looks(now)),
            *(value.label(name) for name, value in looks_in_vain(now, source)),
        )
        .where(*is_it)
        .order_by(col(SourceRow.name))
    )
    found = []
    for row in rows.mappings():
        said = dict(row)
        if said.pop("id") in closed:
            said["oldest_due"] = None
        read, entered = said.pop("failing_read"), said.pop("failing_entered")
        if said["lists_failing"]:
            said["failing_since"] = datetime.fromisoformat(read) if read else entered
        found.append(SourceHealth(**said))
    return found


def _looks(now: datetime) -> Iterator[tuple[str, Select[Any]]]:
    """Yield what is looked up of each source, by its name, as a query of one value."""
    its, run = col(LinkRow.source_id) == SourceRow.id, col(LinkRow.next_run)
    is_page = text("link.kind <> 'asset'")
    succeeded = func.max(LinkRow.fetched_at)
    yield (
        "last_success",
        select(succeeded).where(its, is_page, text("link.status < 400")),
    )
    yield "oldest_due", select(func.min(run)).where(its, is_page, run <= now)
    is_counted = col(CensusRow.source_id) == SourceRow.id
    for name, states in {"waiting": (LinkState.WAITING,), "errors": _FAILED}.items():
        counted = (
            col(CensusRow.state).in_(states),
            col(CensusRow.kind) != LinkKind.ASSET,
        )
        yield name, number_of("link", is_counted, *counted)
    is_read = its, text(f"link.{IS_LIST}"), run.is_not(None)
    yield "interval_s", select(func.min(LinkRow.interval_s)).where(*is_read)
    learned = col(LinkRow.rhythm)
    a_day = learned["news"].as_float() / (learned["days"].as_float() + 1)
    yield "named_a_day", select(func.max(a_day)).where(*is_read)
    is_early = _is_named_early()
    is_own = *is_read, col(LinkRow.state) != LinkState.DUPLICATE, ~is_early
    yield "lists", select(func.count()).where(*is_own)
    is_vain = _is_long_in_vain(now)
    yield "lists_failing", select(func.count()).where(*is_own, is_vain)
    is_asked = col(HostRow.key) == LinkRow.host
    free_at = select(func.max(HostRow.free_at)).where(is_asked).scalar_subquery()
    rests = select(func.max(free_at)).where(*is_read)
    yield "rests_until", rests.where(free_at > now)
    is_failed = col(LinkRow.state).in_(_FAILED + _REFUSED)
    failed = its, text(f"link.{IS_LIST}"), is_failed, ~is_early
    is_worse = case((run.is_not(None) & is_vain, 0), else_=1)
    worst = is_worse, col(LinkRow.failures).desc(), col(LinkRow.id)
    for name, value in {
        "why_failing": col(LinkRow.reason),
        "failing_read": _read_at(),
        "failing_entered": col(LinkRow.found_at),
    }.items():
        yield name, select(value).where(*failed).order_by(*worst).limit(1)
    yield "articles", number_of("article", is_counted, col(CensusRow.state) != ERASED)
    its, seen = col(ArticleRow.source_id) == SourceRow.id, col(ArticleRow.first_seen)
    is_kept = its, text("article.state <> 'erased'")
    yield "articles_24h", select(func.count()).where(*is_kept, seen > now - DAY)
    yield "last_new_article", select(func.max(seen)).where(*is_kept)


def totals(session: Session, now: datetime) -> Totals:
    """Return what the archive holds."""
    first_due = select(func.min(LinkRow.next_run)).where(col(LinkRow.next_run) <= now)
    numbers = {
        "links": number_of("link"),
        "captures": number_of("capture"),
        "articles": number_of("article", col(CensusRow.state) != ERASED),
        "articles_gone": number_of("article", col(CensusRow.state) == "gone"),
        "versions": number_of("version"),
        "sources": select(func.count()).where(col(SourceRow.state) != REMOVED),
        "segments": select(func.count()).select_from(SegmentRow),
    }
    row = session.execute(
        select(
            *(query.scalar_subquery().label(name) for name, query in numbers.items()),
            first_due.scalar_subquery().label("first_due"),
            _sealed_bytes().label("sealed"),
            _open_bytes().label("open"),
        )
    ).one()
    late = now - row.first_due if row.first_due else timedelta()
    return Totals(
        **{name: int(getattr(row, name)) for name in numbers},
        due_late_seconds=late.total_seconds(),
        segments_bytes=row.sealed + row.open,
    )


def _read_at() -> ColumnElement[str | None]:
    """Return when a list was last read, as ISO 8601 in UTC; null if it never was."""
    read_at: ColumnElement[str | None] = col(LinkRow.rhythm)["at"].as_string()
    return read_at


def _is_named_early() -> ColumnElement[bool]:
    """Return the condition that an index names a sitemap which never was there.

    Many name that of tomorrow. Where a sitemap moved to says something of it.
    """
    index = aliased(LinkRow)
    named = (
        select(col(index.id))
        .where(
            col(index.id) == LinkRow.found_on,
            col(index.state) != LinkState.DUPLICATE,
        )
        .correlate(LinkRow)
    )
    is_gone = col(LinkRow.state) == LinkState.GONE, _read_at().is_(None)
    is_sitemap = col(LinkRow.kind) == LinkKind.SITEMAP
    return and_(is_sitemap, *is_gone, named.exists())


def _is_long_in_vain(now: datetime) -> ColumnElement[bool]:
    state, failures = col(LinkRow.state), col(LinkRow.failures)
    read_at, long_ago = _read_at(), now - _LONG
    is_unread = case(
        (read_at.is_(None), col(LinkRow.found_at) < long_ago),
        else_=read_at < long_ago.isoformat(),
    )
    is_failed = state.in_(_FAILED) & (failures >= _OFTEN_FAILED) & is_unread
    return is_failed | (state.in_(_REFUSED) & (failures >= _LONG_REFUSED))


def _sealed_bytes() -> ScalarSelect[Any]:
    return select(total(SegmentRow.size)).scalar_subquery()


def _open_bytes() -> ScalarSelect[Any]:
    """Return what was captured to the segments whose size is not known yet."""
    length = col(CaptureRow.length) + CaptureRow.request_length
    its = (
        select(total(length))
        .where(col(CaptureRow.segment) == SegmentRow.name)
        .scalar_subquery()
    )
    is_open = col(SegmentRow.size).is_(None)
    return select(total(its)).where(is_open).scalar_subquery()
