"""What is decided once all rows of a rebuilt database are there.

Due times, readings that are still to be made, and what articles and indexes have from
their versions. Every function takes the session of one transaction and does not commit.
"""

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, text, tuple_, update
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage.model.link_kind import WATCHED_KINDS
from storage.model.link_state import LinkState
from storage.model.record import RecordKind
from storage.model.takedown import Depth, TakedownState
from storage.notes.replay import UNDATED
from storage.sql.bars import key_sha256
from storage.sql.standing import stand_article
from storage.sql.tables import (
    ACTIVE,
    ArticleRow,
    CaptureRow,
    LinkRow,
    RecordRow,
    SourceRow,
    TakedownRow,
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


def drop_indexes(session: Session | Connection) -> None:
    """Take those indexes away, as far as they are there."""
    for name, _ in _INDEXES:
        session.execute(text(f"DROP INDEX IF EXISTS {name}"))


def number_records(session: Session) -> None:
    """Number records above all others that no note numbered: their ids are below 0.

    And have strays be of the links that their captures turned out to be of.
    """
    of_capture = sql_select(col(CaptureRow.link_id)).where(
        col(CaptureRow.id) == RecordRow.capture_id
    )
    strays = update(RecordRow).where(col(RecordRow.kind) == RecordKind.STRAY)
    session.exec(strays.values(link_id=of_capture.scalar_subquery()))
    last = session.exec(select(func.max(RecordRow.id))).one() or 0
    unnumbered = update(RecordRow).where(col(RecordRow.id) < 0)
    session.exec(unnumbered.values(id=max(last, 0) - col(RecordRow.id)))


def date_links(session: Session, now: datetime) -> None:
    """Say of links that no note speaks of that they were found when first fetched."""
    first = (
        sql_select(func.min(CaptureRow.fetched_at))
        .where(col(CaptureRow.link_id) == LinkRow.id)
        .correlate(LinkRow)
        .scalar_subquery()
    )
    undated = update(LinkRow).where(col(LinkRow.found_at) == UNDATED)
    session.exec(undated.values(found_at=func.coalesce(first, now)))


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
    """Note on each link when it was last fetched, and with what status.

    By dates, not ids: what was kept anew, since what it repeated is erased, came last.
    """
    newest = (
        sql_select(col(CaptureRow.id))
        .where(col(CaptureRow.link_id) == LinkRow.id)
        .where(col(CaptureRow.rendered_from).is_(None))
        .order_by(col(CaptureRow.fetched_at).desc(), col(CaptureRow.id).desc())
        .limit(1)
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
    later = aliased(CaptureRow)
    has_later = sql_select(col(later.id)).where(
        col(later.link_id) == col(CaptureRow.link_id),
        col(later.rendered_from).is_(None),
        tuple_(col(later.fetched_at), col(later.id))
        > tuple_(col(CaptureRow.fetched_at), col(CaptureRow.id)),
    )
    unread = update(CaptureRow).where(
        col(CaptureRow.link_id).is_not(None),
        col(CaptureRow.rendered_from).is_(None),
        col(CaptureRow.status) == 200,
        col(CaptureRow.verdict).is_(None),
        col(CaptureRow.evidence).is_(None),
        ~has_later.exists(),
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
    """Name the links that takedowns are about, by the hashes of their keys.

    And have erasures that are over be over for each address.
    """
    over = sql_select(col(TakedownRow.name)).where(
        col(TakedownRow.state) == TakedownState.ERASED
    )
    of_these = update(TakedownTargetRow).where(
        col(TakedownTargetRow.takedown).in_(over)
    )
    session.exec(of_these.values(is_done=True))
    withheld = select(LinkRow).where(col(LinkRow.withheld).is_not(None))
    ids = {key_sha256(row.key): row.id for row in session.exec(withheld)}
    for target in session.exec(select(TakedownTargetRow)):
        target.link_id = ids.get(target.key_sha256)
    session.flush()
