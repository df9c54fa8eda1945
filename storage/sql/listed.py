"""What the list of erasures and the rows tell each other.

Every function takes the session of one transaction and does not commit.
"""

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from storage.model.link_kind import WATCHED_KINDS
from storage.model.takedown import Depth, TakedownState
from storage.sql.bars import key_sha256
from storage.sql.tables import (
    ErasureRow,
    LinkRow,
    SegmentRow,
    TakedownRow,
    TakedownTargetRow,
)
from storage.sql.takedowns import Reach, add_targets, reach
from storage.takedown.erasure_list import Erased, Erasure

_ROWS_AT_ONCE = 10_000


def enter_listed(session: Session, erasure: Erasure, now: datetime) -> None:
    """Enter a listed erasure, to be carried out.

    Links are found by the hash of their identity; records where they stand, as far as
    the files reach. What is not found is barred all the same.
    """
    session.add(
        TakedownRow(
            name=erasure.name,
            depth=Depth.ERASE,
            ground=erasure.ground,
            state=TakedownState.ERASING,
            everywhere=erasure.everywhere,
            requested_at=erasure.requested_at,
        )
    )
    session.flush()
    keys = _keys_of(session, erasure.keys)
    found = reach(session, keys) if keys else Reach(links=(), keys=())
    add_targets(session, erasure.name, Depth.ERASE, found, now)
    for key_hash in erasure.keys:
        at = (erasure.name, key_hash)
        if session.get(TakedownTargetRow, at) is None:
            session.add(
                TakedownTargetRow(
                    takedown=erasure.name,
                    key_sha256=key_hash,
                    is_barred=True,
                    is_done=False,
                )
            )
    sizes = {row.name: row.size for row in session.exec(select(SegmentRow))}
    for record in erasure.records:
        if _is_there(record, sizes):
            _enter(session, erasure.name, record)
    session.flush()


def _keys_of(session: Session, hashes: Collection[str]) -> list[str]:
    """Return the identities of links that have these hashes: all but lists are read."""
    wanted = set(hashes)
    keys = select(LinkRow.key).where(col(LinkRow.kind).not_in(WATCHED_KINDS))
    rows = session.exec(keys.execution_options(yield_per=_ROWS_AT_ONCE))
    return [key for key in rows if key_sha256(key) in wanted]


def _is_there(record: Erased, sizes: dict[str, int | None]) -> bool:
    return record.offset + record.length <= (sizes.get(record.segment) or 0)


def _enter(session: Session, name: str, record: Erased) -> None:
    if session.get(ErasureRow, (record.segment, record.offset)) is None:
        session.add(
            ErasureRow(
                segment=record.segment,
                offset=record.offset,
                length=record.length,
                takedown=name,
                key_sha256=record.key_sha256,
                former_sha256=record.former_sha256,
                tombstone_sha256=record.tombstone_sha256,
            )
        )


def erasure_of(session: Session, name: str) -> Erasure:
    """Return a takedown as the list of erasures has it."""
    takedown = session.get_one(TakedownRow, name)
    keys = select(TakedownTargetRow.key_sha256).where(
        TakedownTargetRow.takedown == name
    )
    rows = select(ErasureRow).where(ErasureRow.takedown == name)
    ordered = rows.order_by(col(ErasureRow.segment), col(ErasureRow.offset))
    return Erasure(
        name=name,
        ground=takedown.ground,
        requested_at=takedown.requested_at,
        everywhere=takedown.everywhere,
        keys=tuple(sorted(session.exec(keys))),
        records=tuple(
            Erased(
                segment=row.segment,
                offset=row.offset,
                length=row.length,
                former_sha256=row.former_sha256,
                tombstone_sha256=row.tombstone_sha256,
                key_sha256=row.key_sha256,
            )
            for row in session.exec(ordered)
        ),
    )
