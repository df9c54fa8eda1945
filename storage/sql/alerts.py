"""Alerts as rows.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, case, func, literal, tuple_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.alerts import Alert, AlertKind, AlertState, Loss
from storage.model.link_kind import Way
from storage.sql.tables import AlertRow, ArticleRow, CaptureRow, LinkRow, SourceRow

#: Of a source whose newest article was asked for, so many are looked at for its news.
_LATELY = 1_000
_LAST_OPENED = (col(AlertRow.opened_at).desc(), col(AlertRow.id).desc())


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAlert:
    """An alert with its id, and the name of its source; None for ours."""

    id: int
    name: str | None
    alert: Alert


def standing_alerts(session: Session) -> dict[int, Alert]:
    """Return the alerts that are suspected or open, by id."""
    rows = session.exec(select(AlertRow).where(col(AlertRow.closed_at).is_(None)))
    return {int(row.id or 0): _alert(row) for row in rows}


def outages_since(session: Session, since: datetime) -> list[Alert]:
    """Return the alerts of ours that were open at a time or later."""
    ours = select(AlertRow).where(
        AlertRow.loss == Loss.OURS,
        col(AlertRow.closed_at).is_(None) | (col(AlertRow.closed_at) >= since),
    )
    return [_alert(row) for row in session.exec(ours)]


def told_since(session: Session, since: datetime) -> list[datetime]:
    """Return when alerts were told, from a time on."""
    opened = select(AlertRow.opened_at).where(
        col(AlertRow.opened_at) >= since, col(AlertRow.is_told)
    )
    return [at for at in session.exec(opened) if at is not None]


def put_alerts(
    session: Session, before: dict[int, Alert], now: Iterable[Alert]
) -> None:
    """Write how alerts stand; a suspicion that is no more is dropped.

    Args:
        session: Of one transaction.
        before: Those that stood, by id.
        now: Those that stand, and those that close.
    """
    ids = {(one.source, one.loss): number for number, one in before.items()}
    for alert in now:
        number = ids.pop((alert.source, alert.loss), None)
        if number is not None and before[number] == alert:
            continue
        row = session.get(AlertRow, number) if number is not None else None
        row = row or AlertRow(
            source_id=alert.source, loss=alert.loss, why="", bad_since=alert.bad_since
        )
        for name, value in asdict(alert).items():
            if name != "source":
                setattr(row, name, value)
        session.add(row)
    for number in ids.values():
        session.delete(session.get_one(AlertRow, number))
    session.flush()


def alerts_since(session: Session, since: datetime) -> list[NamedAlert]:
    """Return the alerts that are open, or were so at a time or later."""
    closed = col(AlertRow.closed_at)
    query = (
        select(AlertRow, SourceRow.name)
        .outerjoin(SourceRow, col(SourceRow.id) == col(AlertRow.source_id))
        .where(col(AlertRow.opened_at).is_not(None))
        .where(closed.is_(None) | (closed >= since))
        .order_by(col(AlertRow.lost).desc(), col(AlertRow.id))
    )
    return [
        NamedAlert(id=int(row.id or 0), name=name, alert=_alert(row))
        for row, name in session.execute(query)
    ]


def list_alerts(
    session: Session,
    *,
    state: AlertState | None = None,
    before: int | None = None,
    limit: int | None = 100,
) -> list[NamedAlert]:
    """Return alerts, those last opened first; suspicions are none.

    Args:
        session: For reading.
        state: Only those in this state.
        before: The last one, by id, of the page before.
        limit: Most of them; None is all.
    """
    place = tuple_(col(AlertRow.opened_at), col(AlertRow.id))
    query = _named(state).order_by(*_LAST_OPENED).limit(limit)
    if before is not None:
        last = select(AlertRow.opened_at).where(AlertRow.id == before)
        query = query.where(place < tuple_(last.scalar_subquery(), literal(before)))
    return _listed(session, query)


def worst_alerts(
    session: Session, *, state: AlertState | None = None, limit: int = 100
) -> list[NamedAlert]:
    """Return alerts: the open ones that lose most first, then those last over.

    Args:
        session: For reading.
        state: Only those in this state.
        limit: Most of them.
    """
    is_over = col(AlertRow.closed_at).is_not(None)
    loss = case((is_over, 0.0), else_=col(AlertRow.lost))
    query = _named(state).order_by(is_over, loss.desc(), *_LAST_OPENED).limit(limit)
    return _listed(session, query)


def _named(state: AlertState | None) -> Select[AlertRow, str]:
    return (
        select(AlertRow, SourceRow.name)
        .outerjoin(SourceRow, col(SourceRow.id) == col(AlertRow.source_id))
        .where(col(AlertRow.opened_at).is_not(None), *_in_state(state))
    )


def _listed(session: Session, query: Select[AlertRow, str]) -> list[NamedAlert]:
    return [
        NamedAlert(id=int(row.id or 0), name=name, alert=_alert(row))
        for row, name in session.execute(query)
    ]


def _in_state(state: AlertState | None) -> list[ColumnElement[bool]]:
    closed = col(AlertRow.closed_at)
    match state:
        case None:
            return []
        case AlertState.OPEN:
            return [closed.is_(None)]
        case AlertState.OVER:
            return [closed.is_not(None)]


def _alert(row: AlertRow) -> Alert:
    return Alert(
        source=row.source_id,
        loss=Loss(row.loss),
        kind=AlertKind(row.kind) if row.kind else None,
        why=row.why,
        bad_since=row.bad_since,
        opened_at=row.opened_at,
        fine_since=row.fine_since,
        closed_at=row.closed_at,
        is_told=row.is_told,
        lost=row.lost,
    )


def last_news(session: Session) -> dict[int, datetime]:
    """Return when the newest article of each source was first archived.

    What somebody asked for, or imported, is no news: a source that went silent would
    seem alive by it.
    """
    newest = (
        select(func.max(ArticleRow.id))
        .where(col(ArticleRow.source_id).is_not(None))
        .group_by(col(ArticleRow.source_id))
    )
    rows = (
        select(ArticleRow.source_id, ArticleRow.first_seen, LinkRow.ways)
        .join(LinkRow, col(LinkRow.id) == col(ArticleRow.link_id))
        .where(col(ArticleRow.id).in_(newest))
    )
    return {
        source: (ways == Way.HAND and _last_named(session, source)) or at
        for source, at, ways in session.exec(rows).all()
        if source is not None
    }


def _last_named(session: Session, source: int) -> datetime | None:
    """Return when the newest article that a list named came, of a source's last ones."""
    lately = (
        sql_select(
            col(ArticleRow.link_id), col(ArticleRow.first_seen), col(ArticleRow.id)
        )
        .where(col(ArticleRow.source_id) == source)
        .order_by(col(ArticleRow.id).desc())
        .limit(_LATELY)
        .subquery()
    )
    named = (
        sql_select(lately.c.first_seen)
        .join(LinkRow, col(LinkRow.id) == lately.c.link_id)
        .where(col(LinkRow.ways) != Way.HAND)
        .order_by(lately.c.id.desc())
        .limit(1)
    )
    at: datetime | None = session.execute(named).scalar()
    return at


def last_capture(session: Session, before: datetime) -> datetime | None:
    """Return when something was last received before a time, by whoever."""
    received = select(func.max(CaptureRow.fetched_at)).where(
        col(CaptureRow.fetched_at) < before
    )
    return session.exec(received).one()
