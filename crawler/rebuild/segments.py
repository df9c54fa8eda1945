"""Rows of one WARC file's records, in their order."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sqlmodel import Session, select

from crawler.fetch.limits import Limits
from crawler.rebuild.captures import (
    Place,
    capture_of,
    fetched_at,
    is_answer,
    link_key,
    render,
    repeat,
)
from crawler.urls import host_key
from storage.fixity import Damage
from storage.folder import DataFolder
from storage.model import RecordKind
from storage.notes.record import is_note, read_note
from storage.notes.replay import Replay
from storage.sql.objects import File, enter
from storage.sql.tables import CaptureRow, RecordRow, SegmentRow
from storage.warc.reader import Walked, walk_file
from storage.warc.record import ReadRecord
from storage.warc.segment import OPEN_SUFFIX, sha256_of

_STRAYS = ("urn:kliping:interim:", "urn:kliping:excess:")
_ROWS_AT_ONCE = 200


@dataclass(slots=True)
class Found:
    """What was made of files so far."""

    counts: Counter[str] = field(default_factory=Counter)
    damages: list[Damage] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class SegmentReader:
    """Makes the rows of one file after another.

    Attributes:
        folder: The archive.
        session: Of the new database; committed every few hundred records.
        replay: Puts notes back through the same session.
        limits: What decodes bodies.
        found: What was made.
        now: Current time, UTC.
        advance: Called with bytes of this file that are done.
    """

    folder: DataFolder
    session: Session
    replay: Replay
    limits: Limits
    found: Found
    now: datetime
    advance: Callable[[int], None]

    def read(self, name: str) -> None:
        """Enter a file and all its sound records; the rest is told as damage."""
        path = self.folder.segment(name)
        segment = SegmentRow(
            name=name, opened_at=_changed_at(path) if path else self.now, size=0
        )
        self.session.add(segment)
        self.session.flush()
        with self.folder.open(name) as file:
            end = self._enter_all(segment, file, is_open=_is_open(path))
            self._finish(segment, path, file, end)

    def _enter_all(self, segment: SegmentRow, file: BinaryIO, *, is_open: bool) -> int:
        """Enter all sound records; return where the last ends."""
        name = segment.name
        request: tuple[Place, ReadRecord] | None = None
        capture: CaptureRow | None = None
        size = file.seek(0, os.SEEK_END)
        end = 0
        for count, (walked, place) in enumerate(self._places(name, file), 1):
            record = walked.record
            if record is None or walked.error is not None:
                if not (is_open and walked.offset + walked.length >= size):
                    self._tell(name, walked)
                continue
            end = walked.offset + walked.length
            if record.kind == "warcinfo":
                segment.opened_at = fetched_at(record)
            elif record.kind == "request":
                request = place, record
            elif is_answer(record):
                own = request if request and _belong(request[1], record) else None
                capture = self._enter(name, record, place, own)
                request = None
            else:
                self._enter_beside(name, record, place, capture)
            if count % _ROWS_AT_ONCE == 0:
                self.session.commit()
                self.advance(end)
        return end

    def _finish(
        self, segment: SegmentRow, path: Path | None, file: BinaryIO, end: int
    ) -> None:
        """An open file is cut and sealed by the next start, as after a crash."""
        segment.size = end
        size = file.seek(0, os.SEEK_END)
        if not _is_open(path):
            segment.state, segment.size = "sealed", size
            segment.sha256 = sha256_of(file)
            segment.sealed_at = _changed_at(path) if path else segment.opened_at
        self.session.add(segment)
        if path is None:
            place = self.folder.place(segment.name)
            there = File(
                name=place,
                key=place,
                size=size,
                sha256=segment.sha256 or "",
                segment=segment.name,
            )
            enter(self.session, there, self.now)
        self.session.commit()
        self.session.expunge_all()
        self.advance(size)

    def _enter(
        self,
        name: str,
        record: ReadRecord,
        place: Place,
        request: tuple[Place, ReadRecord] | None,
    ) -> CaptureRow | None:
        row = capture_of(record, place, request[0] if request else None, self.limits)
        row.segment = name
        key = link_key(record)
        if key is not None:
            row.link_id = self.replay.link(key, row.url, host_key(row.url)).id
        referred = self._referred(record)
        if referred is None and record.kind in {"revisit", "conversion"}:
            why = "repeats a record that is not there"
            self.found.damages.append(
                Damage(file=name, offset=place.offset, why=why, url=row.url)
            )
            return None
        if referred is not None and record.kind == "revisit":
            repeat(row, record, referred)
        elif referred is not None and record.kind == "conversion":
            render(row, referred)
        self.session.add(row)
        self.session.flush()
        self.found.counts["captures"] += 1
        return row

    def _referred(self, record: ReadRecord) -> CaptureRow | None:
        known = select(CaptureRow).where(
            CaptureRow.record_id == record.header("WARC-Refers-To")
        )
        return self.session.exec(known).first()

    def _enter_beside(
        self, name: str, record: ReadRecord, place: Place, capture: CaptureRow | None
    ) -> None:
        """Enter a note or a stray; what is neither is a tombstone, or another's."""
        target = record.header("WARC-Target-URI") or ""
        if not is_note(record) and not target.startswith(_STRAYS):
            self.found.counts["others"] += 1
            self.replay.erased.add((name, place.offset))
            return
        row = RecordRow(
            segment=name,
            offset=place.offset,
            length=place.length,
            sha256=place.sha256,
            kind=RecordKind.NOTE,
        )
        if is_note(record):
            referred = self._referred(record)
            row.capture_id = referred.id if referred is not None else None
            try:
                row.link_id, row.version_id = self.replay.put(
                    read_note(record) or {}, record.header("WARC-Refers-To")
                )
            except (ValueError, LookupError, TypeError) as error:
                self.found.damages.append(
                    Damage(file=name, offset=place.offset, why=f"note: {error!r}")
                )
            self.found.counts["notes"] += 1
        else:
            row.kind = RecordKind.STRAY
            row.capture_id = capture.id if capture is not None else None
            row.link_id = capture.link_id if capture is not None else None
        self.session.add(row)
        self.session.flush()

    def _tell(self, name: str, walked: Walked) -> None:
        """Tell of damage; the end of an open file is none: it was never kept."""
        why = walked.error or "no record"
        self.found.damages.append(Damage(file=name, offset=walked.offset, why=why))

    def _places(self, name: str, file: BinaryIO) -> Iterator[tuple[Walked, Place]]:
        """Yield what stands in a file, each with the digest of its bytes."""
        with self.folder.open(name) as walking:
            for walked in walk_file(walking):
                file.seek(walked.offset)
                digest = hashlib.sha256(file.read(walked.length)).hexdigest()
                yield (
                    walked,
                    Place(offset=walked.offset, length=walked.length, sha256=digest),
                )


def _belong(request: ReadRecord, answer: ReadRecord) -> bool:
    return answer.header("WARC-Concurrent-To") == request.record_id


def _is_open(path: Path | None) -> bool:
    return path is not None and path.name.endswith(OPEN_SUFFIX)


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
