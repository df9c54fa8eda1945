"""The records of some captures, copied byte for byte from the archive's files.

With a capture come its request, what else came over the wire with it, the page it was
rendered from and the record that it repeats, each once, and before what refers to it.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from sqlmodel import Session, col, select

from storage.errors import CorruptRecord
from storage.folder import DataFolder
from storage.notes.record import is_note
from storage.sql.selection import Told
from storage.sql.tables import CaptureRow, PartRow
from storage.warc.reader import member_at, members_from
from storage.warc.record import ReadRecord, read_member


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A capture's records, as they are to be written.

    Attributes:
        capture: Its row.
        before: The request's record, or nothing.
        answer: The record of the answer.
        after: Records that refer to the answer.
        record: The answer, read.
        damage: Why there are none; all these are empty then.
    """

    capture: CaptureRow
    before: bytes = b""
    answer: bytes = b""
    after: bytes = b""
    record: ReadRecord | None = None
    damage: str | None = None


#: Returns the captures of what a page shows besides its text.
Shown = Callable[[CaptureRow], Iterable[CaptureRow]]


def copies(
    folder: DataFolder, session: Session, told: Iterable[Told], shown: Shown
) -> Iterator[tuple[Told, Copy]]:
    """Yield the records that versions were read from, in the order of the versions.

    Behind those of a version come those of what its pages show.

    Args:
        folder: Where the files are.
        session: For reading.
        told: The versions.
        shown: Returns the images and styles of a page.
    """
    done: set[int] = set()
    for one in told:
        pages = list(_pages(session, one))
        rows = chain(pages, (image for page in pages for image in shown(page)))
        for row in chain.from_iterable(with_needed(session, row) for row in rows):
            if row.id not in done:
                done.add(row.id or 0)
                yield one, copy_of(folder, row)
        session.expunge_all()


def _pages(session: Session, one: Told) -> Iterator[CaptureRow]:
    """Yield the captures that a version was read from."""
    parts = (
        select(PartRow.capture_id)
        .where(PartRow.version_id == one.version_id)
        .order_by(col(PartRow.number))
    )
    for capture_id in (one.capture_id, *session.exec(parts)):
        row = session.get(CaptureRow, capture_id) if capture_id is not None else None
        if row is not None:
            yield row


def with_needed(session: Session, row: CaptureRow) -> Iterator[CaptureRow]:
    """Yield a capture behind those that it refers to."""
    page = session.get(CaptureRow, row.rendered_from or 0)
    for needed in (page and page.original, page, row.original, row):
        if needed is not None:
            yield needed


def copy_of(folder: DataFolder, row: CaptureRow) -> Copy:
    """Return a capture's records as they stand in its file, checked."""
    try:
        request = _member(
            folder, row, row.request_offset, row.request_length, row.request_sha256
        )
        answer = _member(folder, row, row.offset, row.length, row.record_sha256)
        record = read_member(answer)
    except CorruptRecord as error:
        return Copy(capture=row, damage=str(error))
    except ValueError as error:
        return Copy(capture=row, damage=f"{row.segment} at {row.offset}: {error}")

    def refers(other: ReadRecord) -> bool:
        named = (other.header("WARC-Refers-To"), other.header("WARC-Concurrent-To"))
        is_of_it = other.kind == "metadata" and record.record_id in named
        return is_of_it and not is_note(other)

    behind = members_from(folder, row.segment, row.offset + row.length, refers)
    return Copy(
        capture=row,
        before=request,
        answer=answer,
        after=b"".join(behind),
        record=record,
    )


def _member(
    folder: DataFolder, row: CaptureRow, offset: int, length: int, digest: str | None
) -> bytes:
    if not length:
        return b""
    return member_at(folder, row.segment, offset, length, digest)
