"""Which records an erasure overwrites, and what refers to them from outside.

All of this reads; what is found is entered before a byte is written (storage.takedown.erasing).
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import and_
from sqlmodel import Session, col, select

from storage.errors import CorruptRecord
from storage.folder import DataFolder
from storage.kept import read_record, received
from storage.model.record import RecordKind
from storage.model.takedown import RETENTION
from storage.notes.record import is_note
from storage.notes.retelling import retold
from storage.sql.bars import erased_key, key_sha256
from storage.sql.tables import (
    CaptureRow,
    ErasureRow,
    LinkRow,
    RecordRow,
    TakedownRow,
)
from storage.warc.capture import SAME_PAYLOAD
from storage.warc.reader import member_at, members_from, read_capture
from storage.warc.record import ReadRecord, make_record, read_member
from storage.warc.tombstone import Epitaph, tombstone

_AT_ONCE = 500
#: Headers that make_record states anew, or that a record of its own has not.
_STATED = frozenset(
    {
        "warc-type",
        "warc-profile",
        "warc-refers-to",
        "warc-refers-to-target-uri",
        "warc-refers-to-date",
        "warc-truncated",
        "warc-block-digest",
        "warc-payload-digest",
        "content-length",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A record: where it stands, and its SHA-256 in hex, over the member."""

    segment: str
    offset: int
    length: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewed:
    """A capture that is written anew, for what it repeated is erased.

    Attributes:
        capture: Its id.
        old: The places of its records till now.
        request: The member of its request's record, as it was.
        answer: The member of the new answer's record.
        repeats: The capture that it repeats now; None where it holds its payload.
    """

    capture: int
    old: tuple[Place, ...]
    request: bytes
    answer: bytes
    repeats: int | None


def places_of(folder: DataFolder, row: CaptureRow) -> Iterator[Place]:
    """Yield a capture's records, and what came with its answer and refers to it.

    What came with it has rows of its own today; an older Kliping entered none. Notes
    behind it are no part of it: one may speak of other links.
    """
    try:
        yield from _own_places(folder, row)
        known = read_record(folder, row).record_id
    except CorruptRecord:
        return  # what came with it cannot be told; `verify` names the damage

    def refers(record: ReadRecord) -> bool:
        named = (record.header("WARC-Refers-To"), record.header("WARC-Concurrent-To"))
        is_stray = record.kind == "metadata" and not is_note(record)
        return is_stray and known in named

    offset = row.offset + row.length
    for member in members_from(folder, row.segment, offset, refers):
        digest = hashlib.sha256(member).hexdigest()
        yield Place(
            segment=row.segment, offset=offset, length=len(member), sha256=digest
        )
        offset += len(member)


def _own_places(folder: DataFolder, row: CaptureRow) -> Iterator[Place]:
    yield _place(folder, row, row.offset, row.length, row.record_sha256)
    if row.request_length:  # a rendering has none, others may
        yield _place(
            folder, row, row.request_offset, row.request_length, row.request_sha256
        )


def _place(
    folder: DataFolder, row: CaptureRow, offset: int, length: int, sha256: str | None
) -> Place:
    if sha256 is None:  # kept by an older Kliping
        member = member_at(folder, row.segment, offset, length, None)
        sha256 = hashlib.sha256(member).hexdigest()
    return Place(segment=row.segment, offset=offset, length=length, sha256=sha256)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retold:
    """A note of another link that is written anew, without what is erased."""

    record: int
    old: Place
    member: bytes


def places_beside(
    session: Session, links: Sequence[int], captures: Collection[int]
) -> Iterator[Place]:
    """Yield the records that say something of links, or came with captures."""
    of_links = [col(RecordRow.link_id).in_(part) for part in _parts(links)]
    strays = [
        and_(
            col(RecordRow.kind) == RecordKind.STRAY,
            col(RecordRow.capture_id).in_(part),
        )
        for part in _parts(sorted(captures))
    ]
    for condition in (*of_links, *strays):
        for row in session.exec(select(RecordRow).where(condition)):
            yield Place(
                segment=row.segment,
                offset=row.offset,
                length=row.length,
                sha256=row.sha256,
            )


def notes_retold(
    folder: DataFolder, session: Session, links: Sequence[int], urls: Sequence[str]
) -> Iterator[Retold]:
    """Yield the notes of other links that name these, anew.

    They are those of the lists that links were found on, of what was found on them, and
    of what was entered by hand.
    """
    rows = list(session.exec(select(LinkRow).where(col(LinkRow.id).in_(links))))
    named = {*urls, *(row.key for row in rows)}
    gone = {one: erased_key(one) for one in named if erased_key(one) != one}
    lists = {row.found_on for row in rows if row.found_on is not None}
    children = select(LinkRow.id).where(col(LinkRow.found_on).in_(links))
    others = lists | {one for one in session.exec(children) if one is not None}
    about = [col(RecordRow.link_id).in_(part) for part in _parts(sorted(others))]
    for condition in (*about, col(RecordRow.link_id).is_(None)):
        notes = select(RecordRow).where(RecordRow.kind == RecordKind.NOTE, condition)
        for row in session.exec(notes):
            if row.link_id in links:
                continue
            place = Place(
                segment=row.segment,
                offset=row.offset,
                length=row.length,
                sha256=row.sha256,
            )
            try:
                record = read_capture(
                    folder, row.segment, row.offset, row.length, row.sha256
                )
                member = retold(record, gone)
            except (CorruptRecord, ValueError):
                continue  # `verify` names it
            if member is not None:
                yield Retold(record=row.id or 0, old=place, member=member)


def renewed(
    folder: DataFolder, session: Session, captures: Collection[int], ours: set[int]
) -> Iterator[Renewed]:
    """Yield what captures of other links are to become that repeat one of these.

    The first of each original takes the payload over, the others repeat that one.

    Args:
        folder: The archive.
        session: For reading.
        captures: Captures that are erased.
        ours: Links that are erased, whose captures need nothing.
    """
    foreign = [
        row
        for part in _parts(sorted(captures))
        for row in session.exec(
            select(CaptureRow)
            .where(col(CaptureRow.revisit_of).in_(part))
            .order_by(col(CaptureRow.id))
        )
        if not {row.link_id, row.page_link_id} & ours and row.id not in captures
    ]
    heirs: dict[int, tuple[CaptureRow, ReadRecord]] = {}
    for row in foreign:
        try:
            record, response = read_record(folder, row), received(folder, row)
        except CorruptRecord:
            continue  # it cannot be read any more; `verify` names it
        heir = heirs.get(row.revisit_of or 0)
        if heir is None or record.header("WARC-Profile") != SAME_PAYLOAD:
            answer = _whole(record, response)
            if record.header("WARC-Profile") == SAME_PAYLOAD:
                heirs[row.revisit_of or 0] = (row, read_member(answer))
            yield _renewed(folder, row, answer, None)
        else:
            yield _renewed(folder, row, _again(record, heir[1]), heir[0].id)


def _renewed(
    folder: DataFolder, row: CaptureRow, answer: bytes, repeats: int | None
) -> Renewed:
    request = b""
    if (
        row.request_length
    ):  # an imported capture, or an answer used again, may have none
        request = member_at(
            folder,
            row.segment,
            row.request_offset,
            row.request_length,
            row.request_sha256,
        )
    return Renewed(
        capture=row.id or 0,
        old=tuple(_own_places(folder, row)),
        request=request,
        answer=answer,
        repeats=repeats,
    )


def _whole(record: ReadRecord, response: bytes) -> bytes:
    """Return a revisit as the response that it was; its id stays its own."""
    kept = [(k, v) for k, v in record.headers if k.lower() not in _STATED]
    return make_record([("WARC-Type", "response"), *kept], response).member


def _again(record: ReadRecord, heir: ReadRecord) -> bytes:
    """Return a revisit that refers to another record of the same payload."""
    kept = [(k, v) for k, v in record.headers if k.lower() not in _STATED]
    return make_record(
        [
            ("WARC-Type", "revisit"),
            *kept,
            ("WARC-Profile", SAME_PAYLOAD),
            ("WARC-Refers-To", heir.record_id),
            ("WARC-Refers-To-Target-URI", heir.header("WARC-Target-URI") or ""),
            ("WARC-Refers-To-Date", heir.header("WARC-Date") or ""),
            ("WARC-Truncated", "length"),
            ("WARC-Payload-Digest", heir.header("WARC-Payload-Digest") or ""),
        ],
        record.block,
    ).member


def intent(place: Place, takedown: TakedownRow, key_hash: str | None) -> ErasureRow:
    """Return the row that says what becomes of a record."""
    row = ErasureRow(
        segment=place.segment,
        offset=place.offset,
        length=place.length,
        takedown=takedown.name,
        key_sha256=key_hash,
        former_sha256=place.sha256,
        tombstone_sha256="",
    )
    row.tombstone_sha256 = hashlib.sha256(stone_of(row, takedown)).hexdigest()
    return row


def stone_of(row: ErasureRow, takedown: TakedownRow) -> bytes:
    """Return the tombstone of a record; always the same bytes."""
    epitaph = Epitaph(
        erased_at=takedown.requested_at,
        ground=takedown.ground,
        key_sha256=row.key_sha256,
        filling=b"\0" if takedown.ground == RETENTION else b" ",
    )
    return tombstone(epitaph, f"{row.segment}:{row.offset}", row.length)


def hashes_of_keys(session: Session, links: Sequence[int]) -> dict[int, str]:
    """Return the hash of each link's identity."""
    found: dict[int, str] = {}
    for part in _parts(links):
        for row in session.exec(select(LinkRow).where(col(LinkRow.id).in_(part))):
            found[row.id or 0] = key_sha256(row.key)
    return found


def _parts(values: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
