"""Find articles by their words, a page at a time.

Both ends use storage.search.tokens: what is indexed and what is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.model.article import Article
from storage.search.cursors import Place, read_cursor, write_cursor
from storage.search.query import Question, SearchField, Term, read_query
from storage.search.ranking import Counted, ranked
from storage.search.snippets import snippet
from storage.search.tokens import indexed, indexed_names, indexed_titles
from storage.sql.dated import latest_first, place_of
from storage.sql.matching import matching, occurrences
from storage.sql.summaries import (
    ArticleSummary,
    standing_of,
    summaries,
    summary_of,
)
from storage.sql.tables import ArticleRow, SearchRow, VersionRow, table_of

RANKED = 5_000
"""Only so many of the newest hits are ranked; a common word has millions."""

_WEIGHTS = {"title": 4.0, "body": 1.0, "authors": 2.0, "section": 2.0, "tags": 2.0}
_BEST, _NEWEST, _DATED = "best", "newest", "published"
_ADD = insert(table_of(SearchRow))


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article found.

    Attributes:
        article: The article.
        snippet: A passage of its text in parts, each marked as looked for or not.
        rank: Its weight among those found, higher is better; 0 when sorted by age.
    """

    article: ArticleSummary
    snippet: tuple[tuple[str, bool], ...]
    rank: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was found.

    Attributes:
        hits: Of this page.
        cursor: Asks for the next page; None on the last.
        counted: How many stand in this order on all pages; None where that is not
            counted, by age or date.
        is_all: Whether these are all that match. Of more than `RANKED` the newest are
            put in order; the others are found by age alone.
    """

    hits: tuple[Hit, ...]
    cursor: str | None
    counted: int | None = None
    is_all: bool = True


def index_article(
    session: Session,
    article_id: int,
    article: Article,
    *,
    former: Sequence[str] = (),
    is_new: bool = False,
) -> None:
    """Make an article findable by these words, and no longer by others.

    `former` are the headlines that it had before; `is_new` says that there are no
    other words yet.
    """
    words = _words_of(article, former)
    row = None if is_new else session.get(SearchRow, article_id)
    if row is not None:
        row.sqlmodel_update(words)
        return
    session.flush()
    session.connection().execute(_ADD, {"article_id": article_id, **words})


def _words_of(article: Article, former: Sequence[str]) -> dict[str, str]:
    return {
        "title": indexed_titles([article.title, *former]),
        "body": indexed(article.text),
        "authors": indexed_names(article.authors),
        "section": indexed_names([article.section] if article.section else []),
        "tags": indexed_names(article.tags),
    }


def search(session: Session, query: str, *, limit: int = 20) -> list[Hit]:
    """Return the articles that match a query, best first: a first page."""
    return list(search_best(session, query, limit=limit).hits)


def search_best(
    session: Session, query: str, *, limit: int = 20, cursor: str | None = None
) -> Page:
    """Return a page of the articles that match a query, best first.

    Of a query without words all are as good, so it goes by age. Articles that come
    while pages are turned are on none of them. Of more than `RANKED` articles the
    newest are ranked, and the page says so.

    Args:
        session: Where to look.
        query: In the language of storage.search.query.
        limit: At most so many.
        cursor: That of the page before; None for the first page.

    Raises:
        BadQuery: The query or the cursor asks for nothing, or cannot be read.
        StorageError: The database is not one that can be searched.
    """
    question = read_query(query)
    if not question.words:
        return search_newest(session, query, limit=limit, cursor=cursor)
    place = read_cursor(cursor, query, _BEST) if cursor else None
    top = place.top if place else _newest_id(session)
    found = _counted(session, question, top)
    order = ranked(found[:RANKED])
    start = _behind(order, place) if place else 0
    rows = order[start : start + limit]
    more = None
    if len(order) > start + limit:
        more = write_cursor(Place(top, rows[-1][0], start + limit), query, _BEST)
    return Page(
        hits=_hits(session, rows, question),
        cursor=more,
        counted=len(order),
        is_all=len(found) <= RANKED,
    )


def search_newest(
    session: Session, query: str, *, limit: int = 20, cursor: str | None = None
) -> Page:
    """Return a page of the articles that match a query, the newest first.

    The order is that in which they were archived. Arguments and errors are those of
    `search_best`.
    """
    question = read_query(query)
    place = read_cursor(cursor, query, _NEWEST) if cursor else None
    found, article_id = matching(session, question)
    if place:
        found = found.where(article_id < place.id)
    found = found.order_by(article_id.desc()).limit(limit + 1)
    rows = [(row.id, 0.0) for row in session.execute(found)]
    more = None
    if len(rows) > limit:
        last = rows[limit - 1][0]
        more = write_cursor(Place(last, last, 0), query, _NEWEST)
    return Page(hits=_hits(session, rows[:limit], question), cursor=more)


def search_dated(
    session: Session, query: str, *, limit: int = 20, cursor: str | None = None
) -> Page:
    """Return a page of the articles that match a query, the last published first.

    What states no date counts from when it was first seen. All that match are put in
    order for each page, unless no words are looked for. Arguments and errors are those of
    `search_best`.
    """
    question = read_query(query)
    behind = read_cursor(cursor, query, _DATED) if cursor else None
    found, _ = matching(session, question)
    order = latest_first(_of_articles(found, question), behind, limit + 1)
    rows = [(article_id, 0.0) for article_id in session.execute(order).scalars()]
    hits, more = _hits(session, rows[:limit], question), None
    if len(rows) > limit:
        more = write_cursor(place_of(hits[-1].article), query, _DATED)
    return Page(hits=hits, cursor=more)


#: By the names of their orders.
SEARCHES = {_BEST: search_best, _NEWEST: search_newest, _DATED: search_dated}


def _of_articles(found: Select[Any], question: Question) -> Select[Any]:
    """Return a query of ids that can be ordered by what articles are.

    Words are looked for first: SQLite would ask its full-text index for each article.
    """
    if not question.words:
        return found
    hits = found.cte("hits").prefix_with("MATERIALIZED")
    return sql_select(col(ArticleRow.id)).join(hits, hits.c.id == col(ArticleRow.id))


def unmatched(session: Session, query: str) -> tuple[str, ...]:
    """Return those of several parts of a query that no article matches, asked alone.

    Raises:
        BadQuery: The query asks for nothing, or cannot be read.
    """
    groups = read_query(query).groups
    if len(groups) == 1:
        return ()
    return tuple(
        " OR ".join(map(_spelled, group))
        for group in groups
        if not _matches_any(session, Question(groups=(group,)))
    )


def _spelled(term: Term) -> str:
    return (
        term.raw if term.field is SearchField.ANYWHERE else f"{term.field}:{term.raw}"
    )


def _matches_any(session: Session, question: Question) -> bool:
    found, _ = matching(session, question)
    return session.execute(found.limit(1)).first() is not None


def _newest_id(session: Session) -> int:
    return session.execute(select(func.max(ArticleRow.id))).scalar() or 0


def _counted(session: Session, question: Question, top: int) -> list[Counted]:
    """Return the newest matching articles, with how often each has each term.

    They stand by age, one more than are ranked where there are more.
    """
    found, article_id = matching(session, question)
    newest = (
        found.where(article_id <= top).order_by(article_id.desc()).limit(RANKED + 1)
    ).subquery()
    rows = session.execute(
        select(
            col(SearchRow.article_id),
            func.length(SearchRow.body),
            *(_count(group) for group in question.words),
        ).join(newest, newest.c.id == SearchRow.article_id)
    )
    counted = [Counted(row[0], row[1], tuple(map(float, row[2:]))) for row in rows]
    return sorted(counted, key=lambda one: -one.id)


def _count(group: Sequence[Term]) -> ColumnElement[Any]:
    counts = (
        count * _WEIGHTS[column]
        for term in group
        for column, count in occurrences(term).items()
    )
    return reduce(add, counts)


def _behind(order: Sequence[tuple[int, float]], place: Place) -> int:
    """Return where the next page begins: behind an article, or where it stood."""
    for number, (article_id, _) in enumerate(order):
        if article_id == place.id:
            return number + 1
    return place.shown - 1


def _hits(
    session: Session, rows: Sequence[tuple[int, float]], question: Question
) -> tuple[Hit, ...]:
    ids = [article_id for article_id, _ in rows]
    found = session.execute(summaries().where(col(ArticleRow.id).in_(ids)))
    articles = {article.id: summary_of(article, source) for article, source in found}
    texts = _texts(session, ids)
    return tuple(
        Hit(
            article=articles[article_id],
            snippet=snippet(texts.get(article_id, ""), question.terms),
            rank=rank,
        )
        for article_id, rank in rows
    )


def _texts(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Return the text that each article is indexed by."""
    at = standing_of(ids)
    rows = session.execute(
        select(at.c.article_id, col(VersionRow.text)).join(
            at, at.c.version_id == col(VersionRow.id)
        )
    )
    return dict(rows.all())
