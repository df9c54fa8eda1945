"""Full text on PostgreSQL: the table `search_index` with a GIN index over words.

A trigger keeps it in step with `search_text`. The words are those of storage.search.tokens
as they are, through no dictionary, and without places: a tsvector keeps 256 places a
word at most, none behind the 16,383rd, so phrases are looked for in `search_text`.
Words of one field stand there a second time, behind the sign of the field.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Integer, cast, column, literal, table
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from storage.search.query import SearchField, Term

_INDEX = table("search_index", column("article_id", Integer), column("words", TSVECTOR))
ID: ColumnElement[int] = _INDEX.c.article_id
"""The article's id in the index."""

_SIGNS = {
    SearchField.ANYWHERE: "",
    SearchField.TITLE: "=",
    SearchField.AUTHOR: "@",
    SearchField.SECTION: "/",
    SearchField.TAG: "#",
}


def matches(groups: Sequence[Sequence[Term]]) -> ColumnElement[bool]:
    """Return the condition that a row has the words of a term of each group."""
    expression = " & ".join(f"({' | '.join(map(_quoted, group))})" for group in groups)
    return _INDEX.c.words.op("@@", is_comparison=True)(
        cast(literal(expression), TSQUERY)
    )


def is_loose(term: Term) -> bool:
    """Tell whether the index finds more than the term means: no order of words."""
    return len(term.tokens) > 1 or bool(term.behind)


def _quoted(term: Term) -> str:
    """Return a term as a tsquery; tokens hold neither quotes nor backslashes."""
    sign = _SIGNS[term.field]
    words = [f"'{sign}{token}'" for token in term.tokens]
    if term.prefix:
        words[-1] += ":*"
    return f"({' & '.join(words)})"
