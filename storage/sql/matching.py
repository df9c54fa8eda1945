"""Which articles a question means: the condition of searches and exports alike.

Each database indexes the tokens of `search_text` in its own way; its module has `ID`,
`matches` and `is_loose`. Where its index finds more than a term means, the tokens
themselves are asked, which stand there one blank apart.
"""

from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import Any, NamedTuple

from ada_url import idna
from sqlalchemy import (
    ColumnElement,
    Select,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
)
from sqlmodel import Session, col

from storage.errors import BadQuery, StorageError
from storage.search.query import IN_ROW, Question, SearchField, Term
from storage.sql import fts5, tsvectors
from storage.sql.dated import date
from storage.sql.shown import anything_withheld, is_shown
from storage.sql.tables import ArticleRow, HostRow, LinkRow, SearchRow, SourceRow

_FULL_TEXT = {"sqlite": fts5, "postgresql": tsvectors}
_ANYWHERE: Any = (SearchRow.title, SearchRow.body, SearchRow.authors)
_COLUMNS: dict[SearchField, Any] = {
    SearchField.ANYWHERE: _ANYWHERE,
    SearchField.TITLE: (SearchRow.title,),
    SearchField.AUTHOR: (SearchRow.authors,),
    SearchField.SECTION: (SearchRow.section,),
    SearchField.TAG: (SearchRow.tags,),
}


class Matching(NamedTuple):
    """The query of the ids of matching articles, and the column they come from."""

    query: Select[Any]
    id: ColumnElement[int]


def matching(
    session: Session, question: Question, *conditions: ColumnElement[bool]
) -> Matching:
    """Return the articles that a question means and that may be shown.

    Args:
        session: Of the database that will be asked.
        question: What is looked for.
        conditions: More of them, on an article's row.

    Raises:
        BadQuery: No source has a name that is asked for.
        StorageError: The database cannot be searched.
    """
    full_text = _full_text(session)
    _refuse_unknown_sources(session, question)
    in_rows = [*_in_rows(full_text, question), *conditions]
    if anything_withheld(session):  # or every hit would be looked up in vain
        in_rows.append(is_shown(col(ArticleRow.link_id)))
    if not question.words:
        ids: Any = col(ArticleRow.id)
        return Matching(select(ids.label("id")).where(*in_rows), ids)
    found = _found(full_text, question.words)
    if in_rows:
        found = found.join(ArticleRow, col(ArticleRow.id) == full_text.ID)
    return Matching(found.where(*in_rows), full_text.ID)


def occurrences(term: Term) -> dict[str, ColumnElement[float]]:
    """Return how often a term stands in each column of `search_text` it is sought in."""
    pattern = _pattern(term)
    return {column.key: _count(column, pattern) for column in _COLUMNS[term.field]}


def _full_text(session: Session) -> ModuleType:
    dialect = session.get_bind().dialect.name
    if dialect not in _FULL_TEXT:
        raise StorageError(f"full-text search is not built for {dialect}")
    return _FULL_TEXT[dialect]


def _refuse_unknown_sources(session: Session, question: Question) -> None:
    for term in (*question.terms, *question.excluded):
        if term.field is not SearchField.SOURCE:
            continue
        known = select(col(SourceRow.id)).where(_is_named(term.raw)).limit(1)
        if session.execute(known).first() is None:
            raise BadQuery(f"no source is named {term.raw!r}")


def _found(full_text: ModuleType, groups: Sequence[Sequence[Term]]) -> Select[Any]:
    found = select(full_text.ID.label("id")).where(full_text.matches(groups))
    checks = [
        or_(*map(_stands, group))
        for group in groups
        if any(map(full_text.is_loose, group))
    ]
    if not checks:
        return found
    joined = found.join(SearchRow, col(SearchRow.article_id) == full_text.ID)
    return joined.where(*checks)


def _stands(term: Term) -> ColumnElement[bool]:
    """Return the condition that a term stands in one of its fields, word by word.

    Tokens hold none of LIKE's signs.
    """
    pattern = f"%{_pattern(term)}%"
    return or_(*(_padded(column).like(pattern) for column in _COLUMNS[term.field]))


def _padded(column: Any) -> ColumnElement[str]:  # noqa: ANN401  # a mapped column
    return literal(" ") + col(column) + literal(" ")


def _count(column: Any, pattern: str) -> ColumnElement[float]:  # noqa: ANN401
    """Return how often a text holds another: by how much is missing without it."""
    rest = func.replace(_padded(column), pattern, "")
    missing: ColumnElement[float] = func.length(_padded(column)) - func.length(rest)
    return missing * literal(1.0 / len(pattern))


def _pattern(term: Term) -> str:
    """Return a term's tokens as `search_text` has them, with the blanks around."""
    words = " ".join((term.behind, *term.tokens))  # begins inside a token, or with one
    return words if term.prefix else f"{words} "


def _in_rows(
    full_text: ModuleType, question: Question
) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions on an article's row."""
    for group in question.groups:
        if group[0].field in IN_ROW:
            yield or_(*map(_in_row, group))
    words = [term for term in question.excluded if term.field not in IN_ROW]
    if words:
        yield col(ArticleRow.id).not_in(_found(full_text, [words]))
    for term in question.excluded:
        if term.field in IN_ROW:
            yield not_(_in_row(term))
    yield from _within(question)


def _in_row(term: Term) -> ColumnElement[bool]:
    """Return the condition on the article's row; it is never NULL."""
    match term.field:
        case SearchField.SOURCE:
            return _of_source(term.raw)
        case SearchField.SITE:
            return _of_site(idna.encode(term.raw.lower()).decode().rstrip("."))
    wanted = term.raw.lower()
    language = func.lower(func.coalesce(col(ArticleRow.language), ""))
    return or_(language == wanted, language.startswith(f"{wanted}-", autoescape=True))


def _of_source(name: str) -> ColumnElement[bool]:
    source_id = col(ArticleRow.source_id)
    named = source_id.in_(select(col(SourceRow.id)).where(_is_named(name)))
    return func.coalesce(named, false())


def _is_named(name: str) -> ColumnElement[bool]:
    known = col(SourceRow.name)
    return or_(known == name, func.lower(known) == name.lower())


def _of_site(host: str) -> ColumnElement[bool]:
    """Return the condition that a page came from a host, or one below it, at any port.

    Args:
        host: Its name as it is asked for (punycode), with a port if only that is meant.
    """
    key = col(HostRow.key)
    hosts = select(key).where(
        or_(
            key == host,
            key.startswith(f"{host}:", autoescape=True),
            key.endswith(f".{host}", autoescape=True),
            key.contains(f".{host}:", autoescape=True),
        )
    )
    return exists().where(
        col(LinkRow.id) == col(ArticleRow.link_id), col(LinkRow.host).in_(hosts)
    )


def _within(question: Question) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions on the stated day, or the first seen where none is."""
    if question.after is not None:
        yield date() >= question.after
    if question.before is not None:
        yield date() < question.before
