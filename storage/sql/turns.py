"""Turns: what a domain or an address is owed, whichever of its hosts is visited.

A visit of a host holds the turn of the host's registrable domain and that of the
address it is served from, so names of one owner, and small sites on one server,
are visited one after the other with the pause between. Nobody waits for a turn
while holding another: a visit that does not get all of its turns gets none.

A name that very many share is a platform's, and no small server stands behind it:
its turn is parted into lanes, each for as many as a whole turn else has.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from zlib import crc32

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    or_,
    update,
)
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from storage.sql.tables import HostRow, TurnRow, table_of

#: Hosts that share the turn of their domain; news groups have fewer, platforms more.
HOSTS_OF_DOMAIN = 64
#: Domains that share the turn of their address.
DOMAINS_AT_ADDRESS = 8
_LANE = "/"
_TURNS = table_of(TurnRow)
_PROLONG = (
    update(_TURNS)
    .where(_TURNS.c.host == bindparam("held_by"))
    .values(until=bindparam("to"))
)


def domain_turn(session: Session, domain: str, host: str) -> str:
    """Return the key of a host's turn at its registrable domain."""
    hosts = select(func.count()).where(_begins(col(HostRow.domain), domain))
    return _lane(domain, host, session.exec(hosts).one(), HOSTS_OF_DOMAIN)


def address_turn(session: Session, address: str, domain: str) -> str:
    """Return the key of a domain's turn at the address it is served from."""
    domains = select(func.count(func.distinct(HostRow.domain))).where(
        _begins(col(HostRow.address), address)
    )
    return _lane(address, domain, session.exec(domains).one(), DOMAINS_AT_ADDRESS)


def take_turns(
    session: Session,
    keys: Iterable[str],
    *,
    host: str,
    now: datetime,
    until: datetime,
    guest_of: Collection[str] = (),
) -> bool:
    """Take all of these turns for a host's visit, or none of them.

    Args:
        session: Of one transaction.
        keys: Of the turns.
        host: Whose visit it is.
        now: Current time, UTC.
        until: When they may be taken over from a visit that died.
        guest_of: Hosts whose visits this one serves; what those hold is ours.
    """
    rows = []
    for key in keys:
        row = session.get(TurnRow, key, with_for_update=True)
        row = row or TurnRow(key=key, free_at=now)
        if row.host in guest_of:
            continue
        if row.free_at > now or _is_held(row, now, host):
            return False
        rows.append(row)
    for row in rows:
        row.host, row.until = host, until
        session.add(row)
    session.flush()
    return True


def prolong_turns(session: Session, host: str, until: datetime) -> int:
    """Hold a visit's turns for longer; return how many it has still."""
    held = {"held_by": host, "to": until}
    return session.connection().execute(_PROLONG, held).rowcount


def leave_turns(
    session: Session, host: str, next_turns: Mapping[str, datetime]
) -> None:
    """Give a visit's turns back; none begins anew before the time given here."""
    held = select(TurnRow).where(TurnRow.host == host)
    for row in session.exec(held.execution_options(populate_existing=True)):
        row.host = row.until = None
        row.free_at = max(row.free_at, next_turns.get(row.key, row.free_at))
    session.flush()


def forget_turns(session: Session, hosts: Select[str], free_at: datetime) -> None:
    """Give back the turns of visits to some hosts, whose process died."""
    held = update(TurnRow).where(col(TurnRow.host).in_(hosts))
    known = col(TurnRow.free_at)
    later = case((known > free_at, known), else_=free_at)
    session.exec(held.values(host=None, until=None, free_at=later))


def is_taken(now: datetime) -> ColumnElement[bool]:
    """Return the condition that another visit has a turn a HostRow needs."""
    return exists().where(_is_of_host(), col(TurnRow.until) > now)


def is_resting(now: datetime) -> ColumnElement[bool]:
    """Return the condition that the next turn a HostRow needs is after `now`."""
    return exists().where(_is_of_host(), col(TurnRow.free_at) > now)


def _is_of_host() -> ColumnElement[bool]:
    return col(TurnRow.key).in_((HostRow.domain, HostRow.address))


def _is_held(row: TurnRow, now: datetime, host: str) -> bool:
    by_other = row.host is not None and row.host != host
    return by_other and row.until is not None and row.until > now


def _begins(column: Mapped[str | None], name: str) -> ColumnElement[bool]:
    """Return the condition that a key is of a name, with or without a lane."""
    after = chr(ord(_LANE) + 1)
    lanes = and_(column >= f"{name}{_LANE}", column < f"{name}{after}")
    return or_(column == name, lanes)


def _lane(name: str, member: str, members: int, room: int) -> str:
    lanes = -(-members // room)
    return name if lanes <= 1 else f"{name}{_LANE}{crc32(member.encode()) % lanes}"
