"""When hosts last served an article, and what was given up while they served none.

A wall, an outage or a robots.txt by mistake may last for days. What a list named
meanwhile has used up its tries by then, and no list may name it again.

Every function takes the session of one transaction and does not commit.
"""

from datetime import datetime, timedelta

from sqlalchemy import exists, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.tables import ACTIVE, ArticleRow, HostRow, LinkRow, SourceRow

#: No link is given up sooner than this after it was found.
_GIVEN_UP_AFTER = timedelta(hours=18)
#: What was named so long before the host's last article may have waited for its turn.
_WAITED = timedelta(days=1)
#: A story is not asked for later than this after it was named.
_OLDEST = timedelta(days=30)
_MOST = 2_000
_GIVEN_UP = (LinkState.GONE, LinkState.ERROR, LinkState.BLOCKED, LinkState.ROBOTS)


def note_served(session: Session, host: str, now: datetime) -> int:
    """Note that a host serves a new article; ask again for what it did not serve before.

    That are the links that were found since its last article and given up, of
    active sources, the 2,000 newest at most. Each then has all its tries anew.

    Returns:
        How many links are due by it.
    """
    row = session.get_one(HostRow, host)
    before, row.served_at = row.served_at, now
    session.flush()
    if before is None or now - before < _GIVEN_UP_AFTER:
        return 0
    links = (
        sql_select(col(LinkRow.id))
        .join(SourceRow, col(SourceRow.id) == col(LinkRow.source_id))
        .where(
            col(LinkRow.host) == host,
            col(LinkRow.next_run).is_(None),
            col(LinkRow.kind) == LinkKind.ARTICLE,
            col(LinkRow.state).in_(_GIVEN_UP),
            col(LinkRow.found_at) >= max(before - _WAITED, now - _OLDEST),
            col(LinkRow.withheld).is_(None),
            col(SourceRow.state) == ACTIVE,
            ~exists().where(col(ArticleRow.link_id) == col(LinkRow.id)),
        )
        .order_by(col(LinkRow.id).desc())
        .limit(_MOST)
    )
    due = update(LinkRow).where(col(LinkRow.id).in_(links))
    return int(session.exec(due.values(next_run=now, failures=0.0)).rowcount)
