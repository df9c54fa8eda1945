"""Articles of which a version has no note: kept before notes were written."""

from sqlmodel import Session, col, or_, select

from storage.sql.tables import ArticleRow, LinkRow, RecordRow, VersionRow


def unnoted_articles(session: Session, after: int, limit: int) -> list[int]:
    """Return articles, in the order of their ids, of which a version has no note.

    Versions of before an article moved have theirs under the link that it left.
    """
    noted = (
        select(RecordRow.id)
        .join(LinkRow, col(LinkRow.id) == RecordRow.link_id)
        .where(
            or_(
                LinkRow.id == ArticleRow.link_id,
                LinkRow.alias_of == ArticleRow.link_id,
            ),
            RecordRow.version_id == VersionRow.id,
        )
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
