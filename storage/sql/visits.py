"""Visits: who may ask a host for something, and when.

Every function takes the session of one transaction and does not commit. A
visit's commits call `hold` first, so a visit that was taken over writes nothing.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, and_, case, or_, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.errors import VisitLost
from storage.model import LinkKind, RobotsCopy, Ticket
from storage.sql.ledger import link_noun
from storage.sql.tables import ArticleRow, HostRow, LinkRow

#: What `serve --once` waits for a host that rests.
MOMENT = timedelta(seconds=30)
#: Kinds that are read for links, not for an article.
WATCHED_KINDS = (LinkKind.FEED, LinkKind.SITEMAP, LinkKind.SECTION)


def due_hosts(session: Session, now: datetime, limit: int) -> list[str]:
    """Return hosts that are free and have due links, longest due first."""
    first = (
        sql_select(col(LinkRow.next_run))
        .where(col(LinkRow.host) == HostRow.key, col(LinkRow.next_run) <= now)
        .order_by(col(LinkRow.next_run))
        .limit(1)
        .correlate(HostRow)
        .scalar_subquery()
    )
    # Once a host, by ix_link_due: the links that are not due are never looked at.
    free = (
        sql_select(col(HostRow.key), first.label("first"), col(HostRow.free_at))
        .where(_is_free(now))
        .subquery()
    )
    due = (
        sql_select(free.c.key)
        .where(free.c.first.is_not(None))
        .order_by(
            case((free.c.first > free.c.free_at, free.c.first), else_=free.c.free_at),
            free.c.first,
        )
        .limit(limit)
    )
    return list(session.execute(due).scalars())


def _is_free(now: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody is at a host and it had its rest."""
    visiting_until = col(HostRow.visiting_until)
    is_left = or_(visiting_until.is_(None), visiting_until <= now)
    return and_(col(HostRow.free_at) <= now, is_left)


def is_pending(session: Session, *, since: datetime, now: datetime) -> bool:
    """Tell whether a link is due that was so at a time, or was never attended.

    Hosts that rest for longer than a moment from now are left out.
    """
    due = (
        select(LinkRow.id)
        .join(HostRow, col(HostRow.key) == col(LinkRow.host))
        .where(col(LinkRow.next_run) <= now, col(HostRow.free_at) <= now + MOMENT)
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
        .where(col(HostRow.key) == host, _is_free(now))
        .values(fence=HostRow.fence + 1, visiting_until=until)
    )
    if not _changed(claimed):
        return None
    row = session.exec(select(HostRow).where(HostRow.key == host)).one()
    session.refresh(row)
    order = (col(LinkRow.kind).not_in(WATCHED_KINDS), col(LinkRow.next_run).desc())
    chosen = (  # before the join: a host may have very many due links
        select(LinkRow.id)
        .where(LinkRow.host == host, col(LinkRow.next_run) <= now)
        .order_by(*order)
        .limit(limit)
    )
    due = (
        select(LinkRow, ArticleRow.first_seen)
        .outerjoin(ArticleRow, col(ArticleRow.link_id) == col(LinkRow.id))
        .where(col(LinkRow.id).in_(chosen))
        .order_by(*order)
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
