"""Sources as rows: what config.yaml lists, and what was added by command.

Every function takes the session of one transaction and does not commit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, insert, or_, text, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.model.link_kind import WATCHED_KINDS, LinkKind
from storage.model.link_state import LinkState
from storage.sql.ledger import links_found_since
from storage.sql.tables import (
    ACTIVE,
    IS_LIST,
    ArticleRow,
    HostRow,
    LinkRow,
    SourceRow,
    table_of,
)

PAUSED, REMOVED = "paused", "removed"
FROM_CONFIG, FROM_COMMAND = "config", "command"
_NAMES_AT_ONCE = 500
_SOURCES, _LISTS = table_of(SourceRow), table_of(LinkRow)
_UNFINISHED = (
    LinkState.WAITING,
    LinkState.CAPTURED,
    LinkState.BLOCKED,
    LinkState.BUDGET,
    LinkState.ERROR,
)
#: After so many tries an article that was never read is given up (crawler.decisions.outcome).
_TRIES = {LinkState.GONE: 4.0, LinkState.ROBOTS: 3.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceEntry:
    """A source to be kept; `settings` is its whole entry as JSON values.

    `daily_links` holds for it when it is entered; it is not kept.
    """

    name: str
    home: str
    language: str | None
    state: str
    settings: Mapping[str, Any]
    daily_links: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A configured source as it stands, with the keys and kinds of its due lists."""

    entry: SourceEntry
    lists: frozenset[tuple[str, str]]


def configured(session: Session) -> dict[str, Standing]:
    """Return the sources of config.yaml that were not removed, by name; state as read."""
    lists: dict[int, set[tuple[str, str]]] = defaultdict(set)
    due = _LISTS.c.next_run.is_not(None), _LISTS.c.found_on.is_(None)
    asked = sql_select(_LISTS.c.source_id, _LISTS.c.key, _LISTS.c.kind)
    rows = session.execute(asked.where(text(f"link.{IS_LIST}"), *due))
    for source, key, kind in rows:
        lists[source].add((key, kind))
    own = _SOURCES.c.origin == FROM_CONFIG, _SOURCES.c.state != REMOVED
    return {
        row.name: Standing(
            entry=SourceEntry(
                name=row.name,
                home=row.home,
                language=row.language,
                state=row.settings.get("state", ""),
                settings=row.settings,
            ),
            lists=frozenset(lists[row.id]),
        )
        for row in session.execute(sql_select(_SOURCES).where(*own))
    }


def put_source(
    session: Session, entry: SourceEntry, *, origin: str, now: datetime
) -> SourceRow:
    """Insert or update a source by its name.

    A pause by command outlives a restart: the entry's `state` counts only when
    it differs from the one read last time.
    """
    row = find_source(session, entry.name)
    if row is None:
        (row,) = put_new_sources(session, [entry], origin=origin, now=now)
        return row
    if row.settings.get("state") != entry.state or row.state == REMOVED:
        set_state(session, row, entry.state, now, daily_links=entry.daily_links)
    row.home, row.language = entry.home, entry.language
    row.settings, row.origin = dict(entry.settings), origin
    session.flush()
    return row


def put_new_sources(
    session: Session, entries: Iterable[SourceEntry], *, origin: str, now: datetime
) -> list[SourceRow]:
    """Insert some hundred sources at most, whose names none has; return their rows."""
    given: list[dict[str, Any]] = [
        {
            "name": entry.name,
            "home": entry.home,
            "language": entry.language,
            "state": entry.state,
            "origin": origin,
            "settings": dict(entry.settings),
            "created_at": now,
        }
        for entry in entries
    ]
    session.execute(insert(SourceRow), given)  # SQLite gives back ids one by one
    names = [one["name"] for one in given]
    found = session.exec(select(SourceRow).where(col(SourceRow.name).in_(names)))
    rows = {row.name: row for row in found}
    return [rows[name] for name in names]


def names_taken(session: Session, names: Sequence[str]) -> frozenset[str]:
    """Return those of the names that sources have, removed ones too."""
    found: set[str] = set()
    for start in range(0, len(names), _NAMES_AT_ONCE):
        part = col(SourceRow.name).in_(names[start : start + _NAMES_AT_ONCE])
        found.update(session.exec(select(SourceRow.name).where(part)))
    return frozenset(found)


def remove_source(session: Session, name: str, now: datetime) -> None:
    """Mark a configured source that config.yaml no longer lists; its articles stay."""
    row = find_source(session, name)
    if row is not None:
        set_state(session, row, REMOVED, now)


def set_state(
    session: Session,
    row: SourceRow,
    state: str,
    now: datetime,
    *,
    daily_links: int | None = None,
) -> None:
    """Activate, pause or remove a source; only an active one's links are due.

    Of an active one all is due at once, but what its daily budget had put off: so
    many links a day, in the order they were found. None knows of no budget.
    """
    if row.state == state:
        return
    if state == ACTIVE:
        row.paused_at, row.resumed_at = row.paused_at or row.created_at, now
    elif row.state == ACTIVE:
        row.paused_at, row.resumed_at = now, None
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
    due = watched | unfinished | (revisited & archived) | _is_tried_again()
    session.exec(links.where(due & ~_is_let_go()).values(next_run=now))
    if daily_links is not None:
        _spread(session, int(row.id or 0), daily_links, now)


def _spread(session: Session, source: int, daily_links: int, now: datetime) -> None:
    """Let what a budget had put off wait for days with room; today's finds count."""
    its = (
        col(LinkRow.source_id) == source,
        col(LinkRow.kind) == LinkKind.ARTICLE,
        col(LinkRow.state) == LinkState.BUDGET,
    )
    found = select(col(LinkRow.id)).where(*its).order_by(col(LinkRow.id))
    ids = list(session.exec(found))
    taken = links_found_since(session, source, now - timedelta(days=1))
    first = min(max(daily_links - taken, 0), len(ids))
    starts = range(first, len(ids), daily_links)
    for day, start in enumerate(starts, start=1):
        last = ids[min(start + daily_links, len(ids)) - 1]
        session.exec(
            update(LinkRow)
            .where(*its, col(LinkRow.id).between(ids[start], last))
            .values(next_run=now + timedelta(days=day))
        )


def _is_tried_again() -> ColumnElement[bool]:
    """Tell articles that were refused before they were read, and not for good."""
    refused = [
        (col(LinkRow.state) == state) & (col(LinkRow.failures) < tries)
        for state, tries in _TRIES.items()
    ]
    return (col(LinkRow.kind) == LinkKind.ARTICLE) & or_(*refused)


def _is_let_go() -> ColumnElement[bool]:
    """Tell the sub-sitemaps that are in the ledger as tombstones only."""
    is_unnamed = (col(LinkRow.state) == LinkState.GONE) & (col(LinkRow.failures) == 0)
    is_noted = col(LinkRow.state).in_((LinkState.TOO_OLD, LinkState.BUDGET))
    is_sub = col(LinkRow.found_on).is_not(None)
    return (col(LinkRow.kind) == LinkKind.SITEMAP) & is_sub & (is_unnamed | is_noted)


def lists_due(session: Session, row: SourceRow, now: datetime) -> int:
    """Make a source's feeds, sitemaps and sections due; return how many there are.

    Where robots.txt forbade one, it is read anew: what is known of it is of up to a day
    ago, and would forbid it again.
    """
    forbidden = select(LinkRow.host).where(
        LinkRow.source_id == row.id,
        text(f"link.{IS_LIST}"),
        LinkRow.state == LinkState.ROBOTS,
    )
    hosts = list(session.exec(forbidden))
    session.exec(
        update(HostRow).where(col(HostRow.key).in_(hosts)).values(robots_at=None)
    )
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
    """Return the names of all sources by id, in their order, removed ones too."""
    query = sql_select(col(SourceRow.id), col(SourceRow.name))
    rows = session.execute(query.order_by(col(SourceRow.name)))
    return {int(row.id): row.name for row in rows}


def rename_source(session: Session, before: str, name: str) -> None:
    """Give a source its new name."""
    row = find_source(session, before)
    if row is not None:
        row.name = name
        session.flush()
