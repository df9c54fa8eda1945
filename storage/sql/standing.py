"""An article's versions in their order, how each changed, and which one it stands at."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from storage.changes import compare
from storage.documents import read_document
from storage.model.article import Article
from storage.model.change import Change
from storage.model.moment import Moment
from storage.sql.copies import place_among_copies
from storage.sql.search import index_article
from storage.sql.summaries import newest_whole
from storage.sql.tables import ArticleRow, VersionRow


class Known(NamedTuple):
    """What tells one version from another, without its text."""

    id: int
    number: int
    captured_at: datetime
    change: str
    story_sha256: str
    capture_id: int | None


def known_versions(session: Session, row: ArticleRow) -> list[Known]:
    """Return an article's versions in the order of their captures."""
    columns = [getattr(VersionRow, name) for name in Known._fields]
    rows = session.execute(
        sql_select(*columns)
        .where(col(VersionRow.article_id) == row.id)
        .order_by(col(VersionRow.captured_at), col(VersionRow.number))
    )
    return [Known(*found) for found in rows]


def change_after(
    session: Session, earlier: Sequence[Known], article: Article
) -> Change:
    """Return how a reading differs from the last of the versions before it."""
    if not earlier:
        return Change.FIRST
    whole = None
    if earlier[-1].change == Change.TRUNCATED:
        uncut = [old for old in earlier if old.change != Change.TRUNCATED]
        whole = _article(session, uncut[-1]) if uncut else None
    return compare(_article(session, earlier[-1]), article, whole=whole)


def judged_again(
    session: Session, earlier: Sequence[Known], article: Article, was: str
) -> Change:
    """Return how a version differs that is read anew; that it moved is no word of it."""
    change = change_after(session, earlier, article)
    is_moved = was == Change.MOVED and change in {Change.SAME, Change.COSMETIC}
    return Change.MOVED if is_moved else change


def _article(session: Session, old: Known) -> Article:
    return read_document(session.get_one(VersionRow, old.id).document)


def stand_article(session: Session, row: ArticleRow) -> None:
    """Make the article's row and index what its standing version says."""
    own = sql_select(col(VersionRow.id)).where(col(VersionRow.article_id) == row.id)
    at = session.execute(newest_whole(own)).scalar_one()
    standing = session.get_one(VersionRow, at)
    article = read_document(standing.document)
    describe(row, article)
    session.flush()
    former = _former_titles(session, row, standing.title)
    make_findable(session, row.id or 0, article, former=former)


def _former_titles(session: Session, row: ArticleRow, standing: str) -> list[str]:
    """Return the other headlines that an article had, the latest first."""
    if row.versions == 1:
        return []
    titles = session.execute(
        sql_select(col(VersionRow.title))
        .where(
            col(VersionRow.article_id) == row.id,
            col(VersionRow.change) != Change.TRUNCATED,
        )
        .order_by(col(VersionRow.captured_at).desc(), col(VersionRow.number).desc())
    )
    known = dict.fromkeys(titles.scalars())
    known.pop(standing, None)
    return list(known)


def describe(row: ArticleRow, article: Article) -> None:
    """Say of an article what its standing version says."""
    row.url = article.url
    row.title = article.title
    row.site = article.site
    row.authors = list(article.authors)
    row.language = article.language
    row.published_at = _utc(article.published)


def make_findable(
    session: Session,
    article_id: int,
    article: Article,
    *,
    former: Sequence[str] = (),
    is_new: bool = False,
) -> None:
    """Have an article found by the words it stands at, and by its copies.

    `former` are the headlines that it had before, by which it is found as well;
    `is_new` says that nothing is known of it yet, which need not be asked then.
    """
    index_article(session, article_id, article, former=former, is_new=is_new)
    place_among_copies(session, article_id, article.text, is_new=is_new)


def _utc(moment: Moment | None) -> datetime | None:
    """Return a moment in UTC; None if that is outside the calendar."""
    if moment is None:
        return None
    try:
        return moment.at.astimezone(UTC)
    except OverflowError:
        return None
