"""Articles as a program asks for them: filtered, in an order, from a place on.

Pages go by ids and dates, never by counting rows, so what is archived meanwhile moves
nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, union
from sqlmodel import Session, col

from storage.search.cursors import Place
from storage.search.query import refuse_no_language
from storage.sql.census import languages
from storage.sql.dated import date, latest_first
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
    """Return articles, the last archived first; `before_id` is the last page's last id.

    Raises:
        BadQuery: the language is none.
    """
    query = summaries().where(*_conditions(session, choice))
    if before_id is not None:
        query = query.where(col(ArticleRow.id) < before_id)
    query = query.order_by(col(ArticleRow.id).desc()).limit(limit)
    return [summary_of(article, name) for article, name in session.execute(query)]


def choose_dated(
    session: Session, choice: Choice, *, behind: Place | None = None, limit: int = 50
) -> list[ArticleSummary]:
    """Return articles, the last published first, behind the last of a page.

    Raises:
        BadQuery: the language is none, or no date is in the place.
    """
    chosen = summaries().where(*_conditions(session, choice))
    query = latest_first(chosen, behind, limit)
    return [summary_of(article, name) for article, name in session.execute(query)]


def _conditions(session: Session, choice: Choice) -> Iterator[ColumnElement[bool]]:
    yield is_shown(col(ArticleRow.link_id))
    if choice.source is not None:
        named = select(col(SourceRow.id)).where(col(SourceRow.name) == choice.source)
        yield col(ArticleRow.source_id) == named.scalar_subquery()
    if choice.language is not None:
        codes = _languages(session, choice.language)
        yield col(ArticleRow.language).in_(codes)  # so that their index is of use
    if choice.state is not None:
        yield col(ArticleRow.state) == choice.state
    if choice.since is not None:
        yield date() >= choice.since
    if choice.until is not None:
        yield date() < choice.until
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
