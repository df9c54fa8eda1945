"""What sources brought each day, counted from the rows that came since the last count.

Every function takes the session of one transaction and does not commit. Rows are counted
once, in the order of their ids, and only those that are settled: a capture that is still to
be read holds up those behind it, for some hours. One that was left unread, as by a
takedown or a node that is gone, is passed over: nothing would be counted any more.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func
from sqlalchemy import select as sql_select
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import Session, col, select

from storage.model.link_kind import LinkKind, Way
from storage.model.link_state import LinkState
from storage.model.verdict import VerdictKind
from storage.source_day import FIELDS, HOURS, SourceDay, length_step
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    CountedRow,
    FingerprintRow,
    LinkRow,
    SourceDayRow,
    VersionRow,
)

#: So many rows of a kind are counted at once.
_AT_ONCE = 2_000
#: What was received so long ago and is unread is not being read.
_LEFT = timedelta(hours=6)
_WALLS = frozenset({401, 402, 403, 407, 429, 451})
_MISSING = frozenset({404, 410})
_ARTICLES = frozenset({VerdictKind.ARTICLE, VerdictKind.TEASER})
_REFUSALS = frozenset({VerdictKind.BOT_WALL, VerdictKind.CONSENT})
_UNWANTED = (LinkState.SCOPE, LinkState.TOO_OLD)
_SHAPES = ("hours", "fields", "lengths")
_PLAIN = [one.name for one in fields(SourceDay) if one.name not in {"day", *_SHAPES}]


@dataclass(slots=True)
class Counts:
    """What is to be added to one source's day."""

    plain: Counter[str] = field(default_factory=Counter)
    hours: Counter[int] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    lengths: Counter[int] = field(default_factory=Counter)


#: Up to which row was counted, and how many rows.
Counted = tuple[int, int]
#: By source and day.
Found = defaultdict[tuple[int, date], Counts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows counted at once.

    Attributes:
        since: Up to which row each kind had been counted, by kind.
        upto: Up to which it is now.
        found: What to add.
        is_full: Whether there may be more to count at once.
    """

    since: Mapping[str, int]
    upto: Mapping[str, int]
    found: Mapping[tuple[int, date], Counts]
    is_full: bool = False


def count_news(session: Session, after: datetime, now: datetime) -> Batch | None:
    """Count rows that were not counted; return None when there are none.

    Args:
        session: For reading.
        after: What is older is passed over.
        now: Current time, UTC.
    """
    since = {row.what: row.last_id for row in session.exec(select(CountedRow))}
    found: Found = defaultdict(Counts)
    counted = {
        "link": _count_links(session, since.get("link", 0), after, found),
        "capture": _count_captures(session, since.get("capture", 0), after, now, found),
        "version": _count_versions(session, since.get("version", 0), after, found),
    }
    upto = {name: last for name, (last, _) in counted.items()}
    if upto == {name: since.get(name, 0) for name in upto}:
        return None
    is_full = any(rows == _AT_ONCE for _, rows in counted.values())
    return Batch(since=since, upto=upto, found=found, is_full=is_full)


def add_counts(session: Session, batch: Batch) -> None:
    """Add what was counted to the days, unless somebody else has meanwhile."""
    rows = {what: session.get(CountedRow, what) for what in batch.upto}
    if any(
        (row.last_id if row else 0) != batch.since.get(what, 0)
        for what, row in rows.items()
    ):
        return
    for what, last in batch.upto.items():
        counted = rows[what] or CountedRow(what=what, last_id=0)
        counted.last_id = last
        session.add(counted)
    for (source, day), counts in batch.found.items():
        row = session.get(SourceDayRow, (source, day))
        session.add(_added(row or _empty(source, day), counts))
    session.flush()


def days_since(session: Session, first: date) -> dict[int, list[SourceDay]]:
    """Return the days of all sources from one on, oldest first, by source."""
    rows = (
        select(SourceDayRow)
        .where(col(SourceDayRow.day) >= first)
        .order_by(col(SourceDayRow.source_id), col(SourceDayRow.day))
    )
    found: dict[int, list[SourceDay]] = defaultdict(list)
    for row in session.exec(rows.execution_options(yield_per=500)):
        found[row.source_id].append(_day(row))
    return dict(found)


def days_of(session: Session, source: int, first: date, last: date) -> list[SourceDay]:
    """Return the days of one source between two, both included, oldest first."""
    rows = (
        select(SourceDayRow)
        .where(
            SourceDayRow.source_id == source,
            col(SourceDayRow.day) >= first,
            col(SourceDayRow.day) <= last,
        )
        .order_by(col(SourceDayRow.day))
    )
    return [_day(row) for row in session.exec(rows)]


def _count_links(session: Session, last: int, after: datetime, found: Found) -> Counted:
    end = _newest(session, col(LinkRow.id), last)
    rows = session.execute(
        sql_select(col(LinkRow.id), col(LinkRow.source_id), col(LinkRow.found_at))
        .where(
            col(LinkRow.id) > last,
            col(LinkRow.id) <= end,
            col(LinkRow.found_at) >= after,
            col(LinkRow.kind) == LinkKind.ARTICLE,
            col(LinkRow.source_id).is_not(None),
            col(LinkRow.state).not_in(_UNWANTED),
            col(LinkRow.ways) != Way.HAND,
        )
        .order_by(col(LinkRow.id))
        .limit(_AT_ONCE)
    ).all()
    for _, source, at in rows:
        found[source, _day_of(at)].plain["found"] += 1
    return _counted([row[0] for row in rows], end)


def _count_captures(
    session: Session, last: int, after: datetime, now: datetime, found: Found
) -> Counted:
    end = _newest(session, col(CaptureRow.id), last)
    unread = select(func.min(CaptureRow.id)).where(
        col(CaptureRow.extracted_at).is_(None),
        col(CaptureRow.fetched_at) > now - _LEFT,
    )
    first_unread = session.exec(unread).one()
    if first_unread is not None:
        end = max(min(end, first_unread - 1), last)
    rows = session.execute(
        sql_select(
            col(CaptureRow.id),
            col(LinkRow.source_id),
            col(CaptureRow.fetched_at),
            col(CaptureRow.status),
            col(CaptureRow.verdict),
        )
        .join(LinkRow, col(LinkRow.id) == col(CaptureRow.link_id))
        .where(
            col(CaptureRow.id) > last,
            col(CaptureRow.id) <= end,
            col(CaptureRow.fetched_at) >= after,
            col(CaptureRow.extracted_at).is_not(None),
            col(CaptureRow.rendered_from).is_(None),
            col(CaptureRow.imported_from).is_(None),
            (col(CaptureRow.status) < 300) | (col(CaptureRow.status) >= 400),
            col(LinkRow.kind) == LinkKind.ARTICLE,
            col(LinkRow.source_id).is_not(None),
        )
        .order_by(col(CaptureRow.id))
        .limit(_AT_ONCE)
    ).all()
    for _, source, at, status, verdict in rows:
        plain = found[source, _day_of(at)].plain
        plain["asked"] += 1
        plain[_what(status, verdict)] += 1
    return _counted([row[0] for row in rows], end)


def _what(status: int, verdict: str | None) -> str:
    """Return as what an answer counts."""
    if status in _WALLS or verdict in _REFUSALS:
        return "walls"
    if status in _MISSING or verdict == VerdictKind.SOFT_404:
        return "missing"
    if status >= 400 or verdict == VerdictKind.ERROR:
        return "broken"
    return "read" if verdict in _ARTICLES else ""


def _count_versions(
    session: Session, last: int, after: datetime, found: Found
) -> Counted:
    end = _newest(session, col(VersionRow.id), last)
    anchor = aliased(ArticleRow)
    rows = session.execute(
        sql_select(
            col(VersionRow.id),
            col(ArticleRow.source_id),
            col(VersionRow.captured_at),
            col(VersionRow.number),
            func.length(col(VersionRow.text)),
            col(VersionRow.document),
            _is_copy(anchor),
            col(LinkRow.ways) != Way.HAND,
        )
        .join(ArticleRow, col(ArticleRow.id) == col(VersionRow.article_id))
        .join(LinkRow, col(LinkRow.id) == col(ArticleRow.link_id))
        .outerjoin(CaptureRow, col(CaptureRow.id) == col(VersionRow.capture_id))
        .outerjoin(FingerprintRow, col(FingerprintRow.article_id) == col(ArticleRow.id))
        .outerjoin(anchor, col(anchor.id) == col(FingerprintRow.anchor_id))
        .where(
            col(VersionRow.id) > last,
            col(VersionRow.id) <= end,
            col(VersionRow.captured_at) >= after,
            col(ArticleRow.source_id).is_not(None),
            col(CaptureRow.imported_from).is_(None),
        )
        .order_by(col(VersionRow.id))
        .limit(_AT_ONCE)
    ).all()
    for _, source, at, number, length, document, is_copy, is_news in rows:
        counts = found[source, _day_of(at)]
        if number > 1:
            counts.plain["changed"] += 1
        elif is_news:
            _count_article(counts, at, length or 0, document)
            counts.plain["same"] += bool(is_copy)
    return _counted([row[0] for row in rows], end)


def _is_copy(anchor: type[ArticleRow]) -> ColumnElement[bool]:
    """Return the condition that an article has the text of another one of its source."""
    is_other = col(anchor.id) != col(ArticleRow.id)
    return and_(is_other, col(anchor.source_id) == col(ArticleRow.source_id))


def _count_article(
    counts: Counts, at: datetime, length: int, document: Mapping[str, Any]
) -> None:
    counts.plain["new"] += 1
    counts.hours[at.astimezone(UTC).hour] += 1
    counts.fields.update(name for name in FIELDS if document.get(name))
    counts.lengths[length_step(length)] += 1
    counts.plain["kept"] += length
    removed = document.get("removed") or ()
    counts.plain["removed"] += sum(len(one.get("text", "")) for one in removed)


def _counted(ids: Sequence[int], end: int) -> Counted:
    """Return up to which row is counted: the last of many, else to the end."""
    return ids[-1] if len(ids) == _AT_ONCE else end, len(ids)


def _newest(session: Session, identity: Mapped[int | None], least: int) -> int:
    """Return the newest row there is; asked first, for more come while rows are read."""
    return max(session.execute(sql_select(func.max(identity))).scalar() or 0, least)


def _day_of(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _empty(source: int, day: date) -> SourceDayRow:
    return SourceDayRow(
        source_id=source, day=day, hours=[0] * HOURS, fields={}, lengths={}
    )


def _added(row: SourceDayRow, counts: Counts) -> SourceDayRow:
    for name in _PLAIN:
        setattr(row, name, getattr(row, name) + counts.plain[name])
    row.hours = [n + counts.hours[hour] for hour, n in enumerate(row.hours)]
    row.fields = dict(Counter(row.fields) + counts.fields)
    lengths = Counter({str(step): n for step, n in counts.lengths.items()})
    row.lengths = dict(Counter(row.lengths) + lengths)
    return row


def _day(row: SourceDayRow) -> SourceDay:
    return SourceDay(
        day=row.day,
        hours=tuple(row.hours),
        fields=row.fields,
        lengths={int(step): n for step, n in row.lengths.items()},
        **{name: getattr(row, name) for name in _PLAIN},
    )
