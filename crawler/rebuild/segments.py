"""Rows of one WARC file's records, in their order."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

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
from storage.model import RecordKind
from storage.notes.record import is_note, read_note
from storage.notes.replay import Replay
from storage.sql.tables import CaptureRow, RecordRow, SegmentRow
from storage.warc.reader import Walked, walk
from storage.warc.record import ReadRecord
from storage.warc.segment import OPEN_SUFFIX, file_sha256

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
        session: Of the new database; committed every few hundred records.
        replay: Puts notes back through the same session.
        limits: What decodes bodies.
        found: What was made.
        advance: Called with bytes of this file that are done.
    """

    session: Session
    replay: Replay
    limits: Limits
    found: Found
    advance: Callable[[int], None]

    def read(self, path: Path) -> None:
        """Enter a file and all its sound records; the rest is told as damage."""
        name = path.name.removesuffix(OPEN_SUFFIX)
        segment = SegmentRow(name=name, opened_at=_changed_at(path), size=0)
        self.session.add(segment)
        self.session.flush()
        request: tuple[Place, ReadRecord] | None = None
        capture: CaptureRow | None = None
        size = path.stat().st_size
        end = 0
        for count, (walked, place) in enumerate(_places(path), 1):
            record = walked.record
            if record is None or walked.error is not None:
                self._tell(path, walked, size)
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
        self._finish(segment, path, end)

    def _finish(self, segment: SegmentRow, path: Path, end: int) -> None:
        """An open file is cut and sealed by the next start, as after a crash."""
        segment.size = end
        if not path.name.endswith(OPEN_SUFFIX):
            segment.state, segment.size = "sealed", path.stat().st_size
            segment.sha256, segment.sealed_at = file_sha256(path), _changed_at(path)
        self.session.add(segment)
        self.session.commit()
        self.session.expunge_all()
        self.advance(path.stat().st_size)

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

    def _tell(self, path: Path, walked: Walked, size: int) -> None:
        """Tell of damage, but for the end of an open file: that was never kept."""
        is_end = walked.offset + walked.length >= size
        if is_end and path.name.endswith(OPEN_SUFFIX):
            return
        name = path.name.removesuffix(OPEN_SUFFIX)
        why = walked.error or "no record"
        self.found.damages.append(Damage(file=name, offset=walked.offset, why=why))


def _belong(request: ReadRecord, answer: ReadRecord) -> bool:
    return answer.header("WARC-Concurrent-To") == request.record_id


def _places(path: Path) -> Iterator[tuple[Walked, Place]]:
    """Yield what stands in a file, each with the digest of its bytes."""
    with path.open("rb") as file:
        for walked in walk(path):
            file.seek(walked.offset)
            digest = hashlib.sha256(file.read(walked.length)).hexdigest()
            yield (
                walked,
                Place(offset=walked.offset, length=walked.length, sha256=digest),
            )


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
