"""What the archive holds and how its sources fare, in a few aggregates."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, case, func, select
from sqlmodel import Session, col

from storage.model import WATCHED_KINDS, LinkKind, LinkState
from storage.sql.counting import total
from storage.sql.forgetting import ERASED
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    LinkRow,
    SegmentRow,
    SourceRow,
    VersionRow,
)
from storage.sql.visits import is_due

DAY = timedelta(days=1)

_COUNTED = {
    "sources": SourceRow,
    "links": LinkRow,
    "captures": CaptureRow,
    "articles": ArticleRow,
    "versions": VersionRow,
    "segments": SegmentRow,
}
_FAILED = (LinkState.ERROR, LinkState.DEAD)
_REFUSED = (LinkState.GONE, LinkState.BLOCKED, LinkState.ROBOTS, LinkState.REFUSED)
#: Back-off scores of a list after four hours of errors, and a day of refusals.
_LONG_FAILED, _LONG_REFUSED = 8.0, 2.0


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
        lists: Feeds, sitemaps and sections that are read.
        lists_failing: How many of them have been asked for in vain for long: hours
            of errors, or a day of refusals.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What the archive holds.

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


def ledger_counts(
    session: Session, source: int | None = None
) -> dict[str | None, Mapping[LinkState, int]]:
    """Return how many links are in each state, by source; None has no source.

    Given a source's id, only its links are counted.
    """
    query = (
        select(col(SourceRow.name), col(LinkRow.state), func.count())
        .select_from(LinkRow)
        .join(SourceRow, col(SourceRow.id) == LinkRow.source_id, isouter=True)
        .group_by(col(LinkRow.source_id), col(SourceRow.name), col(LinkRow.state))
        .order_by(col(SourceRow.name), col(LinkRow.state))
    )
    if source is not None:
        query = query.where(col(LinkRow.source_id) == source)
    counts: dict[str | None, dict[LinkState, int]] = {}
    for name, state, links in session.execute(query):
        counts.setdefault(name, {})[LinkState(state)] = links
    return dict(counts)


def source_health(
    session: Session,
    now: datetime,
    *,
    closed: Collection[int] = (),
    source: int | None = None,
) -> list[SourceHealth]:
    """Return how each source fares, by name; of those `closed`, by id, nothing is due.

    Given a source's id, only that one is looked at.
    """
    is_wanted = [col(LinkRow.source_id) == source] if source is not None else []
    is_its = [col(ArticleRow.source_id) == source] if source is not None else []
    is_it = [col(SourceRow.id) == source] if source is not None else []
    links = (
        select(
            col(LinkRow.source_id).label("source_id"),
            func.max(case((col(LinkRow.status) < 400, LinkRow.fetched_at))).label(
                "last_success"
            ),
            _count_if(col(LinkRow.state) == LinkState.WAITING).label("waiting"),
            _count_if(col(LinkRow.state).in_(_FAILED)).label("errors"),
            func.min(case((is_due(now, closed), LinkRow.next_run))).label("oldest_due"),
            func.min(LinkRow.interval_s).label("interval_s"),
            _count_if(_is_list()).label("lists"),
            _count_if(_is_list() & _is_long_in_vain()).label("lists_failing"),
        )
        .where(col(LinkRow.kind) != LinkKind.ASSET, *is_wanted)
        .group_by(col(LinkRow.source_id))
        .subquery()
    )
    articles = (
        select(
            col(ArticleRow.source_id).label("source_id"),
            func.count().label("articles"),
            _count_if(col(ArticleRow.first_seen) > now - DAY).label("articles_24h"),
            func.max(ArticleRow.first_seen).label("last_new_article"),
        )
        .where(col(ArticleRow.state) != ERASED, *is_its)
        .group_by(col(ArticleRow.source_id))
        .subquery()
    )
    rows = session.execute(
        select(
            col(SourceRow.name),
            col(SourceRow.state),
            links.c.last_success,
            articles.c.last_new_article,
            func.coalesce(articles.c.articles, 0).label("articles"),
            func.coalesce(articles.c.articles_24h, 0).label("articles_24h"),
            func.coalesce(links.c.waiting, 0).label("waiting"),
            func.coalesce(links.c.errors, 0).label("errors"),
            links.c.oldest_due,
            links.c.interval_s,
            func.coalesce(links.c.lists, 0).label("lists"),
            func.coalesce(links.c.lists_failing, 0).label("lists_failing"),
        )
        .join(links, links.c.source_id == SourceRow.id, isouter=True)
        .join(articles, articles.c.source_id == SourceRow.id, isouter=True)
        .where(*is_it)
        .order_by(col(SourceRow.name))
    )
    return [SourceHealth(**row) for row in rows.mappings()]


def totals(session: Session, now: datetime) -> Totals:
    """Return what the archive holds."""
    counts = {
        name: select(func.count()).select_from(table).scalar_subquery().label(name)
        for name, table in _COUNTED.items()
    }
    state = col(ArticleRow.state)
    gone, erased = session.execute(
        select(_count_if(state == "gone"), _count_if(state == ERASED))
    ).one()
    first_due = select(func.min(LinkRow.next_run)).where(col(LinkRow.next_run) <= now)
    row = session.execute(
        select(
            *counts.values(),
            first_due.scalar_subquery().label("first_due"),
            _sealed_bytes().label("sealed"),
            _open_bytes().label("open"),
        )
    ).one()
    late = now - row.first_due if row.first_due else timedelta()
    return Totals(
        **{name: getattr(row, name) for name in counts}
        | {"articles": row.articles - erased},
        articles_gone=gone,
        due_late_seconds=late.total_seconds(),
        segments_bytes=row.sealed + row.open,
    )


def _count_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((condition, 1)))


def _is_list() -> ColumnElement[bool]:
    is_read = col(LinkRow.next_run).is_not(None)
    return col(LinkRow.kind).in_(WATCHED_KINDS) & is_read


def _is_long_in_vain() -> ColumnElement[bool]:
    state, failures = col(LinkRow.state), col(LinkRow.failures)
    is_failed = state.in_(_FAILED) & (failures >= _LONG_FAILED)
    return is_failed | (state.in_(_REFUSED) & (failures >= _LONG_REFUSED))


def _sealed_bytes() -> ScalarSelect[Any]:
    return select(total(SegmentRow.size)).scalar_subquery()


def _open_bytes() -> ScalarSelect[Any]:
    """Return what was captured to the segments whose size is not known yet."""
    return (
        select(total(col(CaptureRow.length) + CaptureRow.request_length))
        .join(SegmentRow, col(SegmentRow.name) == CaptureRow.segment)
        .where(col(SegmentRow.size).is_(None))
        .scalar_subquery()
    )
