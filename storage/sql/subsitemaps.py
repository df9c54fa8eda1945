"""The sitemaps that a source's indexes name, all at once.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Iterable

from sqlalchemy import text, update
from sqlmodel import Session, col, select

from storage.model.link import Standing, SubSitemap
from storage.model.link_state import LinkState
from storage.sql.tables import ACTIVE, LinkRow, SourceRow

#: An index may name an index, and each may have moved.
_MOST_BEFORE = 10
#: As the index `ix_link_sitemap` says it: a bound value would not match it.
_IS_SITEMAP = text("link.kind = 'sitemap'")


def sub_sitemaps(session: Session, source: int) -> list[SubSitemap]:
    """Return a source's sitemaps that are none of its entry points."""
    rows = session.exec(
        select(LinkRow).where(
            LinkRow.source_id == source, col(LinkRow.found_on).is_not(None), _IS_SITEMAP
        )
    )
    return [_noun(row) for row in rows]


def lists_before(session: Session, link: int) -> list[tuple[str, LinkState]]:
    """Return the URLs and states of the links by which one was found, nearest first."""
    found: list[tuple[str, LinkState]] = []
    row = session.get(LinkRow, link)
    while row is not None and row.found_on is not None and len(found) < _MOST_BEFORE:
        row = session.get(LinkRow, row.found_on)
        found += [(row.url, LinkState(row.state))] if row is not None else []
    return found


def place_all(session: Session, source: int, standings: Iterable[Standing]) -> None:
    """Write where sub-sitemaps stand now, unless their source was paused meanwhile."""
    if session.get_one(SourceRow, source).state != ACTIVE:
        return
    for now in standings:
        values = {
            "state": now.state,
            "reason": now.reason,
            "next_run": now.next_run,
            "failures": now.failures,
        }
        session.exec(update(LinkRow).where(col(LinkRow.id) == now.id).values(**values))


def _noun(row: LinkRow) -> SubSitemap:
    return SubSitemap(
        id=int(row.id or 0),
        key=row.key,
        index=row.found_on,
        state=LinkState(row.state),
        reason=row.reason,
        found_at=row.found_at,
        fetched_at=row.fetched_at,
        next_run=row.next_run,
        failures=row.failures,
        news=row.rhythm["news"] if row.rhythm else None,
    )
