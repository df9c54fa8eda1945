"""Among what a search finds: how much there is of each source, language and month."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from sqlalchemy import select
from sqlmodel import Session, col

from storage.search.query import read_query
from storage.sql.dated import date
from storage.sql.matching import matching
from storage.sql.tables import ArticleRow, SourceRow

_MOST = 8
LOOKED_AT = 2_000
"""Only so many of the newest hits are counted."""
Count = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facets:
    """The commonest of each kind, with how many articles have it.

    Attributes:
        counted: Articles looked at: the newest ones found, `LOOKED_AT` at most.
        sources: By name.
        languages: By code.
        months: As 2026-01, newest first: published, or first seen where that is unknown.
    """

    counted: int
    sources: tuple[Count, ...]
    languages: tuple[Count, ...]
    months: tuple[Count, ...]


def facets(session: Session, query: str) -> Facets:
    """Return what there is among the newest articles that match a query.

    Raises:
        BadQuery: The query asks for nothing, or cannot be read.
    """
    found, article_id = matching(session, read_query(query))
    newest = found.order_by(article_id.desc()).limit(LOOKED_AT).subquery()
    rows = session.execute(
        select(col(SourceRow.name), col(ArticleRow.language), date())
        .select_from(ArticleRow)
        .join(newest, newest.c.id == ArticleRow.id)
        .join(SourceRow, col(SourceRow.id) == ArticleRow.source_id, isouter=True)
    ).all()
    months = Counter(f"{when.astimezone(UTC):%Y-%m}" for _, _, when in rows)
    return Facets(
        counted=len(rows),
        sources=_common(name for name, _, _ in rows),
        languages=_common(language for _, language, _ in rows),
        months=tuple(sorted(months.items(), reverse=True)[:_MOST]),
    )


def _common(values: Iterable[str | None]) -> tuple[Count, ...]:
    return tuple(Counter(value for value in values if value).most_common(_MOST))
