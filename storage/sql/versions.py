"""The versions of an article, and the bytes each was read from."""

from sqlmodel import Session, col, select

from storage.sql.summaries import newest_whole
from storage.sql.tables import CaptureRow, PartRow, VersionRow


def versions_of(session: Session, article_id: int) -> list[VersionRow]:
    """Return an article's versions in the order of their captures."""
    return list(
        session.exec(
            select(VersionRow)
            .where(VersionRow.article_id == article_id)
            .order_by(col(VersionRow.captured_at), col(VersionRow.number))
        )
    )


def version(session: Session, article_id: int, number: int | None) -> VersionRow | None:
    """Return a version by its number, or the one the article stands at."""
    wanted = select(VersionRow).where(VersionRow.article_id == article_id)
    if number is not None:
        return session.exec(wanted.where(VersionRow.number == number)).first()
    return session.execute(newest_whole(wanted)).scalars().first()


def evidence_of(session: Session, version: VersionRow) -> CaptureRow | None:
    """Return the capture that a version was read from."""
    if version.capture_id is None:
        return None
    return session.get(CaptureRow, version.capture_id)


def parts_of(session: Session, version: VersionRow) -> list[CaptureRow]:
    """Return the captures of the pages after the first, in order."""
    return list(
        session.exec(
            select(CaptureRow)
            .join(PartRow, col(PartRow.capture_id) == CaptureRow.id)
            .where(PartRow.version_id == version.id)
            .order_by(col(PartRow.number))
        )
    )
