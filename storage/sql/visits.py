"""Visits: who may ask a host for something, and when.

Every function takes the session of one transaction and does not commit. A
visit's commits call `hold` first, so a visit that was taken over writes nothing.
"""

from datetime import datetime

from sqlalchemy import CursorResult, func, or_, update
from sqlmodel import Session, col, select

from storage.errors import VisitLost
from storage.model import LinkKind, RobotsCopy, Ticket
from storage.sql.ledger import link_noun
from storage.sql.tables import ArticleRow, HostRow, LinkRow

#: Kinds that are read for links, not for an article.
WATCHED_KINDS = (LinkKind.FEED, LinkKind.SITEMAP, LinkKind.SECTION)


def due_hosts(session: Session, now: datetime, limit: int) -> list[str]:
    """Return hosts that are free and have due links, longest due first."""
    due = (
        select(LinkRow.host)
        .join(HostRow, col(HostRow.key) == col(LinkRow.host))
        .where(col(LinkRow.next_run) <= now, col(HostRow.free_at) <= now)
        .where(
            or_(
                col(HostRow.visiting_until).is_(None),
                col(HostRow.visiting_until) <= now,
            )
        )
        .group_by(col(LinkRow.host))
        .order_by(func.min(LinkRow.next_run))
        .limit(limit)
    )
    return list(session.exec(due))


def is_pending(session: Session, *, since: datetime, now: datetime) -> bool:
    """Tell whether a link is due that was so at a time, or was never attended."""
    due = (
        select(LinkRow.id)
        .where(col(LinkRow.next_run) <= now)
        .where(or_(col(LinkRow.next_run) <= since, col(LinkRow.attempts) == 0))
        .limit(1)
    )
    return session.exec(due).first() is not None


def open_visit(
    session: Session, host: str, *, now: datetime, until: datetime, limit: int
) -> Ticket | None:
    """Claim a host and its due links, or return None when another visit has it.

    Watched links come first (they are few and bring the news), then articles
    from the newest found to the oldest.
    """
    claimed = session.exec(
        update(HostRow)
        .where(col(HostRow.key) == host, col(HostRow.free_at) <= now)
        .where(
            or_(
                col(HostRow.visiting_until).is_(None),
                col(HostRow.visiting_until) <= now,
            )
        )
        .values(fence=HostRow.fence + 1, visiting_until=until)
    )
    if not _changed(claimed):
        return None
    row = session.exec(select(HostRow).where(HostRow.key == host)).one()
    session.refresh(row)
    due = (
        select(LinkRow, ArticleRow.first_seen)
        .outerjoin(ArticleRow, col(ArticleRow.link_id) == col(LinkRow.id))
        .where(LinkRow.host == host, col(LinkRow.next_run) <= now)
        .order_by(col(LinkRow.kind).not_in(WATCHED_KINDS), col(LinkRow.next_run).desc())
        .limit(limit)
    )
    links = tuple(link_noun(link, seen) for link, seen in session.exec(due))
    return Ticket(
        host=host,
        fence=row.fence,
        links=links,
        robots=_robots(row),
        response_ms=row.response_ms,
        failures=row.failures,
    )


def open_visit_for(
    session: Session, link_id: int, *, now: datetime, until: datetime
) -> Ticket | None:
    """Claim the host of one link for that link alone, whenever it is due."""
    link = session.get_one(LinkRow, link_id)
    ticket = open_visit(session, link.host, now=now, until=until, limit=0)
    if ticket is None:
        return None
    article = session.exec(select(ArticleRow).where(ArticleRow.link_id == link_id))
    found = article.first()
    return Ticket(
        host=ticket.host,
        fence=ticket.fence,
        links=(link_noun(link, found.first_seen if found else None),),
        robots=ticket.robots,
        response_ms=ticket.response_ms,
        failures=ticket.failures,
    )


def hold(session: Session, ticket: Ticket, until: datetime) -> None:
    """Prolong a visit, or raise VisitLost when it was taken over."""
    held = session.exec(
        update(HostRow)
        .where(col(HostRow.key) == ticket.host, col(HostRow.fence) == ticket.fence)
        .values(visiting_until=until)
    )
    if not _changed(held):
        raise VisitLost(ticket.host, ticket.fence)


def close_visit(
    session: Session,
    ticket: Ticket,
    *,
    free_at: datetime,
    response_ms: float | None,
    failures: int,
) -> None:
    """End a visit: nobody asks this host for anything before `free_at`."""
    session.exec(
        update(HostRow)
        .where(col(HostRow.key) == ticket.host, col(HostRow.fence) == ticket.fence)
        .values(
            visiting_until=None,
            free_at=free_at,
            response_ms=response_ms,
            failures=failures,
        )
    )


def forget_visits(session: Session) -> int:
    """Release every host, at the start of the only process there is."""
    released = session.exec(
        update(HostRow)
        .where(col(HostRow.visiting_until).is_not(None))
        .values(visiting_until=None, fence=HostRow.fence + 1)
    )
    return _changed(released)


def save_robots(session: Session, host: str, copy: RobotsCopy) -> None:
    """Keep robots.txt of a host as it was last received."""
    session.exec(
        update(HostRow)
        .where(col(HostRow.key) == host)
        .values(
            robots_url=copy.url,
            robots_status=copy.status,
            robots_body=copy.body,
            robots_at=copy.read_at,
        )
    )


def _robots(row: HostRow) -> RobotsCopy | None:
    if row.robots_at is None or row.robots_url is None:
        return None
    return RobotsCopy(
        url=row.robots_url,
        status=row.robots_status,
        body=row.robots_body or b"",
        read_at=row.robots_at,
    )


def _changed(result: object) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
