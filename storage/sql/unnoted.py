"""Articles of which a version has no note: kept before notes were written."""

from sqlmodel import Session, col, select

from storage.sql.tables import ArticleRow, RecordRow, VersionRow


def unnoted_articles(session: Session, after: int, limit: int) -> list[int]:
    """Return articles, in the order of their ids, of which a version has no note."""
    noted = select(RecordRow.id).where(
        RecordRow.link_id == ArticleRow.link_id,
        RecordRow.version_id == VersionRow.id,
    )
    query = (
        select(ArticleRow.id)
        .join(VersionRow, col(VersionRow.article_id) == ArticleRow.id)
        .where(col(ArticleRow.id) > after, ~noted.exists())
        .distinct()
        .order_by(col(ArticleRow.id))
        .limit(limit)
    )
    return [key for key in session.exec(query) if key is not None]
