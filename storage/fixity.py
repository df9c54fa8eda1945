"""Is everything still what was written? Files against rows, bytes against hashes.

Nothing is repaired here. Each damage names the file, the place and, where one is
touched, the capture and the article.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import BinaryIO

from sqlalchemy import or_
from sqlmodel import Session, col, select

from storage.errors import CorruptRecord
from storage.folder import DataFolder
from storage.kept import received
from storage.sql.objects import is_erased_in
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    LinkRow,
    PartRow,
    RecordRow,
    SegmentRow,
    VersionRow,
)
from storage.warc.cdxj import CDXJ_SUFFIXES, cdxj_line, cdxj_path
from storage.warc.reader import read_from, walk_file
from storage.warc.record import GZIP_HEAD
from storage.warc.segment import OPEN_SUFFIX, sha256_of

_ROWS_AT_ONCE = 1000
_LOST = "the file is missing"
_UNKNOWN = "no row knows this file"
#: Unless the rows are older, put back from a backup, nothing in it was acknowledged.
_BEGUN = f"{_UNKNOWN}: begun by who was killed; the next start puts it into quarantine"
_NO_RECORD = "no record of that length begins here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """One thing that is not as it was written.

    Attributes:
        file: The segment's name, or the file's own where no row knows it.
        why: What is wrong.
        offset: Where, or None for the file as a whole.
        capture_id: The capture that is touched, if one is.
        url: That capture's URL.
        article_title: The title of the article read from it, if there is one.
        article_url: That article's canonical URL.
    """

    file: str
    why: str
    offset: int | None = None
    capture_id: int | None = None
    url: str | None = None
    article_title: str | None = None
    article_url: str | None = None


def verify(
    folder: DataFolder,
    session: Session,
    *,
    full: bool,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Damage]:
    """Yield every damage found.

    Always: missing and unknown files, each sealed file's size and SHA-256, each
    record's member against its checksums and its row's hash. Full: also each
    file's chain of records, that it has no gap and no damage and that every
    capture's row points at the right one of them, and what each revisit repeats.

    The archive may be written meanwhile; files begun after the start are not looked at.
    What is in the object store alone is read from there, whole.

    Args:
        folder: Where the segments are.
        session: For reading.
        full: Walk the chains too; reads every file twice.
        progress: Called after each segment with bytes done and bytes in all.

    Raises:
        StoreUnreachable: The object store does not answer.
    """
    files = sorted(path.name for path in folder.warc.iterdir())
    its = select(SegmentRow).where(SegmentRow.node == folder.node)
    rows = session.exec(its.order_by(col(SegmentRow.id))).all()
    # an erasure brings files of other nodes here
    yield from _unknown(files, set(session.exec(select(SegmentRow.name))))
    sizes = {row.name: row.size or 0 for row in rows}
    total, done = sum(sizes.values()), 0
    for row in rows:
        session.refresh(row)  # it was sealed, or erased in, since the start
        sha256 = None if is_erased_in(session, row.name) else row.sha256
        for damage in _segment(folder, session, row, sha256, full=full):
            yield with_article(session, damage)
        done += sizes[row.name]
        if progress is not None:
            progress(done, total)


def with_article(session: Session, damage: Damage) -> Damage:
    """Return a damage with the article that was read from its capture, if one was."""
    if damage.capture_id is None or damage.article_url is not None:
        return damage
    asked = (
        select(ArticleRow.title, ArticleRow.url)
        .join(VersionRow, col(VersionRow.article_id) == ArticleRow.id)
        .outerjoin(PartRow, col(PartRow.version_id) == VersionRow.id)
        .where(
            or_(
                col(VersionRow.capture_id) == damage.capture_id,
                col(PartRow.capture_id) == damage.capture_id,
            )
        )
    )
    found = session.exec(asked).first()
    if found is None:
        return damage
    return replace(damage, article_title=found[0], article_url=found[1])


def _unknown(files: Sequence[str], known: set[str]) -> Iterator[Damage]:
    ours = known | {
        name + suffix for name in known for suffix in (OPEN_SUFFIX, *CDXJ_SUFFIXES)
    }
    for name in files:
        if name not in ours:
            why = _BEGUN if name.endswith(OPEN_SUFFIX) else _UNKNOWN
            yield Damage(file=name, why=why)


def _segment(
    folder: DataFolder,
    session: Session,
    row: SegmentRow,
    sha256: str | None,
    *,
    full: bool,
) -> Iterator[Damage]:
    try:
        file = folder.open(row.name)
    except FileNotFoundError:
        yield Damage(file=row.name, why="the file is missing")
        yield from _all_lost(session, row)
        return
    yield from _away(folder, row)
    with file:
        if (why := _file_damage(file, row, sha256)) is not None:
            yield Damage(file=row.name, why=why)
        yield from _captures(file, session, row)
        yield from _others(file, session, row)
        if full:
            yield from _repeated(folder, session, row)
            yield from _chain(folder, file, session, row)


def _away(folder: DataFolder, row: SegmentRow) -> Iterator[Damage]:
    """Yield what is wrong with an uploaded file there, as far as the store tells."""
    if folder.away is None or row.state != "uploaded":
        return
    try:
        size = folder.away.size(folder.place(row.name))
    except FileNotFoundError:
        yield Damage(file=row.name, why="the object store does not have it")
        return
    if size != row.size:
        why = f"has {size} bytes instead of {row.size} in the object store"
        yield Damage(file=row.name, why=why)


def _all_lost(session: Session, row: SegmentRow) -> Iterator[Damage]:
    """Yield all that a missing file held."""
    for capture in _capture_rows(session, row):
        for offset, _length, _sha256, kind in _places(capture):
            yield _damage(capture, offset, f"{kind}: {_LOST}")
    for other in _record_rows(session, row):
        yield _record_damage(session, other, f"{other.kind}: {_LOST}")


def _file_damage(file: BinaryIO, row: SegmentRow, sha256: str | None) -> str | None:
    """Return what is wrong with a file as a whole, or None.

    Without a SHA-256 none is compared: it is entered anew when an erasure is done.
    """
    size = file.seek(0, os.SEEK_END)
    if row.state == "open":
        committed = row.size or 0
        return f"{size} bytes of {committed} are left" if size < committed else None
    if size != row.size:
        return f"has {size} bytes instead of {row.size}"
    if sha256 is not None and sha256_of(file) != sha256:
        return "does not have its SHA-256"
    return None


def _captures(
    file: BinaryIO, session: Session, segment: SegmentRow
) -> Iterator[Damage]:
    for capture in _capture_rows(session, segment):
        for offset, length, sha256, kind in _places(capture):
            try:
                record = read_from(file, segment.name, offset, length, sha256)
            except CorruptRecord as error:
                yield _damage(capture, offset, f"{kind}: {error.why}")
                continue
            if record.kind != kind:
                yield _damage(capture, offset, f"is a {record.kind}, not a {kind}")


def _repeated(
    folder: DataFolder, session: Session, segment: SegmentRow
) -> Iterator[Damage]:
    """Yield damage of what a segment's revisits repeat, wherever that is."""
    for capture in _capture_rows(session, segment):
        if capture.original is not None:
            yield from _reference(folder, capture)


def _others(file: BinaryIO, session: Session, segment: SegmentRow) -> Iterator[Damage]:
    """Yield damage of notes and strays."""
    for row in _record_rows(session, segment):
        try:
            read_from(file, segment.name, row.offset, row.length, row.sha256)
        except CorruptRecord as error:
            yield _record_damage(session, row, f"{row.kind}: {error.why}")


def _record_rows(session: Session, segment: SegmentRow) -> Iterator[RecordRow]:
    """Yield a segment's other records, of an open one those that its row speaks of."""
    rows = select(RecordRow).where(RecordRow.segment == segment.name)
    if segment.state == "open" and segment.size is not None:
        rows = rows.where(col(RecordRow.offset) < segment.size)
    ordered = rows.order_by(col(RecordRow.offset))
    yield from session.exec(ordered.execution_options(yield_per=_ROWS_AT_ONCE))


def _record_damage(session: Session, row: RecordRow, why: str) -> Damage:
    """Return a damage of a record; a note of an article is that article's."""
    asked = (
        select(LinkRow.url, ArticleRow.title, ArticleRow.url)
        .outerjoin(ArticleRow, col(ArticleRow.link_id) == LinkRow.id)
        .where(LinkRow.id == row.link_id)
    )
    url, title, article = session.exec(asked).first() or (None, None, None)
    return Damage(
        file=row.segment,
        offset=row.offset,
        why=why,
        capture_id=row.capture_id,
        url=url,
        article_title=title,
        article_url=article,
    )


def _reference(folder: DataFolder, capture: CaptureRow) -> Iterator[Damage]:
    """Yield why what a revisit repeats cannot be had, if it cannot."""
    try:
        received(folder, capture)
    except CorruptRecord as error:
        why = f"repeats capture {capture.revisit_of}: {error.why}"
        yield _damage(capture, capture.offset, why)


def _places(
    capture: CaptureRow,
) -> Iterator[tuple[int, int, str | None, str]]:
    """Yield offset, length, SHA-256 and kind of a capture's records."""
    yield capture.offset, capture.length, capture.record_sha256, _kind(capture)
    if capture.request_length:
        yield (
            capture.request_offset,
            capture.request_length,
            capture.request_sha256,
            "request",
        )


def _kind(capture: CaptureRow) -> str:
    """Return the kind of record that holds a capture's answer."""
    if capture.rendered_from is not None:
        return "conversion"
    if capture.revisit_of is not None:
        return "revisit"
    return "response" if capture.status else "metadata"  # 0: it was not HTTP


def _chain(
    folder: DataFolder, file: BinaryIO, session: Session, row: SegmentRow
) -> Iterator[Damage]:
    """Yield breaks in a file's chain, and captures that point beside its records."""
    ends = {}
    lines = set()
    with folder.open(row.name) as walked:
        for place in walk_file(walked):
            if row.state == "open" and place.offset >= (row.size or 0):
                break
            why = place.error or _head_damage(file, place.offset)
            if why is not None:
                yield Damage(file=row.name, offset=place.offset, why=why)
            ends[place.offset] = place.length
            lines.add(cdxj_line(place, row.name))
    if row.state != "open" and _has_other_lines(folder, row.name, lines):
        why = "is not of its WARC file as it is; it is made again once removed"
        yield Damage(file=cdxj_path(folder.warc / row.name).name, why=why)
    for capture in _capture_rows(session, row):
        for offset, length, _sha256, _of_kind in _places(capture):
            if ends.get(offset) != length:
                yield _damage(capture, offset, _NO_RECORD)
    for other in _record_rows(session, row):
        if ends.get(other.offset) != other.length:
            yield _record_damage(session, other, _NO_RECORD)


def _has_other_lines(folder: DataFolder, name: str, lines: set[str | None]) -> bool:
    """Tell whether the index beside a file, if there is one, has other lines."""
    place = cdxj_path(folder.warc / name)
    if not place.exists():
        return False
    expected = sorted(line for line in lines if line is not None)
    return place.read_bytes() != "".join(expected).encode("ascii")


def _head_damage(file: BinaryIO, offset: int) -> str | None:
    """Return what is wrong with a member's header, which no checksum is over."""
    file.seek(offset)
    is_ours = file.read(len(GZIP_HEAD)) == GZIP_HEAD
    return None if is_ours else "its gzip header is not as written"


def _capture_rows(session: Session, segment: SegmentRow) -> Iterator[CaptureRow]:
    """Yield a segment's captures, of an open one those that its row speaks of."""
    rows = select(CaptureRow).where(CaptureRow.segment == segment.name)
    if segment.state == "open" and segment.size is not None:
        rows = rows.where(col(CaptureRow.offset) < segment.size)
    ordered = rows.order_by(col(CaptureRow.offset))
    yield from session.exec(ordered.execution_options(yield_per=_ROWS_AT_ONCE))


def _damage(capture: CaptureRow, offset: int, why: str) -> Damage:
    return Damage(
        file=capture.segment,
        offset=offset,
        why=why,
        capture_id=capture.id,
        url=capture.url,
    )
