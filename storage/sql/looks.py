"""The tallies of sources: what looks at their archived articles came to.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import bindparam, update
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from storage.looks import NO_LOOKS, Look, Tally, read_tally, tally_document
from storage.sql.tables import SourceRow, table_of

_SOURCES = table_of(SourceRow)
_OWN = _SOURCES.c.id == bindparam("source")
_TALLY = sql_select(_SOURCES.c.tally).where(_OWN).with_for_update()
_NOTE = update(_SOURCES).where(_OWN).values(tally=bindparam("now"))


def tally_of(session: Session, source: int | None) -> Tally:
    """Return a source's tally; a link of no source has none."""
    return NO_LOOKS if source is None else tallies_of(session, [source])[source]


def tallies_of(session: Session, sources: Collection[int]) -> dict[int, Tally]:
    """Return the tallies of sources by id."""
    if not sources:
        return {}
    found = select(SourceRow.id, SourceRow.tally).where(col(SourceRow.id).in_(sources))
    kept = {row: read_tally(tally) for row, tally in session.exec(found)}
    return {source: kept.get(source, NO_LOOKS) for source in sources}


def note_look(session: Session, source: int, look: Look) -> None:
    """Add what a look found to its source's tally."""
    _change(session, source, lambda tally: tally.seen(look))


def note_requests(
    session: Session, source: int, now: datetime, *, looks: int = 0, others: int = 0
) -> None:
    """Add requests to a source's tally: for looks, and for all else."""
    _change(session, source, lambda tally: tally.asked(now, looks=looks, others=others))


def _change(session: Session, source: int, change: Callable[[Tally], Tally]) -> None:
    connection = session.connection()
    row = connection.execute(_TALLY, {"source": source}).first()
    if row is not None:
        tally = tally_document(change(read_tally(row.tally)))
        connection.execute(_NOTE, {"source": source, "now": tally})
