"""Sources as rows: what config.yaml lists, and what was added by command.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, text, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.model import WATCHED_KINDS, LinkKind, LinkState
from storage.sql.tables import ACTIVE, IS_LIST, ArticleRow, LinkRow, SourceRow

PAUSED, REMOVED = "paused", "removed"
FROM_CONFIG, FROM_COMMAND = "config", "command"
_UNFINISHED = (
    LinkState.WAITING,
    LinkState.CAPTURED,
    LinkState.BLOCKED,
    LinkState.BUDGET,
    LinkState.ERROR,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEntry:
    """A source to be kept; `settings` is its whole entry as JSON values."""

    name: str
    home: str
    language: str | None
    state: str
    settings: Mapping[str, Any]


def put_source(
    session: Session, entry: SourceEntry, *, origin: str, now: datetime
) -> SourceRow:
    """Insert or update a source by its name.

    A pause by command outlives a restart: the entry's `state` counts only when
    it differs from the one read last time.
    """
    row = find_source(session, entry.name)
    settings = dict(entry.settings)
    if row is None:
        row = SourceRow(
            name=entry.name,
            home=entry.home,
            language=entry.language,
            state=entry.state,
            origin=origin,
            settings=settings,
            created_at=now,
        )
        session.add(row)
        session.flush()
        return row
    if row.settings.get("state") != entry.state or row.state == REMOVED:
        set_state(session, row, entry.state, now)
    row.home, row.language = entry.home, entry.language
    row.settings, row.origin = settings, origin
    session.flush()
    return row


def remove_others(session: Session, names: Sequence[str], now: datetime) -> list[str]:
    """Mark configured sources that config.yaml no longer lists; articles stay."""
    gone = session.exec(
        select(SourceRow).where(
            SourceRow.origin == FROM_CONFIG,
            SourceRow.state != REMOVED,
            col(SourceRow.name).not_in(names),
        )
    ).all()
    for row in gone:
        set_state(session, row, REMOVED, now)
    return [row.name for row in gone]


def set_state(session: Session, row: SourceRow, state: str, now: datetime) -> None:
    """Activate, pause or remove a source; only an active one's links are due."""
    if row.state == state:
        return
    row.state = state
    session.flush()
    links = update(LinkRow).where(col(LinkRow.source_id) == row.id)
    if state != ACTIVE:
        session.exec(links.values(next_run=None))
        return
    watched = col(LinkRow.kind).in_(WATCHED_KINDS)
    unfinished = col(LinkRow.state).in_(_UNFINISHED)
    revisited = col(LinkRow.state).in_((LinkState.ARCHIVED, LinkState.GONE))
    archived = col(LinkRow.id).in_(select(ArticleRow.link_id))
    due = (watched | unfinished | (revisited & archived)) & ~_is_let_go()
    session.exec(links.where(due).values(next_run=now))


def _is_let_go() -> ColumnElement[bool]:
    """Tell the sub-sitemaps that are in the ledger as tombstones only."""
    is_unnamed = (col(LinkRow.state) == LinkState.GONE) & (col(LinkRow.failures) == 0)
    is_noted = col(LinkRow.state).in_((LinkState.TOO_OLD, LinkState.BUDGET))
    is_sub = col(LinkRow.found_on).is_not(None)
    return (col(LinkRow.kind) == LinkKind.SITEMAP) & is_sub & (is_unnamed | is_noted)


def lists_due(session: Session, row: SourceRow, now: datetime) -> int:
    """Make a source's feeds, sitemaps and sections due; return how many there are."""
    watched = update(LinkRow).where(
        col(LinkRow.source_id) == row.id,
        col(LinkRow.kind).in_(WATCHED_KINDS),
        col(LinkRow.next_run).is_not(None),
    )
    return int(session.exec(watched.values(next_run=now)).rowcount)


def watched_links(session: Session, row: SourceRow) -> list[LinkRow]:
    """Return a source's feeds, sitemaps and sections, also those read no more."""
    is_its = LinkRow.source_id == row.id
    return list(session.exec(select(LinkRow).where(is_its, text(f"link.{IS_LIST}"))))


def find_source(session: Session, name: str) -> SourceRow | None:
    """Return a source by its name."""
    return session.exec(select(SourceRow).where(SourceRow.name == name)).first()


def list_sources(session: Session) -> list[SourceRow]:
    """Return all sources that were not removed, by name."""
    query = select(SourceRow).where(SourceRow.state != REMOVED)
    return list(session.exec(query.order_by(SourceRow.name)))


def source_names(session: Session) -> dict[int, str]:
    """Return the names of all sources that were not removed, by id, in their order."""
    query = sql_select(col(SourceRow.id), col(SourceRow.name)).where(
        col(SourceRow.state) != REMOVED
    )
    rows = session.execute(query.order_by(col(SourceRow.name)))
    return {int(row.id): row.name for row in rows}


def follow_rename(
    session: Session, name: str, home: str, names: frozenset[str]
) -> None:
    """Give a source its new name when config.yaml lists its home under another.

    `names` are all that it lists.
    """
    if find_source(session, name) is not None:
        return
    before = select(SourceRow).where(
        SourceRow.origin == FROM_CONFIG,
        SourceRow.state != REMOVED,
        SourceRow.home == home,
    )
    # All names in each statement would cost minutes where there are 10,000.
    rows = [row for row in session.exec(before) if row.name not in names]
    if len(rows) == 1:
        rows[0].name = name
        session.flush()
