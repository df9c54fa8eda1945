"""The ledger's sums: how many links stand where, and why; and whether all do.

Every function takes the session of one transaction and changes nothing.
"""

import re
from collections import Counter

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col

from storage.faults import read_error
from storage.model.link_state import LinkState
from storage.sql.engine import reading_engine
from storage.sql.tables import ACTIVE, LinkRow, SourceRow

_OPEN = (LinkState.WAITING, LinkState.CAPTURED, LinkState.BUDGET)
_URL = re.compile(r"https?://\S+?(?=[:;]?(?:\s|$))")
_NUMBER = re.compile(r"(?<!HTTP )(?<![\w.])\d[\d.,:-]*")


def sums(session: Session, source: int | None = None) -> list[tuple[str, str, int]]:
    """Return state, kind of reason and number of links, most first in each state."""
    query = select(col(LinkRow.state), col(LinkRow.reason), func.count()).group_by(
        col(LinkRow.state), col(LinkRow.reason)
    )
    if source is not None:
        query = query.where(col(LinkRow.source_id) == source)
    counts: Counter[tuple[str, str]] = Counter()
    for state, reason, links in session.execute(query):
        counts[state, reason_class(reason)] += links
    ordered = sorted(counts.items(), key=lambda one: (one[0][0], -one[1], one[0][1]))
    return [(state, reason, links) for (state, reason), links in ordered]


def reason_class(reason: str) -> str:
    """Return a reason without what is only this link's: details, URLs, numbers."""
    kind = _URL.sub("…", reason).split(": ")[0].split("; ")[0]
    return _NUMBER.sub("…", kind)


def unaccounted(session: Session) -> dict[str, int]:
    """Return what keeps the ledger from adding up: what is wrong, for how many links.

    Empty when each link is in one known state, is there for a reason, and, where it
    is still to be attended, has a time for it.
    """
    state, reason = col(LinkRow.state), col(LinkRow.reason)
    is_active = col(LinkRow.source_id).is_(None) | (col(SourceRow.state) == ACTIVE)
    faults = {
        "in no known state": state.not_in(list(LinkState)),
        "ended without a reason": state.not_in(_OPEN) & (reason == ""),
        "open, but never due": state.in_(_OPEN)
        & col(LinkRow.next_run).is_(None)
        & (reason == "")
        & is_active,
    }
    found = {
        why: session.execute(
            select(func.count())
            .select_from(LinkRow)
            .join(SourceRow, col(SourceRow.id) == LinkRow.source_id, isouter=True)
            .where(fault)
        ).scalar_one()
        for why, fault in faults.items()
    }
    return {why: links for why, links in found.items() if links}


def balance(url: str) -> tuple[int, dict[str, int]]:
    """Return how many links a database's ledger has, and what is wrong with it.

    Raises:
        StorageError: it cannot be read, or is none of Kliping's.
    """
    engine = reading_engine(url)
    try:
        with Session(engine) as session:
            links = session.execute(select(func.count()).select_from(LinkRow))
            return links.scalar_one(), unaccounted(session)
    except DBAPIError as error:
        raise read_error(error, str(engine.url.database)) from error
    finally:
        engine.dispose()
