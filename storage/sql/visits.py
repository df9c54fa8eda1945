"""Visits: who may ask a host for something, and when.

Every function takes the session of one transaction and does not commit. A
visit's commits call `hold` first, so a visit that was taken over writes nothing.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, bindparam, case, or_, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.errors import VisitLost
from storage.looks import NO_LOOKS
from storage.model.link import Link
from storage.model.link_kind import WATCHED_KINDS, LinkKind
from storage.model.link_state import LinkState
from storage.model.verdict import VerdictKind
from storage.model.visit import Probe, RobotsCopy, Ticket
from storage.sql.ledger import add_hosts, link_noun, link_of
from storage.sql.looks import tallies_of
from storage.sql.nodes import node_of
from storage.sql.subscriptions import subscriptions_of
from storage.sql.tables import ArticleRow, HostRow, LinkRow, TurnRow, table_of
from storage.sql.turns import (
    address_turn,
    domain_turn,
    forget_turns,
    is_resting,
    is_taken,
    leave_turns,
    prolong_turns,
    take_turns,
)

#: What `serve --once` waits for a host that rests.
MOMENT = timedelta(seconds=30)
#: So many due links are looked up one by one.
_FEW = 500
#: States in which an article was read before: it is only looked at again.
LOOKED_AT = (LinkState.ARCHIVED, LinkState.GONE)
_HOSTS = table_of(HostRow)
_HOLD = (
    update(_HOSTS)
    .where(_HOSTS.c.key == bindparam("host"), _HOSTS.c.fence == bindparam("held"))
    .values(visiting_until=bindparam("to"))
)


def due_hosts(
    session: Session, now: datetime, limit: int, *, closed: Collection[int] = ()
) -> list[str]:
    """Return hosts that are free and have due links, longest due first.

    Links of a source that is `closed`, by id, are not due.
    """
    few = _hosts_of_few(session, is_due(now, closed))
    if few is not None and not few:
        return []
    first = (
        sql_select(col(LinkRow.next_run))
        .where(col(LinkRow.host) == HostRow.key, is_due(now, closed))
        .order_by(col(LinkRow.next_run))
        .limit(1)
        .correlate(HostRow)
        .scalar_subquery()
    )
    # Once a host, by ix_link_due: the links that are not due are never looked at.
    named = [] if few is None else [col(HostRow.key).in_(few)]
    free = (
        sql_select(col(HostRow.key), first.label("first"), col(HostRow.free_at))
        .where(_is_free(now), ~is_resting(now), ~is_taken(now), *named)
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


def _hosts_of_few(session: Session, due: ColumnElement[bool]) -> set[str] | None:
    """Return the hosts with due links, or None when there are more than a few links.

    Few are due in most seconds: then the others' hosts need not be looked at.
    """
    rows = session.execute(sql_select(col(LinkRow.host)).where(due).limit(_FEW + 1))
    hosts = list(rows.scalars())
    return set(hosts) if len(hosts) <= _FEW else None


def is_due(now: datetime, closed: Collection[int]) -> ColumnElement[bool]:
    """Return the condition that a link is due, and its source may be asked."""
    due = col(LinkRow.next_run) <= now
    if not closed:
        return due
    source = col(LinkRow.source_id)
    return and_(due, or_(source.is_(None), source.not_in(closed)))


def _is_free(now: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody is at a host and it had its rest."""
    visiting_until = col(HostRow.visiting_until)
    is_left = or_(visiting_until.is_(None), visiting_until <= now)
    return and_(col(HostRow.free_at) <= now, is_left)


def is_pending(
    session: Session, *, since: datetime, now: datetime, closed: Collection[int] = ()
) -> bool:
    """Tell whether a link is due that was so at a time, or was never attended.

    Hosts that rest for longer than a moment from now are left out.
    """
    soon = now + MOMENT
    due = (
        select(LinkRow.id)
        .join(HostRow, col(HostRow.key) == col(LinkRow.host))
        .where(is_due(now, closed), col(HostRow.free_at) <= soon)
        .where(or_(col(LinkRow.next_run) <= since, col(LinkRow.attempts) == 0))
        .where(~is_resting(soon))
        .limit(1)
    )
    return session.exec(due).first() is not None


def open_visit(  # noqa: PLR0913 - each is a fact about the visit
    session: Session,
    host: str,
    *,
    now: datetime,
    until: datetime,
    limit: int,
    domain_of: Callable[[str], str] = str,
    guest_of: Collection[str] = (),
    closed: Collection[int] = (),
) -> Ticket | None:
    """Claim a host and its due links, or return None when it is not its turn.

    Watched links come first (they are few and bring the news), then articles
    from the newest found to the oldest, then those that were read before; images
    and styles come last.

    Args:
        session: Of one transaction.
        host: Whom to visit.
        now: Current time, UTC.
        until: When the visit may be taken over if it makes no commit.
        limit: Most links.
        domain_of: Returns the registrable domain of a host.
        guest_of: Hosts whose visits this one serves.
        closed: Sources that may not be asked now; their links are not due.
    """
    row = session.get(HostRow, host, with_for_update=True, populate_existing=True)
    if row is None or not _is_left(row, now):
        return None
    row.domain = domain_turn(session, domain_of(host), host)
    turns = tuple(dict.fromkeys((row.domain, row.address or row.domain)))
    if not take_turns(
        session, turns, host=host, now=now, until=until, guest_of=guest_of
    ):
        return None
    row.fence += 1
    row.visiting_until, row.visitor = until, node_of(session)
    session.flush()
    return Ticket(
        host=host,
        turns=turns,
        fence=row.fence,
        links=_due_links(session, host, is_due(now, closed), limit),
        robots=_robots(row),
        response_ms=row.response_ms,
        failures=row.failures,
        probe=_probe(row),
    )


def _is_left(row: HostRow, now: datetime) -> bool:
    is_visited = row.visiting_until is not None and row.visiting_until > now
    return row.free_at <= now and not is_visited


def _due_links(
    session: Session, host: str, due: ColumnElement[bool], limit: int
) -> tuple[Link, ...]:
    order = (
        col(LinkRow.kind).not_in(WATCHED_KINDS),
        col(LinkRow.kind) == LinkKind.ASSET,
        col(LinkRow.state).in_(LOOKED_AT),
        col(LinkRow.next_run).desc(),
    )
    chosen = (  # before the join: a host may have very many due links
        select(LinkRow.id)
        .where(LinkRow.host == host, due)
        .order_by(*order)
        .limit(limit)
    )
    rows = (
        select(LinkRow, ArticleRow.first_seen)
        .outerjoin(ArticleRow, col(ArticleRow.link_id) == col(LinkRow.id))
        .where(col(LinkRow.id).in_(chosen))
        .order_by(*order)
    )
    found = session.exec(rows).all()
    sources = {link.source_id for link, _ in found if link.source_id is not None}
    tallies = tallies_of(session, sources)
    feeds = [int(link.id or 0) for link, _ in found if link.kind == LinkKind.FEED]
    pushes = subscriptions_of(session, feeds)
    return tuple(
        link_noun(
            link,
            seen,
            tallies.get(link.source_id or 0, NO_LOOKS),
            pushes.get(int(link.id or 0)),
        )
        for link, seen in found
    )


def open_visit_for(
    session: Session,
    link_id: int,
    *,
    now: datetime,
    until: datetime,
    domain_of: Callable[[str], str] = str,
) -> Ticket | None:
    """Claim the host of one link for that link alone, whenever it is due."""
    link = session.get_one(LinkRow, link_id)
    ticket = open_visit(
        session, link.host, now=now, until=until, limit=0, domain_of=domain_of
    )
    if ticket is None:
        return None
    return replace(ticket, links=(link_of(session, link_id),))


def arrive(
    session: Session,
    ticket: Ticket,
    address: str,
    *,
    now: datetime,
    until: datetime,
    guest_of: Collection[str] = (),
) -> Ticket | None:
    """Take the turn at the address a host was found at; None when another has it.

    The host remembers its address, so that its next visit waits for that turn.
    `guest_of` are hosts whose visits this one serves.
    """
    row = session.get_one(HostRow, ticket.host)
    key = address_turn(session, address, row.domain or ticket.host)
    row.address = key
    session.flush()
    if key in ticket.turns:
        return ticket
    if not take_turns(
        session, (key,), host=ticket.host, now=now, until=until, guest_of=guest_of
    ):
        return None
    return replace(ticket, turns=(*ticket.turns, key))


def rests_until(session: Session, host: str) -> datetime:
    """Return when a host and the turns it needs have had the rest they are owed."""
    row = session.get_one(HostRow, host)
    turns = (session.get(TurnRow, key) for key in {row.domain, row.address} if key)
    return max([row.free_at, *(turn.free_at for turn in turns if turn)])


def resting(
    session: Session, hosts: Collection[str], now: datetime
) -> dict[str, datetime]:
    """Return those of some hosts that rest, and until when."""
    rests = select(HostRow.key, HostRow.free_at).where(
        col(HostRow.key).in_(hosts), col(HostRow.free_at) > now
    )
    return dict(session.exec(rests).all())


def look_in(
    session: Session, host: str, now: datetime
) -> tuple[bool, RobotsCopy | None]:
    """Tell whether a host may be asked by a visit at its domain; and its robots.txt."""
    add_hosts(session, {host}, now)
    row = session.get_one(HostRow, host)
    return _is_left(row, now), _robots(row)


def hold(session: Session, ticket: Ticket, until: datetime) -> None:
    """Prolong a visit, or raise VisitLost when it was taken over."""
    held = session.connection().execute(
        _HOLD, {"host": ticket.host, "held": ticket.fence, "to": until}
    )
    turns = prolong_turns(session, ticket.host, until)
    if not held.rowcount or turns < len(ticket.turns):
        raise VisitLost(ticket.host, ticket.fence)


def close_visit(
    session: Session,
    ticket: Ticket,
    *,
    free_at: datetime,
    next_turns: Mapping[str, datetime],
    response_ms: float | None,
    failures: int,
) -> None:
    """End a visit: nobody asks this host for anything before `free_at`.

    `next_turns` says when others of its domain or at its address may be asked.
    """
    closed = session.exec(
        update(HostRow)
        .where(col(HostRow.key) == ticket.host, col(HostRow.fence) == ticket.fence)
        .values(
            visiting_until=None,
            free_at=free_at,
            response_ms=response_ms,
            failures=failures,
        )
    )
    if closed.rowcount:
        leave_turns(session, ticket.host, next_turns)


def forget_visits(session: Session, free_at: datetime) -> int:
    """Release the hosts of a node's visits, at the start of its only process.

    When the process that died asked them last is not known, so nobody asks them, or
    others at their domains and addresses, before `free_at`.
    """
    is_its = (
        col(HostRow.visiting_until).is_not(None),
        col(HostRow.visitor) == node_of(session),
    )
    forget_turns(session, sql_select(col(HostRow.key)).where(*is_its), free_at)
    released = session.exec(
        update(HostRow)
        .where(*is_its)
        .values(visiting_until=None, fence=HostRow.fence + 1, free_at=_later(free_at))
    )
    return released.rowcount


def _later(free_at: datetime) -> ColumnElement[datetime]:
    known = col(HostRow.free_at)
    return case((known > free_at, known), else_=free_at)


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


def save_probe(session: Session, host: str, probe: Probe) -> None:
    """Keep what a host answered to an address that cannot exist."""
    session.exec(
        update(HostRow)
        .where(col(HostRow.key) == host)
        .values(
            probe_url=probe.url,
            probe_status=probe.status,
            probe_verdict=probe.verdict,
            probe_text=probe.text,
            probe_at=probe.at,
        )
    )


def _probe(row: HostRow) -> Probe | None:
    if row.probe_at is None or row.probe_url is None:
        return None
    return Probe(
        url=row.probe_url,
        status=row.probe_status,
        verdict=VerdictKind(row.probe_verdict) if row.probe_verdict else None,
        text=row.probe_text or "",
        at=row.probe_at,
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
