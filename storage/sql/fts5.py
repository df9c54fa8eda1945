"""Full text on SQLite: the FTS5 table `search_index` over `search_text`.

A migration makes the table and the triggers that keep it in step. Every term goes
into the match expression as a quoted string of tokens, so a query cannot say
anything to FTS5 itself.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Integer, column, table

from storage.search.query import SearchField, Term

_INDEX = table("search_index", column("search_index"), column("rowid", Integer))
ID: ColumnElement[int] = _INDEX.c.rowid
"""The article's id in the index."""

_COLUMNS = {
    SearchField.ANYWHERE: "{title body authors}",
    SearchField.TITLE: "title",
    SearchField.AUTHOR: "authors",
    SearchField.SECTION: "section",
    SearchField.TAG: "tags",
}


def matches(groups: Sequence[Sequence[Term]]) -> ColumnElement[bool]:
    """Return the condition that a row has a term of each group."""
    expression = " AND ".join(
        f"({' OR '.join(map(_quoted, group))})" for group in groups
    )
    return _INDEX.c.search_index.op("MATCH", is_comparison=True)(expression)


def is_loose(term: Term) -> bool:
    """Tell whether the index finds more than the term means: no ends of words."""
    return bool(term.behind)


def _quoted(term: Term) -> str:
    """Return a term as FTS5 reads it; tokens hold no quotes."""
    star = " *" if term.prefix else ""
    return f'({_COLUMNS[term.field]} : "{" ".join(term.tokens)}"{star})'
