"""Which captures are kept no longer: those that nothing was made of, past their time.

None goes that is needed: that a version rests on, that something was rendered from, that
was not read yet, that is the newest of its link, or that one which stays repeats. Every function takes the session of one
transaction and does not commit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, false, or_
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from storage.model.link_kind import WATCHED_KINDS, LinkKind
from storage.sql.tables import (
    CaptureRow,
    LinkRow,
    PartRow,
    TemplatePageRow,
    VersionRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutoff:
    """Until when a source's captures are past their time.

    Attributes:
        source: The source's id.
        lists: Captures of its lists before this; None keeps all.
        looks: Captures of its articles before this; None keeps all.
    """

    source: int
    lists: datetime | None
    looks: datetime | None


def outlived(
    session: Session, cutoffs: Sequence[Cutoff], limit: int
) -> list[CaptureRow]:
    """Return captures past their time that nothing needs, by id, some at a time.

    With one that others repeat come those, or it stays.

    Args:
        session: For reading.
        cutoffs: Of each source that does not keep all.
        limit: Looks at so many at a time, until some can go.
    """
    after = 0
    while cutoffs:
        rows = _candidates(session, cutoffs, col(CaptureRow.id) > after, limit)
        if not rows:
            break
        after = rows[-1].id or 0
        if found := _free(session, cutoffs, rows):
            return found
    return []


def _free(
    session: Session, cutoffs: Sequence[Cutoff], rows: Sequence[CaptureRow]
) -> list[CaptureRow]:
    """Return those of some captures that no kept one repeats, with what repeats them."""
    ids = [row.id for row in rows]
    leans = col(CaptureRow.revisit_of).in_(ids)
    repeats = list(session.exec(select(CaptureRow).where(leans)))
    fine = {row.id for row in _candidates(session, cutoffs, leans, len(repeats))}
    held = {row.revisit_of for row in repeats if row.id not in fine}
    found = {row.id: row for row in rows if row.id not in held}
    found |= {row.id: row for row in repeats if row.revisit_of in found}
    return sorted(found.values(), key=lambda row: row.id or 0)


def _candidates(
    session: Session,
    cutoffs: Sequence[Cutoff],
    which: ColumnElement[bool],
    limit: int,
) -> list[CaptureRow]:
    is_past = or_(*(_is_past(one) for one in cutoffs))
    query = (
        select(CaptureRow)
        .join(LinkRow, col(LinkRow.id) == col(CaptureRow.link_id))
        .where(which, is_past, ~_is_needed())
        .order_by(col(CaptureRow.id))
        .limit(limit)
    )
    return list(session.exec(query))


def _is_past(cutoff: Cutoff) -> ColumnElement[bool]:
    is_list = col(LinkRow.kind).in_(WATCHED_KINDS)
    is_look = col(LinkRow.kind) == LinkKind.ARTICLE
    at = col(CaptureRow.fetched_at)
    past = [
        and_(which, at < until)
        for which, until in ((is_list, cutoff.lists), (is_look, cutoff.looks))
        if until is not None
    ]
    return and_(col(LinkRow.source_id) == cutoff.source, or_(false(), *past))


def _is_needed() -> ColumnElement[bool]:
    later, rendering = aliased(CaptureRow), aliased(CaptureRow)
    capture = col(CaptureRow.id)
    return or_(
        col(CaptureRow.extracted_at).is_(None),
        sql_select(1).where(col(VersionRow.capture_id) == capture).exists(),
        sql_select(1).where(col(PartRow.capture_id) == capture).exists(),
        sql_select(1).where(col(TemplatePageRow.capture_id) == capture).exists(),
        sql_select(1).where(col(rendering.rendered_from) == capture).exists(),
        ~sql_select(1)
        .where(col(later.link_id) == col(CaptureRow.link_id), col(later.id) > capture)
        .exists(),
    )
