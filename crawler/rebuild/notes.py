"""Put notes back, in the order of their numbers."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import BinaryIO

from sqlmodel import Session, select

from crawler.rebuild.files import Files
from crawler.rebuild.segments import Found
from storage.errors import CorruptRecord
from storage.failpoints import reach
from storage.fixity import Damage
from storage.model.record import RecordKind
from storage.notes.record import read_note
from storage.notes.replay import Replay
from storage.sql.remaking import Waiting, in_order
from storage.sql.tables import CaptureRow, RecordRow
from storage.warc.reader import read_from
from storage.warc.record import ReadRecord

#: Files open at once: nodes that write at the same time have one each.
_OPEN = 32


def put_back(
    session: Session,
    files: Files,
    replay: Replay,
    found: Found,
    advance: Callable[[int], None],
) -> None:
    """Put back all notes that wait, and enter their rows; commits some at a time.

    Args:
        session: Of the new database.
        files: Where they stand.
        replay: Puts them back through the same session.
        found: What was made.
        advance: Called with bytes that are done.
    """
    last = 0
    with ExitStack() as held:
        opened = _Opened(files, held)
        for notes in in_order(session):
            for note in notes:
                is_own = note.number > last
                _put_back(session, opened, replay, found, note, is_own=is_own)
                last = max(last, note.number)
                found.counts["bytes"] += note.length
            session.commit()
            reach("after_commit")
            session.expunge_all()
            advance(found.counts["bytes"])


class _Opened:
    """Files that notes are read from, kept open; the one opened first goes first."""

    def __init__(self, files: Files, held: ExitStack) -> None:
        self._files = files
        self._open: dict[str, BinaryIO] = {}
        held.callback(self._close, 0)

    def read(self, note: Waiting) -> ReadRecord:
        file = self._open.get(note.segment)
        if file is None:
            self._close(_OPEN - 1)
            file = self._open[note.segment] = self._files.open(note.segment)
        return read_from(file, note.segment, note.offset, note.length, note.sha256)

    def _close(self, most: int) -> None:
        while len(self._open) > most:
            self._open.pop(next(iter(self._open))).close()


def _put_back(
    session: Session,
    opened: _Opened,
    replay: Replay,
    found: Found,
    note: Waiting,
    *,
    is_own: bool,
) -> None:
    """Put a note back and enter its row, under its number if no other has that."""
    if not is_own:
        found.counts["unnumbered"] += 1
    row = RecordRow(
        id=note.number if is_own else -found.counts["unnumbered"],
        segment=note.segment,
        offset=note.offset,
        length=note.length,
        sha256=note.sha256,
        kind=RecordKind.NOTE,
    )
    try:
        record = opened.read(note)
        refers_to = record.header("WARC-Refers-To")
        row.capture_id = _capture(session, refers_to)
        row.link_id, row.version_id = replay.put(read_note(record) or {}, refers_to)
    except (ValueError, LookupError, TypeError, CorruptRecord) as error:
        why = f"note: {error!r}"
        found.damages.append(Damage(file=note.segment, offset=note.offset, why=why))
    session.add(row)
    session.flush()


def _capture(session: Session, record_id: str | None) -> int | None:
    if record_id is None:
        return None
    known = select(CaptureRow.id).where(CaptureRow.record_id == record_id)
    return session.exec(known).first()
