"""Rows of WARC files' records but for notes, which wait until all captures are there."""

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
    REFERRING,
    Place,
    capture_of,
    is_answer,
    is_before_notes,
    link_key,
    page_key,
    refer,
)
from crawler.rebuild.files import File, Files
from crawler.urls import host_key
from storage.errors import CorruptRecord
from storage.fixity import Damage
from storage.model.record import RecordKind
from storage.notes.record import is_note, read_note
from storage.notes.replay import Replay
from storage.sql.objects import File as StoredFile
from storage.sql.objects import enter
from storage.sql.remaking import Waiting, let_wait
from storage.sql.tables import CaptureRow, LinkRow, RecordRow, SegmentRow
from storage.warc.reader import Walked, read_from, walk_file
from storage.warc.record import ReadRecord
from storage.warc.segment import OPEN_SUFFIX, sha256_of

_STRAYS = ("urn:kliping:interim:", "urn:kliping:excess:")
_ROWS_AT_ONCE = 200


@dataclass(slots=True)
class Found:
    """What was made of files so far."""

    counts: Counter[str] = field(default_factory=Counter)
    damages: list[Damage] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owed:
    """An answer that refers to what is not there yet, and its request."""

    segment: str
    place: Place
    request: Place | None


@dataclass(slots=True)
class _Met:
    """What was met last in a file: a request, and the capture of an answer."""

    request: tuple[Place, ReadRecord] | None = None
    capture_id: int | None = None


@dataclass(slots=True, kw_only=True)
class SegmentReader:
    """Makes the rows of one node's files after another's, or of all side by side.

    Attributes:
        files: All that there are.
        session: Of the new database; committed every few hundred records.
        replay: Enters links through the same session.
        limits: What decodes bodies.
        found: What was made.
        now: Current time, UTC.
        advance: Called with bytes that are done.
        keep_nodes: Say whose each file is; else there is one node without a name.
    """

    files: Files
    session: Session
    replay: Replay
    limits: Limits
    found: Found
    now: datetime
    advance: Callable[[int], None]
    keep_nodes: bool
    _owed: list[_Owed] = field(default_factory=list)
    _waiting: list[Waiting] = field(default_factory=list)
    _of_pages: list[tuple[int, str]] = field(default_factory=list)

    def lane(self, files: list[File]) -> Iterator[str]:
        """Enter files and their sound records, tell the rest as damage.

        Yields the date of what comes next, which is done when the lane goes on.
        """
        for file in files:
            yield file.opened_at.isoformat()
            if self._is_copy(file):
                why = f"a copy of {file.written_as}, which is read; left out"
                self._tell(file.name, 0, why)
            else:
                yield from self._enter_file(file)

    def _is_copy(self, file: File) -> bool:
        """Tell whether a file stands here under the name that it was written under, too."""
        if file.name == file.written_as:
            return False
        here = self.files.path(file.written_as) is not None
        return here or file.written_as in self.files.stored()

    def settle(self) -> None:
        """Enter what referred to captures that came behind it; the rest is damage."""
        count = None
        while self._owed and len(self._owed) != count:
            owed, self._owed = self._owed, []
            count = len(owed)
            for one in owed:
                self._enter_owed(one)
        for one in self._owed:
            why = "repeats a record that is not there"
            self._tell(one.segment, one.place.offset, why)
        self._owed.clear()
        for capture, key in self._of_pages:
            # a page whose own captures are damaged
            self.replay.link(key, f"https://{key}", key.partition("/")[0])
            self._name_page(self.session.get_one(CaptureRow, capture), key)
        self._of_pages.clear()
        self._commit()

    def _enter_file(self, file: File) -> Iterator[str]:
        path = self.files.path(file.name)
        node = file.node if self.keep_nodes else ""
        self.session.add(
            SegmentRow(name=file.name, node=node, opened_at=file.opened_at, size=0)
        )
        self.session.flush()
        with self.files.open(file.name) as opened:
            size = opened.seek(0, os.SEEK_END)
            if not size and not _is_open(path):
                self._tell(file.name, 0, "an empty file")
            end, met = 0, _Met()
            for walked, place in self._places(file.name, opened):
                record, reached = walked.record, walked.offset + walked.length
                if record is None or walked.error is not None:
                    # the end of an open file is no damage: it was never kept
                    if not (_is_open(path) and reached >= size):
                        why = walked.error or "no record"
                        self._tell(file.name, walked.offset, why)
                    continue
                yield record.header("WARC-Date") or ""
                end = reached
                self._enter_record(file.name, record, place, met)
                self._count(walked.length)
            self._finish(file, path, opened, end)

    def _enter_record(
        self, name: str, record: ReadRecord, place: Place, met: _Met
    ) -> None:
        if record.kind == "request":
            met.request = place, record
        elif is_answer(record):
            request = met.request
            own = request[0] if request and _belong(request[1], record) else None
            met.capture_id = self._enter(name, record, place, own)
            met.request = None
        elif is_note(record):
            self._let_wait(name, record, place)
        elif record.kind != "warcinfo":
            self._enter_beside(name, record, place, met.capture_id)

    def _finish(
        self, file: File, path: Path | None, opened: BinaryIO, end: int
    ) -> None:
        """An open file is cut and sealed by the next start, as after a crash."""
        size = opened.seek(0, os.SEEK_END)
        own = select(SegmentRow).where(SegmentRow.name == file.name)
        row = self.session.exec(own).one()
        row.size = end
        if not _is_open(path):
            row.state, row.size, row.sha256 = "sealed", size, sha256_of(opened)
            row.sealed_at = _changed_at(path) if path else file.opened_at
        self.session.flush()
        if path is None or (self.keep_nodes and file.is_astray):
            place = self.files.holder(file.name).place(file.name)
            there = StoredFile(
                name=place,
                key=place,
                size=size,
                sha256=row.sha256 or "",
                segment=file.name,
            )
            enter(self.session, there, self.now)
        self.found.counts["segments"] += 1
        self._commit()

    def _enter(
        self, name: str, record: ReadRecord, place: Place, request: Place | None
    ) -> int | None:
        """Enter a capture, or owe it; return its id."""
        is_referring = record.kind in REFERRING
        referred = self._referred(record) if is_referring else None
        if is_referring and referred is None:
            self._owed.append(_Owed(segment=name, place=place, request=request))
            return None
        row = capture_of(record, place, request, self.limits)
        row.segment = name
        key = link_key(record)
        if key is not None:
            row.link_id = self.replay.link(key, row.url, host_key(row.url)).id
        if referred is not None:
            refer(row, record, referred)
        self.session.add(row)
        self.session.flush()
        page = page_key(record)
        if page is not None and not self._name_page(row, page):
            self._of_pages.append((int(row.id or 0), page))
        self.found.counts["captures"] += 1
        self.found.counts["before notes"] += is_before_notes(record)
        return row.id

    def _name_page(self, row: CaptureRow, key: str) -> bool:
        """Say of a capture which page's scripts asked for it, if that is there by now."""
        known = select(LinkRow.id).where(LinkRow.key == key)
        row.page_link_id = self.session.exec(known).first()
        self.session.flush()
        return row.page_link_id is not None

    def _enter_owed(self, owed: _Owed) -> None:
        place = owed.place
        try:
            with self.files.open(owed.segment) as file:
                record = read_from(
                    file, owed.segment, place.offset, place.length, place.sha256
                )
        except CorruptRecord as error:
            self._tell(owed.segment, place.offset, error.why)
        else:
            self._enter(owed.segment, record, place, owed.request)

    def _referred(self, record: ReadRecord) -> CaptureRow | None:
        known = select(CaptureRow).where(
            CaptureRow.record_id == record.header("WARC-Refers-To")
        )
        return self.session.exec(known).first()

    def _let_wait(self, name: str, record: ReadRecord, place: Place) -> None:
        self.found.counts["notes"] += 1
        self._waiting.append(
            Waiting(
                place=self.found.counts["notes"],
                number=_number_of(record),
                segment=name,
                offset=place.offset,
                length=place.length,
                sha256=place.sha256,
            )
        )

    def _enter_beside(
        self, name: str, record: ReadRecord, place: Place, capture_id: int | None
    ) -> None:
        """Enter a stray; what is none is a tombstone, or another's."""
        target = record.header("WARC-Target-URI") or ""
        if not target.startswith(_STRAYS):
            self.found.counts["others"] += 1
            self.replay.erased.add((name, place.offset))
            return
        self.found.counts["unnumbered"] += 1
        self.session.add(
            RecordRow(
                id=-self.found.counts["unnumbered"],
                segment=name,
                offset=place.offset,
                length=place.length,
                sha256=place.sha256,
                kind=RecordKind.STRAY,
                capture_id=capture_id,
            )
        )

    def _count(self, length: int) -> None:
        counts = self.found.counts
        counts["bytes"] += length
        counts["records"] += 1
        if counts["records"] % _ROWS_AT_ONCE == 0:
            self._commit()
            self.advance(counts["bytes"])

    def _commit(self) -> None:
        let_wait(self.session, self._waiting)
        self._waiting.clear()
        self.session.commit()
        self.session.expunge_all()

    def _tell(self, name: str, offset: int, why: str) -> None:
        self.found.damages.append(Damage(file=name, offset=offset, why=why))

    def _places(self, name: str, file: BinaryIO) -> Iterator[tuple[Walked, Place]]:
        """Yield what stands in a file, each with the digest of its bytes."""
        with self.files.open(name) as walking:
            for walked in walk_file(walking):
                file.seek(walked.offset)
                digest = hashlib.sha256(file.read(walked.length)).hexdigest()
                yield (
                    walked,
                    Place(offset=walked.offset, length=walked.length, sha256=digest),
                )


def _number_of(record: ReadRecord) -> int:
    """Return a note's number; 0 where an older Kliping gave none, or it is damaged."""
    try:
        number = (read_note(record) or {}).get("number")
    except ValueError:
        return 0
    return number if isinstance(number, int) and number > 0 else 0


def _belong(request: ReadRecord, answer: ReadRecord) -> bool:
    return answer.header("WARC-Concurrent-To") == request.record_id


def _is_open(path: Path | None) -> bool:
    return path is not None and path.name.endswith(OPEN_SUFFIX)


def _changed_at(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)
