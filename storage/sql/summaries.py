"""Articles as lists show them, and the version each of them stands at."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, ScalarSelect, Select, select
from sqlmodel import col

from storage.model.change import Change
from storage.sql.tables import ONE, ArticleRow, SourceRow, VersionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleSummary:
    """An article without its text; `source` is its source's name."""

    id: int
    link_id: int
    key: str
    url: str
    title: str
    source: str | None
    site: str | None
    authors: tuple[str, ...]
    language: str | None
    published_at: datetime | None
    first_seen: datetime
    last_seen: datetime
    versions: int
    state: str
    gone_at: datetime | None


def summaries() -> Select[ArticleRow, str]:
    """Return the query of articles and their sources' names."""
    return select(ArticleRow, col(SourceRow.name)).join(
        SourceRow, col(SourceRow.id) == ArticleRow.source_id, isouter=True
    )


def summary_of(article: ArticleRow, source: str | None) -> ArticleSummary:
    """Return one row of `summaries` as a value."""
    return ArticleSummary(
        id=article.id or 0,
        link_id=article.link_id,
        key=article.key,
        url=article.url,
        title=article.title,
        source=source,
        site=article.site,
        authors=tuple(article.authors),
        language=article.language,
        published_at=article.published_at,
        first_seen=article.first_seen,
        last_seen=article.last_seen,
        versions=article.versions,
        state=article.state,
        gone_at=article.gone_at,
    )


def standing_of(ids: Any) -> CTE:  # noqa: ANN401  # a query of ids, or the ids
    """Return the table of some articles and the versions they stand at.

    Columns `article_id` and `version_id`. It is made before anything is joined to it:
    PostgreSQL takes a join on `standing_version` itself to cost nothing, and would ask
    that of all articles.
    """
    found = select(
        col(ArticleRow.id).label("article_id"), standing_version().label("version_id")
    ).where(col(ArticleRow.id).in_(ids))
    return found.cte("standing").prefix_with("MATERIALIZED", dialect="postgresql")


def standing_version() -> ScalarSelect[Any]:
    """Return the id of the version an ArticleRow stands at, to correlate with it.

    It is the newest that is not truncated: a paywall's stub replaces nothing.
    """
    own = select(col(VersionRow.id)).where(col(VersionRow.article_id) == ArticleRow.id)
    return newest_whole(own).correlate(ArticleRow).scalar_subquery()


def newest_whole(query: Select[Any]) -> Select[Any]:
    """Return, of a query of an article's versions, that of the one it stands at."""
    return (
        query.where(col(VersionRow.change) != Change.TRUNCATED)
        .order_by(col(VersionRow.captured_at).desc(), col(VersionRow.number).desc())
        .limit(ONE)
    )
