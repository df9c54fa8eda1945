"""What came of a source's article links, and those that were left alone as a trap.

Every function takes the session of one transaction and does not commit.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, union_all, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.tables import ACTIVE, LinkRow, SourceRow, table_of

_LINKS = table_of(LinkRow)
_NEWEST = 2_000
_READ = (LinkState.ARCHIVED, LinkState.NOT_ARTICLE, LinkState.DUPLICATE)


def _newest(state: LinkState) -> Select[Any]:
    """Return the query of the newest in one state, by ix_link_state: no other is read."""
    of_state = and_(
        _LINKS.c.source_id == bindparam("source"),
        _LINKS.c.state == state,
        _LINKS.c.kind == LinkKind.ARTICLE,
    )
    if state is LinkState.DUPLICATE:
        of_state &= _LINKS.c.alias_of.is_not(None)
    names = ("id", "url", "state", "alias_of", "fetched_at")
    newest = (
        sql_select(*(_LINKS.c[name] for name in names))
        .where(of_state)
        .order_by(_LINKS.c.id.desc())
        .limit(_NEWEST)
        .subquery()
    )
    return sql_select(newest)


def _ends() -> Select[Any]:
    owner = _LINKS.alias()
    newest = union_all(*map(_newest, _READ)).subquery()
    brought = case(
        (owner.c.found_on == newest.c.id, owner.c.state), else_=newest.c.state
    )
    return (
        sql_select(newest.c.url, brought, newest.c.fetched_at)
        .outerjoin_from(newest, owner, owner.c.id == newest.c.alias_of)
        .order_by(newest.c.id.desc())
        .limit(_NEWEST)
    )


#: Put together once: that takes longer than to ask it.
_ENDS = _ends()


def newest_ends(
    session: Session, source: int
) -> list[tuple[str, LinkState, datetime | None]]:
    """Return what came of a source's article links, newest first, 2,000 at most.

    Each is a URL, its state and when it was fetched. Only those count that were
    read: a refusal or an error says nothing of what stands there. A link that led
    to an address nobody had named before stands as that one does.
    """
    session.flush()
    rows = session.connection().execute(_ENDS, {"source": source})
    return [(url, LinkState(state), fetched_at) for url, state, fetched_at in rows]


def release_trapped(session: Session, source: int, reason: str, now: datetime) -> int:
    """Make a source's newest trapped links due, 2,000 at most; return how many.

    Args:
        session: Of one transaction.
        source: Whose links.
        reason: How the reason begins for which they were left alone.
        now: Current time, UTC.
    """
    row = session.get(SourceRow, source)
    if row is None or row.state != ACTIVE:
        return 0
    newest = (
        sql_select(col(LinkRow.id))
        .where(
            col(LinkRow.source_id) == source,
            col(LinkRow.state) == LinkState.TRAP,
            col(LinkRow.reason).startswith(reason, autoescape=True),
        )
        .order_by(col(LinkRow.id).desc())
        .limit(_NEWEST)
    )
    released = update(LinkRow).where(col(LinkRow.id).in_(newest))
    due = released.values(state=LinkState.WAITING, reason="", next_run=now)
    return int(session.exec(due).rowcount)
