"""The steps of an erasure in the rows, each within a transaction of the writer's."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session, col, select

from storage.folder import DataFolder
from storage.model.takedown import RETENTION, Depth, TakedownState
from storage.sql.forgetting import forget
from storage.sql.listed import erasure_of
from storage.sql.tables import (
    CaptureRow,
    ErasureRow,
    RecordRow,
    TakedownRow,
    TakedownTargetRow,
    VersionRow,
)
from storage.takedown.graves import Place, intent, stone_of
from storage.takedown.surveying import Chunk
from storage.warc.cdxj import CDXJ_SUFFIXES
from storage.warc.erase import Grave
from storage.writer import Tx


def entered(session: Session, name: str) -> list[int]:
    """Return captures whose records a takedown is about to overwrite, or just has."""
    query = (
        select(CaptureRow.id)
        .join(ErasureRow, col(ErasureRow.segment) == col(CaptureRow.segment))
        .where(
            ErasureRow.offset == CaptureRow.offset,
            ErasureRow.takedown == name,
            col(ErasureRow.erased_at).is_(None),
        )
    )
    return [found for found in session.exec(query) if found is not None]


def enter(tx: Tx, name: str, chunk: Chunk) -> None:
    """Enter the records that go, and keep anew what others repeat of them."""
    session = tx.session
    takedown = session.get_one(TakedownRow, name)
    places = list(chunk.places)
    for one in chunk.renewed:
        request, answer = tx.append([one.request, one.answer])
        row = session.get_one(CaptureRow, one.capture)
        row.segment, row.offset = answer.segment, answer.offset
        row.length = answer.length
        row.request_offset, row.request_length = request.offset, request.length
        row.record_sha256 = hashlib.sha256(one.answer).hexdigest()
        row.revisit_of = one.repeats
        places += [(place, None) for place in one.old]
        _note_again(session, one.capture)
    for note in chunk.retold:
        (now_at,) = tx.append([note.member])
        beside = session.get_one(RecordRow, note.record)
        beside.segment, beside.offset = now_at.segment, now_at.offset
        beside.length = now_at.length
        beside.sha256 = hashlib.sha256(note.member).hexdigest()
        places.append((note.old, None))
    for place, key_hash in places:
        if session.get(ErasureRow, (place.segment, place.offset)) is None:
            session.add(intent(place, takedown, key_hash))


def enter_outlived(tx: Tx, places: Sequence[Place], now: datetime) -> None:
    """Enter the records of captures that are past their time."""
    session = tx.session
    takedown = TakedownRow(
        name=f"{RETENTION}-{now:%Y%m%dT%H%M%S%f}Z",
        depth=Depth.ERASE,
        ground=RETENTION,
        state=TakedownState.ERASING,
        requested_at=now,
    )
    session.add(takedown)
    session.flush()
    for place in places:
        if session.get(ErasureRow, (place.segment, place.offset)) is None:
            session.add(intent(place, takedown, None))


def _note_again(session: Session, capture: int) -> None:
    """Have a note written of where the capture of a version stands now."""
    of_it = select(VersionRow).where(VersionRow.capture_id == capture)
    for version in session.exec(of_it):
        flag_modified(version, "capture_id")


def erase(  # one transaction's worth
    tx: Tx,
    folder: DataFolder,
    name: str,
    chunk: Chunk,
    found: dict[str, Any],
    now: datetime,
) -> None:
    """Overwrite what is entered, and take away what rows say of it."""
    session = tx.session
    takedown = session.get_one(TakedownRow, name)
    for segment, rows in by_segment(session, name):
        path = folder.segment(segment)
        if path is not None:
            forget_index(path)
            size = path.stat().st_size
            graves = [
                Grave(
                    offset=row.offset,
                    stone=stone_of(row, takedown)[: size - row.offset],
                    hollow=takedown.ground == RETENTION,
                )
                for row in rows
                if row.offset < size  # a damaged file may have lost its end
            ]
            tx.overwrite(path, graves)
        for row in rows:
            row.erased_at = now
    went = forget(session, chunk.links, chunk.said, name)
    done = update(TakedownTargetRow).where(
        col(TakedownTargetRow.takedown) == name,
        col(TakedownTargetRow.link_id).in_(chunk.links),
    )
    session.exec(done.values(is_done=True))
    takedown.report = _added(takedown.report, went, chunk, found)


def forget_index(path: Path) -> None:
    """Remove the index beside a file, which names what is erased; it is made anew."""
    for suffix in CDXJ_SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def by_segment(session: Session, name: str) -> Iterator[tuple[str, list[ErasureRow]]]:
    query = (
        select(ErasureRow)
        .where(ErasureRow.takedown == name, col(ErasureRow.erased_at).is_(None))
        .order_by(col(ErasureRow.segment), col(ErasureRow.offset))
    )
    rows = list(session.exec(query))
    for segment, of_it in groupby(rows, key=lambda row: row.segment):
        yield segment, list(of_it)


def _added(
    before: dict[str, Any] | None,
    went: dict[str, int],
    chunk: Chunk,
    found: dict[str, Any],
) -> dict[str, Any]:
    """Return a report with what another commit took away; it names no content."""
    report = before or {}
    rows: dict[str, int] = dict(report.get("rows", {}))
    for table, count in went.items():
        rows[table] = rows.get(table, 0) + count
    exports = [*report.get("exports", [])]
    exports += [one for one in found["exports"] if one not in exports]
    return {
        "rows": rows,
        "lists": report.get("lists", 0) + len(chunk.lists),
        "kept_anew": report.get("kept_anew", 0) + len(chunk.renewed),
        "retold": report.get("retold", 0) + len(chunk.retold),
        "quarantine": report.get("quarantine", 0) + found["quarantine"],
        "reextract": report.get("reextract", 0) + found["reextract"],
        "exports": exports,
    }


def note_unlinked(tx: Tx, name: str) -> None:
    """Note that nothing is to be erased of addresses that were never seen."""
    never_seen = update(TakedownTargetRow).where(
        col(TakedownTargetRow.takedown) == name,
        col(TakedownTargetRow.link_id).is_(None),
    )
    tx.session.exec(never_seen.values(is_done=True))


def conclude(tx: Tx, name: str, now: datetime) -> None:
    """Note that an erasure is done, unless more was found to erase meanwhile."""
    session = tx.session
    takedown = session.get_one(TakedownRow, name)
    left = select(TakedownTargetRow).where(
        TakedownTargetRow.takedown == name,
        col(TakedownTargetRow.is_done).is_(False),
    )
    if session.exec(left.limit(1)).first() is not None:
        return
    records = erasure_of(session, name).records
    lines = "".join(
        f"{one.segment} {one.offset} {one.length} {one.former_sha256} "
        f"{one.tombstone_sha256}\n"
        for one in records
    )
    takedown.report = {
        **(takedown.report or {}),
        "records": len(records),
        "bytes": sum(one.length for one in records),
        "records_sha256": hashlib.sha256(lines.encode()).hexdigest(),
    }
    takedown.state, takedown.finished_at = TakedownState.ERASED, now
