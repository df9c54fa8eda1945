"""Full text on SQLite: the FTS5 table `search_index` over `search_text`.

Migration 0002 makes the table and the triggers that keep it in step. Every term
goes into the match expression as a quoted string of tokens, so a query cannot
say anything to FTS5 itself.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, column, func, literal, select, table
from sqlmodel import col

from storage.sql.tables import ArticleRow
from storage.tokens import SearchField, Term

_INDEX = table("search_index", column("search_index"), column("rowid"))
_WEIGHTS = (4.0, 1.0, 2.0)  # title, body, authors
_COLUMNS = {
    SearchField.ANYWHERE: "",
    SearchField.TITLE: "title : ",
    SearchField.AUTHOR: "authors : ",
}


def newest(
    terms: Sequence[Term],
    conditions: Sequence[ColumnElement[bool]],
    before_id: int | None,
    limit: int,
) -> Select[Any]:
    """Return the query of the newest matching articles: id, rank 0."""
    return _hits(terms, conditions, literal(0.0), before_id).limit(limit)


def ranked(
    terms: Sequence[Term],
    conditions: Sequence[ColumnElement[bool]],
    before_id: int | None,
    limit: int,
) -> Select[Any]:
    """Return the query of the newest matching articles: id, BM25, high is good."""
    rank = -func.bm25(column("search_index"), *_WEIGHTS)
    return _hits(terms, conditions, rank, before_id).limit(limit)


def without(terms: Sequence[Term]) -> ColumnElement[bool]:
    """Return the condition that an article matches none of the terms."""
    found = select(_INDEX.c.rowid).where(_matches(" OR ".join(map(_quoted, terms))))
    return col(ArticleRow.id).not_in(found)


def _hits(
    terms: Sequence[Term],
    conditions: Sequence[ColumnElement[bool]],
    rank: ColumnElement[float],
    before_id: int | None,
) -> Select[Any]:
    hits = select(_INDEX.c.rowid.label("id"), rank.label("rank"))
    if conditions:
        hits = hits.join(ArticleRow, col(ArticleRow.id) == _INDEX.c.rowid)
    if before_id is not None:
        hits = hits.where(_INDEX.c.rowid < before_id)
    expression = " AND ".join(map(_quoted, terms))
    return hits.where(_matches(expression), *conditions).order_by(_INDEX.c.rowid.desc())


def _matches(expression: str) -> ColumnElement[bool]:
    return _INDEX.c.search_index.op("MATCH", is_comparison=True)(expression)


def _quoted(term: Term) -> str:
    """Return a term as FTS5 reads it; tokens hold no quotes."""
    star = " *" if term.prefix else ""
    return f'({_COLUMNS[term.field]}"{" ".join(term.tokens)}"{star})'
