"""How the archive fares today, against how it usually does."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.sql.counting import total
from storage.sql.tables import ArticleRow, LinkRow, SegmentRow, SourceDayRow
from storage.sql.visits import is_due

_WEEK = timedelta(days=7)
#: The same weekday is looked at so many weeks back.
_WEEKS = 4
_LATE_SHARE = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How late what is due is.

    Attributes:
        due: Links that are due.
        longest: How long the longest overdue one has been due.
        p95: All but one in twenty are due for no longer.
    """

    due: int
    longest: timedelta
    p95: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """New articles today, and by this time on the same weekday of weeks before.

    `usual` is the median of those weeks; None where there was none.
    """

    today: int
    usual: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """How article pages were answered on some days.

    Attributes:
        asked: Pages that were answered.
        walls: Refusals.
        read: Articles.
    """

    asked: int
    walls: int
    read: int


def lag(session: Session, now: datetime, *, closed: Collection[int] = ()) -> Lag:
    """Return how late what is due is; of sources `closed`, by id, nothing is due."""
    run, due = col(LinkRow.next_run), is_due(now, closed)
    count, first = session.execute(select(func.count(), func.min(run)).where(due)).one()
    if first is None:
        return Lag(due=0, longest=timedelta(), p95=timedelta())
    at = select(run).where(due).order_by(run).offset(int(count * _LATE_SHARE)).limit(1)
    late = session.execute(at).scalar_one_or_none() or first
    return Lag(due=count, longest=now - first, p95=now - late)


def news(session: Session, now: datetime) -> News:
    """Return how many articles are new today (UTC), and how many usually are by now."""
    since = now.replace(hour=0, minute=0, second=0, microsecond=0)
    first = session.execute(select(func.min(ArticleRow.first_seen))).scalar_one()
    before = [
        _seen(session, since - n * _WEEK, now - n * _WEEK)
        for n in range(1, _WEEKS + 1)
        if first is not None and first <= since - n * _WEEK
    ]
    usual = median(before) if before else None
    return News(today=_seen(session, since, now), usual=usual)


def answers(session: Session, days: Sequence[date]) -> Answers:
    """Return how article pages were answered on some days, as far as counted."""
    row = session.execute(
        select(
            total(SourceDayRow.asked),
            total(SourceDayRow.walls),
            total(SourceDayRow.read),
        ).where(col(SourceDayRow.day).in_(days))
    ).one()
    return Answers(asked=row[0], walls=row[1], read=row[2])


def growth(session: Session, now: datetime) -> float | None:
    """Return by how many bytes a day the WARC files grew in the last week.

    None where nothing was sealed that is older than a day.
    """
    sealed = col(SegmentRow.sealed_at)
    size, first = session.execute(
        select(total(SegmentRow.size), func.min(SegmentRow.opened_at)).where(
            sealed > now - _WEEK
        )
    ).one()
    if not size or now - first < timedelta(days=1):
        return None
    return float(size / (min(now - first, _WEEK) / timedelta(days=1)))


def new_by_day(session: Session, since: date) -> dict[int, dict[date, int]]:
    """Return how many new articles each source brought a day, by source, since a day."""
    rows = session.execute(
        select(
            col(SourceDayRow.source_id), col(SourceDayRow.day), col(SourceDayRow.new)
        ).where(col(SourceDayRow.day) >= since)
    )
    found: dict[int, dict[date, int]] = {}
    for source, day, new in rows:
        found.setdefault(source, {})[day] = new
    return found


def _seen(session: Session, since: datetime, until: datetime) -> int:
    seen = col(ArticleRow.first_seen)
    query = select(func.count()).where(seen >= since, seen < until)
    return int(session.execute(query).scalar_one())
