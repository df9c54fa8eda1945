"""The ledger: every URL seen, where it stands, and why.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from storage.model import Added, Link, LinkKind, LinkState, NewLink, Settlement
from storage.sql.tables import ACTIVE, ArticleRow, HostRow, LinkRow, SourceRow


def add_links(
    session: Session,
    found: Iterable[NewLink],
    *,
    source: int | None,
    found_on: int | None,
    now: datetime,
) -> Added:
    """Enter links into the ledger; those known stay as they are.

    A known article whose stated modification is later than its last fetch
    becomes due at once.
    """
    links = {link.key: link for link in found}
    known = _by_key(session, list(links))
    _add_hosts(session, {link.host for link in links.values()}, now)
    new = [link for key, link in links.items() if key not in known]
    session.add_all(
        LinkRow(
            source_id=source,
            host=link.host,
            url=link.url,
            key=link.key,
            kind=link.kind,
            state=link.state,
            reason=link.reason,
            found_on=found_on,
            found_at=now,
            title=link.title,
            published=link.published,
            next_run=link.next_run,
        )
        for link in new
    )
    session.flush()
    renewed = sum(_renew(row, links[key], now) for key, row in known.items())
    return Added(new=len(new), renewed=renewed)


def _renew(row: LinkRow, link: NewLink, now: datetime) -> bool:
    changed = (
        link.modified is not None
        and row.fetched_at is not None
        and row.fetched_at < link.modified <= now
        and row.state in {LinkState.ARCHIVED, LinkState.GONE}
        and (row.next_run is None or row.next_run > now)
    )
    if changed:
        row.next_run = now
    return changed


def _by_key(session: Session, keys: Sequence[str]) -> dict[str, LinkRow]:
    rows: dict[str, LinkRow] = {}
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        found = session.exec(select(LinkRow).where(col(LinkRow.key).in_(part)))
        rows.update((row.key, row) for row in found)
    return rows


def _add_hosts(session: Session, hosts: set[str], now: datetime) -> None:
    known = set(session.exec(select(HostRow.key).where(col(HostRow.key).in_(hosts))))
    session.add_all(HostRow(key=host, free_at=now) for host in hosts - known)
    session.flush()


def find_link(session: Session, key: str) -> LinkRow | None:
    """Return the ledger's row for a URL key."""
    return session.exec(select(LinkRow).where(LinkRow.key == key)).first()


def due_now(session: Session, link_id: int, now: datetime) -> None:
    """Make a link due at once."""
    session.exec(update(LinkRow).where(col(LinkRow.id) == link_id).values(next_run=now))


def note_robots(session: Session, link_id: int, line: str) -> None:
    """Note the line of robots.txt that decided about a link."""
    session.get_one(LinkRow, link_id).robots_line = line


def settle(session: Session, link_id: int, settlement: Settlement) -> None:
    """Write where a link stands, why, and when it runs again."""
    row = session.get_one(LinkRow, link_id)
    row.state = settlement.state
    row.reason = settlement.reason
    row.next_run = settlement.next_run if _is_watched(session, row) else None
    row.failures = settlement.failures
    row.attempts += 1
    if settlement.interval is not None:
        row.interval_s = settlement.interval.total_seconds()


def _is_watched(session: Session, row: LinkRow) -> bool:
    """Tell whether a link may run again: not while its source is paused."""
    if row.source_id is None:
        return True
    return session.get_one(SourceRow, row.source_id).state == ACTIVE


def links_found_since(session: Session, source: int, since: datetime) -> int:
    """Count the article links a source brought since a time."""
    count = select(func.count()).where(
        LinkRow.source_id == source,
        LinkRow.kind == LinkKind.ARTICLE,
        col(LinkRow.found_at) >= since,
    )
    return session.exec(count).one()


def list_links(
    session: Session,
    *,
    source: int | None = None,
    state: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[LinkRow]:
    """Return links newest first, for the ledger's readers."""
    query = select(LinkRow).order_by(col(LinkRow.id).desc()).limit(limit)
    if source is not None:
        query = query.where(LinkRow.source_id == source)
    if state is not None:
        query = query.where(LinkRow.state == state)
    if before is not None:
        query = query.where(col(LinkRow.id) < before)
    return list(session.exec(query))


def link_of(session: Session, link_id: int) -> Link:
    """Return a link as a visit needs to know it."""
    row = session.get_one(LinkRow, link_id)
    seen = session.exec(
        select(ArticleRow.first_seen).where(ArticleRow.link_id == link_id)
    ).first()
    return link_noun(row, seen)


def link_noun(row: LinkRow, first_seen: datetime | None) -> Link:
    """Return a row as the link a visit knows."""
    return Link(
        id=int(row.id or 0),
        source=row.source_id,
        host=row.host,
        url=row.url,
        key=row.key,
        kind=LinkKind(row.kind),
        state=LinkState(row.state),
        found_at=row.found_at,
        first_seen=first_seen or row.found_at,
        archived=first_seen is not None,
        title=row.title,
        published=row.published,
        interval=(
            None if row.interval_s is None else timedelta(seconds=row.interval_s)
        ),
        failures=row.failures,
        etag=row.etag,
        last_modified=row.last_modified,
        full_at=row.full_at,
        fetched_at=row.fetched_at,
    )
