"""Find articles by their words.

Both ends use storage.tokens: what is indexed and what is asked. The tokens are
rows of `search_text`; each database indexes them in its own way, and a module
with the functions of `fts5` is what another one needs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from sqlalchemy import ColumnElement, Select, func, not_, or_
from sqlmodel import Session, col, select

from storage.errors import StorageError
from storage.snippets import snippet
from storage.sql import fts5
from storage.sql.shown import anything_withheld, is_shown
from storage.sql.summaries import (
    ArticleSummary,
    standing_version,
    summaries,
    summary_of,
)
from storage.sql.tables import ArticleRow, SearchRow, SourceRow, VersionRow
from storage.tokens import SearchField, Term, indexed, query_tokens

RANKED = 5_000
"""Only so many of the newest hits are ranked; a common word has millions."""

_FULL_TEXT = {"sqlite": fts5}
_IN_ROW = (SearchField.SOURCE, SearchField.LANG)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article found.

    Attributes:
        article: The article.
        snippet: A passage of its text in parts, each marked as looked for or not.
        rank: Its weight by BM25, higher is better; 0 when sorted by age.
    """

    article: ArticleSummary
    snippet: tuple[tuple[str, bool], ...]
    rank: float


def index_article(
    session: Session,
    article_id: int,
    title: str,
    text: str,
    authors: Sequence[str] = (),
) -> None:
    """Make an article findable by these words, and no longer by others."""
    row = session.get(SearchRow, article_id)
    if row is None:
        row = SearchRow(article_id=article_id, title="", body="", authors="")
    row.title = indexed(title)
    row.body = indexed(text)
    row.authors = indexed("\n".join(authors))
    session.add(row)
    session.flush()


def remove_from_index(session: Session, article_id: int) -> None:
    """Make an article unfindable; one that is not indexed stays so."""
    row = session.get(SearchRow, article_id)
    if row is not None:
        session.delete(row)
        session.flush()


def search(
    session: Session,
    query: str,
    *,
    limit: int = 20,
    before_id: int | None = None,
    newest: bool = False,
) -> list[Hit]:
    """Return the articles that match all terms of a query, best first.

    Args:
        session: Where to look.
        query: In the language of `storage.tokens.query_tokens`.
        limit: At most so many.
        before_id: Only articles with a smaller id, for the next page by age.
        newest: Sort by age (by id, newest first) and not by rank.

    Raises:
        BadQuery: The query asks for nothing, or too much.
        StorageError: The database is not one that can be searched.
    """
    terms = query_tokens(query)
    words = [term for term in terms if term.field not in _IN_ROW]
    conditions = [in_row(term) for term in terms if term.field in _IN_ROW]
    if anything_withheld(session):  # or every hit would be looked up in vain
        conditions.append(is_shown(col(ArticleRow.link_id)))
    full_text = full_text_of(session)
    excluded = [term for term in words if term.excluded]
    if excluded:
        conditions.append(full_text.without(excluded))
    wanted = [term for term in words if not term.excluded]
    if not wanted:
        rows = _filtered(session, conditions, before_id, limit)
    elif newest:
        hits = full_text.newest(wanted, conditions, before_id, limit)
        rows = _rows(session, hits, limit)
    else:
        hits = full_text.ranked(wanted, conditions, before_id, RANKED)
        rows = _rows(session, hits, limit)
    texts = _texts(session, [article.id for article, _ in rows])
    return [
        Hit(
            article=article,
            snippet=snippet(texts.get(article.id, ""), terms),
            rank=rank,
        )
        for article, rank in rows
    ]


def full_text_of(session: Session) -> ModuleType:
    """Return the functions of this database's full text: those of `fts5`.

    Raises:
        StorageError: It cannot be searched.
    """
    dialect = session.get_bind().dialect.name
    if dialect not in _FULL_TEXT:
        raise StorageError(f"full-text search is not built for {dialect}")
    return _FULL_TEXT[dialect]


def in_row(term: Term) -> ColumnElement[bool]:
    """Return the condition on the article's row that a term stands for."""
    if term.field is SearchField.SOURCE:
        return _of_source(term)
    wanted = term.raw.lower()
    language = func.lower(func.coalesce(col(ArticleRow.language), ""))
    found = or_(language == wanted, language.startswith(f"{wanted}-", autoescape=True))
    return not_(found) if term.excluded else found


def _of_source(term: Term) -> ColumnElement[bool]:
    source_id = col(ArticleRow.source_id)
    name = col(SourceRow.name)
    alike = or_(name == term.raw, func.lower(name) == term.raw.lower())
    named = select(SourceRow.id).where(alike)
    if term.excluded:
        return or_(source_id.is_(None), source_id.not_in(named))
    return source_id.in_(named)


def _filtered(
    session: Session,
    conditions: Sequence[ColumnElement[bool]],
    before_id: int | None,
    limit: int,
) -> list[tuple[ArticleSummary, float]]:
    newest_first = summaries().where(*conditions).order_by(col(ArticleRow.id).desc())
    if before_id is not None:
        newest_first = newest_first.where(col(ArticleRow.id) < before_id)
    rows = session.execute(newest_first.limit(limit))
    return [(summary_of(article, source), 0.0) for article, source in rows]


def _rows(
    session: Session, hits: Select[Any], limit: int
) -> list[tuple[ArticleSummary, float]]:
    found = hits.subquery()
    rows = session.execute(
        summaries()
        .add_columns(found.c.rank)
        .join(found, found.c.id == ArticleRow.id)
        .order_by(found.c.rank.desc(), col(ArticleRow.id).desc())
        .limit(limit)
    )
    return [(summary_of(article, source), rank) for article, source, rank in rows]


def _texts(session: Session, ids: Sequence[int]) -> dict[int, str]:
    """Return the text that each article is indexed by."""
    rows = session.execute(
        select(VersionRow.article_id, VersionRow.text)
        .join(ArticleRow, col(ArticleRow.id) == VersionRow.article_id)
        .where(col(ArticleRow.id).in_(ids), VersionRow.id == standing_version())
    )
    return dict(rows.all())
