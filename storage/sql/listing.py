"""Articles as a program asks for them: filtered, the newest first, from a place on.

Pages go by ids, never by counting rows, so what is archived meanwhile moves nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, union
from sqlmodel import Session, col

from storage.search.query import refuse_no_language
from storage.sql.census import languages
from storage.sql.shown import is_shown
from storage.sql.summaries import ArticleSummary, summaries, summary_of
from storage.sql.tables import ArticleRow, SourceRow, VersionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which articles are asked for; nothing said asks for all.

    Attributes:
        source: Only this source's, by name.
        language: Only those in it, regional ones included.
        state: Only those in it: `present` or `gone`.
        since: Only those published since; first seen, where they say nothing.
        until: Only those published before.
        changed_since: Only those of which a version was captured, or that were found
            gone, since.
    """

    source: str | None = None
    language: str | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    changed_since: datetime | None = None


def choose_articles(
    session: Session, choice: Choice, *, before_id: int | None = None, limit: int = 50
) -> list[ArticleSummary]:
    """Return articles, the newest first; `before_id` is the last page's last id.

    Raises:
        BadQuery: the language is none.
    """
    query = summaries().where(
        is_shown(col(ArticleRow.link_id)), *_conditions(session, choice)
    )
    if before_id is not None:
        query = query.where(col(ArticleRow.id) < before_id)
    query = query.order_by(col(ArticleRow.id).desc()).limit(limit)
    return [summary_of(article, name) for article, name in session.execute(query)]


def _conditions(session: Session, choice: Choice) -> Iterator[ColumnElement[bool]]:
    if choice.source is not None:
        yield col(SourceRow.name) == choice.source
    if choice.language is not None:
        codes = _languages(session, choice.language)
        yield col(ArticleRow.language).in_(codes)  # so that their index is of use
    if choice.state is not None:
        yield col(ArticleRow.state) == choice.state
    stated, seen = col(ArticleRow.published_at), col(ArticleRow.first_seen)
    if choice.since is not None:
        unstated = and_(stated.is_(None), seen >= choice.since)
        yield or_(stated >= choice.since, unstated)
    if choice.until is not None:
        unstated = and_(stated.is_(None), seen < choice.until)
        yield or_(stated < choice.until, unstated)
    if choice.changed_since is not None:
        captured = select(col(VersionRow.article_id)).where(
            col(VersionRow.captured_at) >= choice.changed_since
        )
        gone = select(col(ArticleRow.id)).where(
            col(ArticleRow.gone_at) >= choice.changed_since
        )
        yield col(ArticleRow.id).in_(union(captured, gone))


def _languages(session: Session, code: str) -> list[str]:
    """Return a language and its regional ones, as articles have them."""
    refuse_no_language(code)
    wanted = code.lower()
    return [
        one
        for one in languages(session)
        if one.lower() == wanted or one.lower().startswith(f"{wanted}-")
    ]
