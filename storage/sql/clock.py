"""What a clock that ran ahead has left: times that no wait explains.

Every function takes the session of one transaction and does not commit.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from storage.sql.tables import HostRow, LinkRow, TurnRow

_SKEW = timedelta(minutes=1)
#: Longer than any rest that is owed to a host.
_LONGEST_REST = timedelta(hours=30)


def take_times_back(session: Session, now: datetime) -> int:
    """Make due what a clock ahead of this one put off; return how many links.

    Those are the links found or fetched later than now, and those of hosts that rest
    for longer than any host does. Else they would wait until then, maybe for years,
    and robots.txt and validators be taken for fresh as long. A host that was asked
    later than now has its rest from now on. Reads all links.
    """
    soon, rested = now + _SKEW, now + _LONGEST_REST
    _rest_from_now(session, soon, now)
    of_resting = col(LinkRow.host).in_(
        select(col(HostRow.key)).where(col(HostRow.free_at) > rested)
    )
    fetched = col(LinkRow.fetched_at) > soon
    put_off = session.exec(
        update(LinkRow)
        .where(
            fetched | (col(LinkRow.found_at) > soon) | of_resting,
            col(LinkRow.next_run) > now,
        )
        .values(next_run=now)
    )
    session.exec(update(LinkRow).where(fetched).values(fetched_at=now, full_at=None))
    for rows, column in (
        (HostRow, col(HostRow.free_at)),
        (TurnRow, col(TurnRow.free_at)),
    ):
        session.exec(update(rows).where(column > rested).values(free_at=now))
    for name in ("robots_at", "probe_at", "served_at"):
        read = col(getattr(HostRow, name)) > soon
        session.exec(update(HostRow).where(read).values({name: now}))
    return int(put_off.rowcount)


def _rest_from_now(session: Session, soon: datetime, now: datetime) -> None:
    """Have hosts that were asked later than `soon` rest from now, as long as then."""
    asked = dict(
        session.execute(
            select(col(LinkRow.host), func.max(col(LinkRow.fetched_at)))
            .where(col(LinkRow.fetched_at) > soon)
            .group_by(col(LinkRow.host))
        ).all()
    )
    last: defaultdict[str | None, datetime] = defaultdict(lambda: now)
    for host in session.scalars(select(HostRow).where(col(HostRow.free_at) > now)):
        at = asked.get(host.key)
        if at is None:
            continue
        host.free_at -= at - now
        for turn in (host.domain, host.address):
            last[turn] = max(last[turn], at)
    for row in session.scalars(select(TurnRow).where(col(TurnRow.free_at) > now)):
        row.free_at -= last[row.key] - now
    session.flush()
