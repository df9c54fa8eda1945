"""Articles by their dates: the day that is stated, else when they were first seen.

An index holds this order, of all articles and of each source's.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_
from sqlmodel import col

from storage.errors import BadQuery
from storage.search.cursors import Place
from storage.sql.summaries import ArticleSummary
from storage.sql.tables import ArticleRow

Q = TypeVar("Q", bound=Select[*tuple[Any, ...]])
_BEGIN = datetime(1, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def date() -> ColumnElement[datetime]:
    """Return an article's date, written as its indexes have it, or none would be used."""
    return func.coalesce(col(ArticleRow.published_at), col(ArticleRow.first_seen))


def latest_first(query: Q, behind: Place | None, limit: int) -> Q:
    """Return a query of articles in this order, behind the last one of a page.

    Raises:
        BadQuery: no date is in the place.
    """
    if behind is not None:
        query = query.where(_is_behind(behind))
    return query.order_by(date().desc(), col(ArticleRow.id).desc()).limit(limit)


def place_of(article: ArticleSummary) -> Place:
    """Return where a page ended: microseconds of the date since the year 1, and the id."""
    stated = article.published_at or article.first_seen
    return Place((stated - _BEGIN) // _TICK, article.id, 0)


def _is_behind(place: Place) -> ColumnElement[bool]:
    try:
        last = _BEGIN + place.top * _TICK
    except OverflowError as error:
        raise BadQuery("the cursor cannot be read") from error
    return and_(date() <= last, or_(date() < last, col(ArticleRow.id) < place.id))
