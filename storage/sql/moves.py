"""Articles that go on under another address: which may, and how one is handed over.

Whether one does is decided by who reads the page (crawler.decisions.readdressed). Its versions and
its id stay; the link that it left leads to the new one (`alias_of`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, union, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.ledger import note_alias
from storage.sql.shown import is_shown
from storage.sql.summaries import ArticleSummary, summaries, summary_of
from storage.sql.tables import (
    ACTIVE,
    ArticleRow,
    CaptureRow,
    LinkRow,
    SourceRow,
    VersionRow,
    table_of,
)

_LINKS = table_of(LinkRow)
#: AMP, print and mobile: few pages have more names that were seen.
_MOST_ASKED = 3
_AT_ONCE = 500
#: By the three ways in which a link may be told to be of an article known before.
_NAMED = union(
    *(
        sql_select(_LINKS.c.id).where(_LINKS.c.source_id == bindparam("source"), which)
        for which in (
            _LINKS.c.alias_of == bindparam("link"),
            _LINKS.c.guid == bindparam("guid"),
            _LINKS.c.key == bindparam("twin"),
        )
    )
)
#: The links that a feed shows with the address of another as their GUID.
_SHOWN = sql_select(_LINKS.c.id).where(
    _LINKS.c.source_id == bindparam("source"),
    _LINKS.c.guid == bindparam("guid"),
    _LINKS.c.id != bindparam("link"),
    _LINKS.c.withheld.is_(None),
)
#: To ask for no link that leads to an article.
_LEAVE = (
    update(_LINKS)
    .where(
        _LINKS.c.alias_of == bindparam("owner"),
        _LINKS.c.state == LinkState.DUPLICATE,
        _LINKS.c.kind == LinkKind.ARTICLE,
        _LINKS.c.next_run.is_not(None),
    )
    .values(next_run=None)
)


def may_go_on(session: Session, link_id: int) -> list[ArticleRow]:
    """Return the articles of which a link's page may be the new place.

    They are of links of the same source that lead to this one, have its GUID, or its
    address but for the slash at the end. What was taken down goes on nowhere.
    """
    link = session.get_one(LinkRow, link_id)
    if link.source_id is None:
        return []
    asked = {
        "source": link.source_id,
        "link": link_id,
        "guid": link.guid,
        "twin": _twin(link.key),
    }
    named = set(session.connection().execute(_NAMED, asked).scalars()) - {link_id}
    if not named:
        return []
    query = (
        select(ArticleRow)
        .join(LinkRow, col(LinkRow.id) == ArticleRow.link_id)
        .where(
            col(ArticleRow.link_id).in_(named),
            ArticleRow.source_id == link.source_id,
            col(LinkRow.withheld).is_(None),
        )
    )
    return list(session.exec(query))


def note_pages_of_guids(
    session: Session, source: int | None, listed: Sequence[NewLink]
) -> None:
    """Give the pages that a feed's GUIDs lead to the GUID, if they have none.

    A sitemap names such a page, and the feed links another of the same story. Those
    that the feed links as well are pages of their own.
    """
    own = {link.key for link in listed}
    named = {
        link.guid_key: link.guid
        for link in listed
        if link.guid and link.guid_key and link.guid_key not in own
    }
    keys = list(named)
    for start in range(0, len(keys), _AT_ONCE):
        nameless = sql_select(_LINKS.c.id, _LINKS.c.key).where(
            _LINKS.c.key.in_(keys[start : start + _AT_ONCE]),
            _LINKS.c.source_id == source,
            _LINKS.c.guid.is_(None),
        )
        for row in session.execute(nameless).all():
            session.get_one(LinkRow, row.id).guid = named[row.key]
    session.flush()


def linked_by_feed(session: Session, link_id: int, guid: str) -> list[ArticleRow]:
    """Return the articles of links that a feed shows in place of this one.

    They are of links of the same source that have this one's address as their GUID. It
    has that itself from now on: those that are read later find it by that.

    Args:
        session: One transaction's.
        link_id: The link.
        guid: What stands for its address as a GUID.
    """
    link = session.get_one(LinkRow, link_id)
    if link.source_id is None:
        return []
    asked = {"source": link.source_id, "guid": guid, "link": link_id}
    named = session.connection().execute(_SHOWN, asked).scalars().all()
    if not named:
        return []
    link.guid = link.guid or guid
    session.flush()
    articles = select(ArticleRow).where(col(ArticleRow.link_id).in_(named))
    return list(session.exec(articles))


def hand_over(session: Session, row: ArticleRow, link_id: int) -> None:
    """Have an article go on under a link that has none; the one it leaves leads there."""
    old, new = session.get_one(LinkRow, row.link_id), session.get_one(LinkRow, link_id)
    row.first_link = row.first_link or old.id
    row.link_id = link_id
    session.flush()
    note_alias(session, link_id, None)
    note_alias(session, int(old.id or 0), link_id)
    old.state, old.reason = LinkState.DUPLICATE, f"its article goes on at {new.url}"
    old.next_run = None
    session.flush()


def ask_duplicates(session: Session, link_id: int, at: datetime) -> None:
    """Make due the links that lead to one whose page is gone: its article may live there.

    The few that were fetched last, at a time, unless they are due before.
    """
    owner = session.get_one(LinkRow, link_id)
    leading = (
        select(LinkRow)
        .join(SourceRow, col(SourceRow.id) == LinkRow.source_id)
        .where(
            LinkRow.alias_of == link_id,
            LinkRow.source_id == owner.source_id,
            LinkRow.kind == LinkKind.ARTICLE,
            LinkRow.state == LinkState.DUPLICATE,
            col(LinkRow.withheld).is_(None),
            SourceRow.state == ACTIVE,
        )
        .order_by(col(LinkRow.fetched_at).desc())
        .limit(_MOST_ASKED)
    )
    for link in session.exec(leading):
        link.next_run = min(link.next_run or at, at)
    session.flush()


def leave_duplicates(session: Session, owner: int) -> None:
    """Have no link asked for that leads to an article which was just kept."""
    session.flush()
    session.connection().execute(_LEAVE, {"owner": owner})


def is_of_before(
    session: Session, row: ArticleRow, link_id: int, captured_at: datetime
) -> bool:
    """Tell whether a capture of a link is of the time when the article stood there."""
    if row.first_link is None:
        return False
    times = (
        sql_select(
            col(CaptureRow.link_id),
            func.min(col(VersionRow.captured_at)),
            func.max(col(VersionRow.captured_at)),
        )
        .join(CaptureRow, col(CaptureRow.id) == col(VersionRow.capture_id))
        .where(
            col(VersionRow.article_id) == row.id,
            col(CaptureRow.link_id).in_((link_id, row.link_id)),
        )
        .group_by(col(CaptureRow.link_id))
    )
    known = {link: (first, last) for link, first, last in session.execute(times)}
    if link_id not in known:
        return False
    until = max(known[link_id][1], known.get(row.link_id, known[link_id])[0])
    return bool(captured_at <= until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Where an article went on, and what it went on from, by age."""

    to: tuple[ArticleSummary, ...]
    came_from: tuple[ArticleSummary, ...]


def moved(session: Session, link_id: int) -> Moved:
    """Return the articles that the one of a link moved to, and came from."""
    to = sql_select(col(LinkRow.alias_of)).where(col(LinkRow.id) == link_id)
    came_from = sql_select(col(LinkRow.id)).where(col(LinkRow.alias_of) == link_id)
    links = col(ArticleRow.link_id)
    return Moved(
        to=_articles(session, links.in_(to)),
        came_from=_articles(session, links.in_(came_from)),
    )


def _articles(
    session: Session, condition: ColumnElement[bool]
) -> tuple[ArticleSummary, ...]:
    found = summaries().where(condition, is_shown(col(ArticleRow.link_id)))
    rows = session.execute(found.order_by(col(ArticleRow.id)))
    return tuple(summary_of(article, source) for article, source in rows)


def _twin(key: str) -> str | None:
    """Return an address with a slash at its end, or without the one it has."""
    path = key.partition("/")[2]
    if "?" in key or not path.strip("/"):
        return None
    return key.removesuffix("/") if key.endswith("/") else f"{key}/"
