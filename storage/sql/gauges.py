"""How the archive stands now, for gauges: a few reads of indexes and small tables.

Nothing here reads all links or articles, however many there are.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import Session, col

from storage.sql.tables import (
    AlertRow,
    EventRow,
    HostRow,
    LinkRow,
    SourceDayRow,
    SourceRow,
)

#: Due links are counted up to here.
MOST_COUNTED = 100_000
#: What articles lack is told of so many days.
LATELY = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """How the archive stands.

    Attributes:
        waiting: Links that are due, at most MOST_COUNTED.
        oldest_due: Since when the longest overdue link is due; None if none is.
        resting: Hosts left alone for longer, for they failed or asked for it.
        sources: How many sources are in each state.
        alerts: How many alerts are open.
        untaken: How many events wait that the webhook did not take.
    """

    waiting: int
    oldest_due: datetime | None
    resting: int
    sources: Mapping[str, int]
    alerts: int
    untaken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Makeup:
    """What the new articles of the last days are made of.

    Attributes:
        fields: The part of them that has each field, by source's name and field.
        removed: The part of their characters that was left out of the text, or None.
    """

    fields: Mapping[tuple[str, str], float]
    removed: float | None


def gauges(session: Session, now: datetime) -> Gauges:
    """Return how the archive stands."""
    is_due = col(LinkRow.next_run) <= now
    some = select(col(LinkRow.next_run)).where(is_due).limit(MOST_COUNTED).subquery()
    is_resting = (col(HostRow.free_at) > now) & (col(HostRow.failures) > 0)
    is_open = col(AlertRow.opened_at).is_not(None) & col(AlertRow.closed_at).is_(None)
    states = select(col(SourceRow.state), func.count().label("number")).group_by(
        col(SourceRow.state)
    )
    oldest = select(func.min(LinkRow.next_run)).where(is_due)
    return Gauges(
        waiting=session.execute(select(func.count()).select_from(some)).scalar_one(),
        oldest_due=session.execute(oldest).scalar(),
        resting=session.execute(
            select(func.count()).select_from(HostRow).where(is_resting)
        ).scalar_one(),
        sources={row.state: row.number for row in session.execute(states)},
        untaken=session.execute(
            select(func.count()).where(
                col(EventRow.next_try).is_not(None), col(EventRow.tries) > 0
            )
        ).scalar_one(),
        alerts=session.execute(
            select(func.count()).select_from(AlertRow).where(is_open)
        ).scalar_one(),
    )


def makeup(session: Session, since: date) -> Makeup:
    """Return what new articles are made of, from a day on."""
    rows = session.execute(
        select(
            col(SourceRow.name),
            col(SourceDayRow.new),
            col(SourceDayRow.fields),
            col(SourceDayRow.kept),
            col(SourceDayRow.removed),
        )
        .join(SourceRow, col(SourceRow.id) == col(SourceDayRow.source_id))
        .where(col(SourceDayRow.day) >= since, col(SourceDayRow.new) > 0)
    )
    articles: Counter[str] = Counter()
    present: defaultdict[str, Counter[str]] = defaultdict(Counter)
    kept_all = removed_all = 0
    for name, new, fields, kept, removed in rows:
        articles[name] += new
        present[name].update(fields)
        kept_all += kept
        removed_all += removed
    return Makeup(
        fields={
            (name, field): count / articles[name]
            for name, counts in present.items()
            for field, count in counts.items()
        },
        removed=removed_all / (kept_all + removed_all) if kept_all else None,
    )
