"""Put new readings of kept captures in the place of the old ones, and back.

What a version was before is kept beside it, of every version of an article that is
touched, so that a run can be rolled back to the very rows it found.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.changes import story_sha256
from storage.documents import document_sha256, read_document
from storage.errors import WrongRun
from storage.model.link_state import LinkState
from storage.sql.standing import judged_again, known_versions, stand_article
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    FormerVersionRow,
    LinkRow,
    ReextractionRow,
    SourceRow,
    VersionRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Within:
    """Which versions are read again.

    Attributes:
        source: Only those of this source, by name; None for all.
        since: Only those captured since.
        until: Only those captured before.
    """

    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReading:
    """What a version's capture is read as now.

    Attributes:
        version_id: The version.
        was_sha256: The digest of the document it was compared with.
        document: The new document.
        extractor: What read it.
    """

    version_id: int
    was_sha256: str
    document: dict[str, Any]
    extractor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replaced:
    """What a promotion or a rollback did.

    Attributes:
        run: Its name.
        articles: Articles that were touched.
        versions: Versions that were replaced.
        left: Versions left as they are, for they are no longer what the run found.
    """

    run: str
    articles: int
    versions: int
    left: int


def captured_versions(
    session: Session, within: Within, *, after: int, limit: int
) -> list[int]:
    """Return the ids of versions that have a capture, in order, from one on."""
    query = _within(within).where(col(VersionRow.id) > after)
    return list(session.scalars(query.order_by(col(VersionRow.id)).limit(limit)))


def passed_over(
    session: Session, within: Within, *, after: int, limit: int
) -> list[int]:
    """Return the captures of pages that were read as no article, in order, from one on.

    Of each such page the newest that was read.
    """
    query = _passed_over(within).having(after < _NEWEST)
    return list(session.scalars(query.order_by(_NEWEST).limit(limit)))


def count_readings(session: Session, within: Within) -> int:
    """Return how many versions and pages passed over there are to read."""
    asked = (_within(within), _passed_over(within))
    counted = (sql_select(func.count()).select_from(one.subquery()) for one in asked)
    return sum(int(session.scalar(one) or 0) for one in counted)


def promote(
    session: Session,
    run: str,
    readings: Iterable[NewReading],
    now: datetime,
    found: Sequence[int] = (),
) -> Replaced:
    """Replace versions by their new readings; how each changed is decided again.

    Args:
        session: Of one transaction.
        run: The name of the run.
        readings: Its changed versions.
        now: Current time, UTC.
        found: Captures that read as articles now; they count as unread from here on.

    Raises:
        WrongRun: it stands promoted already.
    """
    row = _begin(session, run, now)
    articles: set[int] = set()
    left = 0
    for reading in readings:
        version = session.get(VersionRow, reading.version_id)
        if version is None or document_sha256(version.document) != reading.was_sha256:
            left += 1
            continue
        if version.article_id not in articles:
            articles.add(version.article_id)
            _keep_former(session, run, version.article_id)
        _replace(version, reading)
        row.versions += 1
        session.flush()
    for article_id in articles:
        _rejudge(session, article_id)
        _note_promoted(session, run, article_id)
    unread = update(CaptureRow).where(col(CaptureRow.id).in_(found))
    session.exec(unread.values(extracted_at=None))
    return Replaced(run=run, articles=len(articles), versions=row.versions, left=left)


def roll_back(session: Session, run: str, now: datetime) -> Replaced:
    """Put back what stood before a run was promoted.

    Raises:
        WrongRun: it does not stand promoted, or another run was promoted over it.
    """
    row = session.get(ReextractionRow, run)
    if row is None or row.rolled_back_at is not None:
        raise WrongRun(f"{run} does not stand promoted")
    if later := _promoted_over(session, row):
        raise WrongRun(f"{later} was promoted over {run}; roll that back first")
    articles: set[int] = set()
    restored = left = 0
    formers = select(FormerVersionRow).where(FormerVersionRow.run == run)
    for former in session.exec(formers):
        version = session.get_one(VersionRow, former.version_id)
        if document_sha256(version.document) != former.promoted_sha256:
            left += 1
            continue
        restored += document_sha256(former.document) != former.promoted_sha256
        articles.add(version.article_id)
        _restore(version, former)
    session.flush()
    for article_id in articles:
        stand_article(session, session.get_one(ArticleRow, article_id))
    session.exec(delete(FormerVersionRow).where(col(FormerVersionRow.run) == run))
    row.rolled_back_at = now
    session.flush()
    return Replaced(run=run, articles=len(articles), versions=restored, left=left)


def promoted_runs(session: Session) -> dict[str, ReextractionRow]:
    """Return the runs that were promoted ever, by name."""
    return {row.name: row for row in session.exec(select(ReextractionRow))}


def _within(within: Within) -> Select[Any]:
    query = sql_select(col(VersionRow.id)).where(
        col(VersionRow.capture_id).is_not(None)
    )
    if within.since is not None:
        query = query.where(col(VersionRow.captured_at) >= within.since)
    if within.until is not None:
        query = query.where(col(VersionRow.captured_at) < within.until)
    if within.source is not None:
        query = (
            query.join(ArticleRow, col(ArticleRow.id) == VersionRow.article_id)
            .join(SourceRow, col(SourceRow.id) == ArticleRow.source_id)
            .where(col(SourceRow.name) == within.source)
        )
    return query


_NEWEST = func.max(col(CaptureRow.id))


def _passed_over(within: Within) -> Select[Any]:
    """Return the query of the newest read capture of each page that is no article."""
    query = (
        sql_select(_NEWEST)
        .join(LinkRow, col(LinkRow.id) == CaptureRow.link_id)
        .where(
            col(LinkRow.state) == LinkState.NOT_ARTICLE,
            col(CaptureRow.verdict).is_not(None),
        )
        .group_by(col(CaptureRow.link_id))
    )
    if within.since is not None:
        query = query.where(col(CaptureRow.fetched_at) >= within.since)
    if within.until is not None:
        query = query.where(col(CaptureRow.fetched_at) < within.until)
    if within.source is not None:
        query = query.join(SourceRow, col(SourceRow.id) == LinkRow.source_id).where(
            col(SourceRow.name) == within.source
        )
    return query


def _begin(session: Session, run: str, now: datetime) -> ReextractionRow:
    row = session.get(ReextractionRow, run)
    if row is None:
        row = ReextractionRow(name=run, promoted_at=now, versions=0)
        session.add(row)
    elif row.rolled_back_at is None:
        raise WrongRun(f"{run} stands promoted since {row.promoted_at:%Y-%m-%d %H:%M}")
    row.promoted_at, row.rolled_back_at, row.versions = now, None, 0
    session.flush()
    return row


def _keep_former(session: Session, run: str, article_id: int) -> None:
    of_article = select(VersionRow).where(VersionRow.article_id == article_id)
    session.add_all(
        FormerVersionRow(
            run=run,
            version_id=version.id or 0,
            change=version.change,
            title=version.title,
            text=version.text,
            story_sha256=version.story_sha256,
            extractor=version.extractor,
            document=version.document,
            promoted_sha256="",
        )
        for version in session.exec(of_article)
    )
    session.flush()


def _replace(version: VersionRow, reading: NewReading) -> None:
    article = read_document(reading.document)
    version.title, version.text = article.title, article.text
    version.story_sha256 = story_sha256(article)
    version.document, version.extractor = reading.document, reading.extractor


def _restore(version: VersionRow, former: FormerVersionRow) -> None:
    version.title, version.text = former.title, former.text
    version.story_sha256, version.change = former.story_sha256, former.change
    version.document, version.extractor = former.document, former.extractor


def _rejudge(session: Session, article_id: int) -> None:
    """Decide again how each version of an article differs from the one before."""
    row = session.get_one(ArticleRow, article_id)
    known = known_versions(session, row)
    for place, one in enumerate(known):
        version = session.get_one(VersionRow, one.id)
        article = read_document(version.document)
        version.change = judged_again(session, known[:place], article, one.change)
        known[place] = one._replace(change=version.change)
    session.flush()
    stand_article(session, row)


def _note_promoted(session: Session, run: str, article_id: int) -> None:
    formers = (
        select(FormerVersionRow, VersionRow)
        .join(VersionRow, col(VersionRow.id) == FormerVersionRow.version_id)
        .where(FormerVersionRow.run == run, VersionRow.article_id == article_id)
    )
    for former, version in session.exec(formers):
        former.promoted_sha256 = document_sha256(version.document)
    session.flush()


def _promoted_over(session: Session, row: ReextractionRow) -> str | None:
    """Return a run that was promoted later and touched the same versions, if any."""
    mine = select(FormerVersionRow.version_id).where(FormerVersionRow.run == row.name)
    later = (
        select(ReextractionRow.name)
        .join(FormerVersionRow, col(FormerVersionRow.run) == ReextractionRow.name)
        .where(
            col(ReextractionRow.rolled_back_at).is_(None),
            col(ReextractionRow.promoted_at) > row.promoted_at,
            col(FormerVersionRow.version_id).in_(mine),
        )
        .order_by(col(ReextractionRow.promoted_at).desc())
        .limit(1)
    )
    return session.exec(later).first()
