"""What is decided once all rows of a rebuilt database are there.

Due times, readings that are still to be made, and what articles and indexes have from
their versions. Every function takes the session of one transaction and does not commit.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, text, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.model import WATCHED_KINDS, Depth, LinkState
from storage.sql.bars import key_sha256
from storage.sql.standing import stand_article
from storage.sql.tables import (
    ACTIVE,
    ArticleRow,
    CaptureRow,
    LinkRow,
    SourceRow,
    TakedownTargetRow,
    VersionRow,
)

_AT_ONCE = 200
#: Archived articles come due one after the other, over a week, by their ids.
_STEPS, _STEP = 28, timedelta(hours=6)
_UNFINISHED = (
    LinkState.WAITING,
    LinkState.CAPTURED,
    LinkState.BLOCKED,
    LinkState.BUDGET,
    LinkState.ERROR,
)
_INDEXES = (
    ("ix_rebuild_record_id", "capture (record_id)"),
    ("ix_rebuild_place", 'capture (segment, "offset")'),
)


def add_indexes(session: Session) -> None:
    """Make the indexes by which notes are put back."""
    for name, of in _INDEXES:
        session.execute(text(f"CREATE INDEX {name} ON {of}"))


def drop_indexes(session: Session) -> None:
    """Take those indexes away."""
    for name, _ in _INDEXES:
        session.execute(text(f"DROP INDEX {name}"))


def drop_empty_articles(session: Session) -> int:
    """Drop articles of which no version is left, to be read again; return how many."""
    has_version = select(VersionRow.id).where(VersionRow.article_id == ArticleRow.id)
    empty = session.exec(select(ArticleRow).where(~has_version.exists())).all()
    for article in empty:
        captures = update(CaptureRow).where(
            col(CaptureRow.link_id) == article.link_id,
            col(CaptureRow.status) == 200,
            col(CaptureRow.rendered_from).is_(None),
        )
        session.exec(captures.values(extracted_at=None))
        session.delete(article)
    session.flush()
    return len(empty)


def stand_articles(session: Session, after: int) -> int | None:
    """Make some articles' rows and index what their versions say.

    Returns:
        The last one's id, to go on from; None when there were none left.
    """
    some = select(ArticleRow).where(col(ArticleRow.id) > after)
    rows = session.exec(some.order_by(col(ArticleRow.id)).limit(_AT_ONCE)).all()
    for row in rows:
        row.versions = session.exec(
            select(func.max(VersionRow.number)).where(VersionRow.article_id == row.id)
        ).one()
        stand_article(session, row)
    return rows[-1].id if rows else None


def note_answers(session: Session) -> None:
    """Note on each link when it was last fetched, and with what status."""
    newest = (
        sql_select(func.max(CaptureRow.id))
        .where(col(CaptureRow.link_id) == LinkRow.id)
        .where(col(CaptureRow.rendered_from).is_(None))
        .correlate(LinkRow)
        .scalar_subquery()
    )
    answer = sql_select(col(CaptureRow.status)).where(col(CaptureRow.id) == newest)
    at = sql_select(col(CaptureRow.fetched_at)).where(col(CaptureRow.id) == newest)
    session.execute(
        update(LinkRow)
        .where(newest.is_not(None))
        .values(status=answer.scalar_subquery(), fetched_at=at.scalar_subquery())
    )


def leave_unread(session: Session) -> int:
    """Leave to be read what was kept last of each link and never noted as read."""
    newest = (
        sql_select(func.max(CaptureRow.id))
        .where(col(CaptureRow.link_id).is_not(None))
        .where(col(CaptureRow.rendered_from).is_(None))
        .group_by(col(CaptureRow.link_id))
    )
    unread = update(CaptureRow).where(
        col(CaptureRow.id).in_(newest),
        col(CaptureRow.status) == 200,
        col(CaptureRow.verdict).is_(None),
        col(CaptureRow.evidence).is_(None),
    )
    return int(session.exec(unread.values(extracted_at=None)).rowcount)


def make_due(session: Session, now: datetime) -> None:
    """Make due what goes on: lists and the unfinished now, articles over a week."""
    active = sql_select(col(SourceRow.id)).where(col(SourceRow.state) == ACTIVE)
    mine = col(LinkRow.source_id).in_(active) | col(LinkRow.source_id).is_(None)
    mine &= col(LinkRow.withheld).is_(None) | (col(LinkRow.withheld) == Depth.HIDE)
    watched = col(LinkRow.kind).in_(WATCHED_KINDS) & (
        col(LinkRow.state) != LinkState.TOO_OLD
    )
    unfinished = col(LinkRow.state).in_(_UNFINISHED)
    due = update(LinkRow).where(mine, watched | unfinished)
    session.exec(due.values(next_run=now))
    articles = col(LinkRow.id).in_(sql_select(col(ArticleRow.link_id)))
    for step in range(_STEPS):
        some = update(LinkRow).where(mine, articles, col(LinkRow.id) % _STEPS == step)
        session.exec(some.values(next_run=now + step * _STEP))


def date_sources(session: Session) -> None:
    """Say of sources that nobody dated that they are as old as their first link."""
    for row in session.exec(select(SourceRow)):
        first = select(func.min(LinkRow.found_at)).where(LinkRow.source_id == row.id)
        found = session.exec(first).one()
        if found is not None and found < row.created_at:
            row.created_at = found
    session.flush()


def find_withheld(session: Session) -> None:
    """Name the links that takedowns are about, by the hashes of their keys."""
    withheld = select(LinkRow).where(col(LinkRow.withheld).is_not(None))
    ids = {key_sha256(row.key): row.id for row in session.exec(withheld)}
    for target in session.exec(select(TakedownTargetRow)):
        target.link_id = ids.get(target.key_sha256)
    session.flush()
