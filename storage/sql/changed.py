"""Articles by their last change, the newest first: what feeds are made of.

An article's last change is the version it stands at. What is taken down is left out.
Looking stays cheap in a large archive, because changes are looked for in bounds: among
the last changes of all, and among the newest articles of a source or a search. Those of
some kinds alone are looked for among the last changes of all.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, union
from sqlmodel import Session, col

from storage.model.change import Change
from storage.search.query import read_query
from storage.sql.matching import matching
from storage.sql.shown import is_shown
from storage.sql.summaries import (
    ArticleSummary,
    standing_of,
    summaries,
    summary_of,
)
from storage.sql.tables import ArticleRow, LinkRow, VersionRow

#: So many of the last changes of all, and of the newest articles, are looked at.
LAST, NEWEST = 5_000, 2_000
#: An article that changed often stands among the last changes as often.
_TIMES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """An article as it stands.

    Attributes:
        article: The article.
        link_key: The identity of its link; it outlives the article's number.
        number: The version it stands at.
        change: How that differs from the one before; FIRST for a new article.
        at: When that was captured.
        document: All of it, as JSON values (storage.documents).
    """

    article: ArticleSummary
    link_key: str
    number: int
    change: Change
    at: datetime
    document: dict[str, Any]


def changed_articles(
    session: Session, limit: int, only: Collection[Change] = ()
) -> list[Changed]:
    """Return the articles that are new or changed last; `only` those that so changed."""
    last = _last(LAST if only else _TIMES * limit).subquery()
    return _standing(session, select(last.c.article_id), limit, only)


def changed_of_source(
    session: Session, source_id: int, limit: int, only: Collection[Change] = ()
) -> list[Changed]:
    """Return a source's articles that are new or changed last; `only` as above."""
    own = col(ArticleRow.source_id) == source_id
    lately = _changed_lately().where(own)
    if only:
        return _standing(session, lately, limit, only)
    newest = select(col(ArticleRow.id)).where(own)
    newest = newest.order_by(col(ArticleRow.id).desc()).limit(NEWEST)
    return _standing(session, _both(newest, lately), limit)


def changed_matching(
    session: Session, query: str, limit: int, only: Collection[Change] = ()
) -> list[Changed]:
    """Return the articles that match a query, those that are new or changed last.

    `only` is as above.

    Raises:
        BadQuery: The query asks for nothing, or cannot be read.
        StorageError: The database is not one that can be searched.
    """
    question = read_query(query)
    lately = col(ArticleRow.id).in_(_changed_lately())
    changed, _ = matching(session, question, lately)
    if only:
        return _standing(session, changed, limit, only)
    found, article_id = matching(session, question)
    newest = found.order_by(article_id.desc()).limit(limit)
    return _standing(session, _both(newest, changed), limit)


_FIRST = col(ArticleRow.first_link), col(ArticleRow.link_id)


def _last(count: int) -> Select[Any]:
    return (
        select(col(VersionRow.article_id))
        .order_by(col(VersionRow.captured_at).desc())
        .limit(count)
    )


def _changed_lately() -> Select[Any]:
    last = _last(LAST).subquery()
    return select(col(ArticleRow.id)).where(
        col(ArticleRow.id).in_(select(last.c.article_id))
    )


def _both(one: Select[Any], other: Select[Any]) -> Select[Any]:
    """Return the ids of two queries; each may have an order and a limit of its own."""
    first, second = one.subquery(), other.subquery()
    return select(union(select(first.c[0]), select(second.c[0])).subquery().c[0])


def _standing(
    session: Session, ids: Select[Any], limit: int, only: Collection[Change] = ()
) -> list[Changed]:
    at = standing_of(ids)
    is_wanted = [col(VersionRow.change).in_(only)] if only else []
    query = (
        summaries()
        .add_columns(VersionRow, col(LinkRow.key))
        .join(at, at.c.article_id == col(ArticleRow.id))
        .join(VersionRow, col(VersionRow.id) == at.c.version_id)
        .join(LinkRow, col(LinkRow.id) == func.coalesce(*_FIRST))
        .where(is_shown(col(ArticleRow.link_id)), *is_wanted)
        .order_by(col(VersionRow.captured_at).desc(), col(VersionRow.id).desc())
        .limit(limit)
    )
    return [
        Changed(
            article=summary_of(article, source),
            link_key=key,
            number=version.number,
            change=Change(version.change),
            at=version.captured_at,
            document=version.document,
        )
        for article, source, version, key in session.execute(query)
    ]
