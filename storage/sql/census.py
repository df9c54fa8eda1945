"""How many rows there are, of what and in which state, as the database counts them.

Triggers keep the table (migration 0035), so whoever changes a row need not think of it.
"""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Select, func, select
from sqlmodel import Session, col

from storage.model.link_state import LinkState
from storage.sql.counting import total
from storage.sql.tables import CensusRow, SourceRow

_NUMBER = col(CensusRow.number)


def number_of(what: str, *conditions: ColumnElement[bool]) -> Select[int]:
    """Return the query of how many rows a table has, of those that fit."""
    return select(total(_NUMBER)).where(col(CensusRow.what) == what, *conditions)


def ledger_counts(
    session: Session, source: int | None = None
) -> dict[str | None, Mapping[LinkState, int]]:
    """Return how many links are in each state, by source; None has no source.

    Given a source's id, only its links are counted.
    """
    query = (
        select(
            col(SourceRow.name), col(CensusRow.state), func.sum(_NUMBER).label("links")
        )
        .select_from(CensusRow)
        .join(SourceRow, col(SourceRow.id) == col(CensusRow.source_id), isouter=True)
        .where(col(CensusRow.what) == "link")
        .group_by(col(CensusRow.source_id), col(SourceRow.name), col(CensusRow.state))
        .having(func.sum(_NUMBER) > 0)
        .order_by(col(SourceRow.name), col(CensusRow.state))
    )
    if source is not None:
        query = query.where(col(CensusRow.source_id) == source)
    counts: dict[str | None, dict[LinkState, int]] = {}
    for name, state, links in session.execute(query):
        counts.setdefault(name, {})[LinkState(state)] = int(links)
    return dict(counts)


def languages(session: Session) -> list[str]:
    """Return the languages there are articles in, the commonest first."""
    number = func.sum(_NUMBER)
    found = session.execute(
        select(col(CensusRow.kind))
        .where(col(CensusRow.what) == "article", col(CensusRow.kind) != "")
        .group_by(col(CensusRow.kind))
        .having(number > 0)
        .order_by(number.desc(), col(CensusRow.kind))
    )
    return list(found.scalars())
