"""Write a transaction's notes: the last thing that a work does before its commit.

One note for each link that is spoken of. It holds one version at most, and what was
before a re-extraction has a note of its own: erasing a text erases whole records.

A note's number is the id of its row, given once all that it speaks of was changed. Who
changed the same before us has committed by then, and has a lower one: the order of
numbers is right for all nodes, whose clocks may differ.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from sqlalchemy import insert
from sqlmodel import Session

from storage.errors import DiskFull
from storage.model.record import Position, RecordKind
from storage.notes.grouping import OfLink, by_link
from storage.notes.record import Note, note_member
from storage.notes.saying import (
    Said,
    say_article,
    say_capture,
    say_former,
    say_link,
    say_run,
    say_source,
    say_takedown,
    say_version,
)
from storage.notes.watching import Touched, touched
from storage.sql.records import next_ids
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    ErasureRow,
    FormerVersionRow,
    LinkRow,
    RecordRow,
    ReextractionRow,
    SourceRow,
    TakedownRow,
    TakedownTargetRow,
    VersionRow,
    table_of,
)

Append = Callable[[Sequence[bytes]], tuple[Position, ...]]
_AT_ONCE = 64
_ENTER = insert(table_of(RecordRow))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A note, and whose row it is."""

    note: Note
    link_id: int | None = None
    capture_id: int | None = None
    version_id: int | None = None


def write_notes(session: Session, append: Append, now: datetime) -> None:
    """Append the notes of what a session changed, and enter them.

    A full disk stops no transaction that only says where a link stands: that is
    said again when the link is next fetched.

    Raises:
        DiskFull: There is no room for what a version or a capture says.
        WriteFailed: The segment cannot be written.
    """
    known = touched(session)
    notes = _notes(session, known)
    while some := list(islice(notes, _AT_ONCE)):
        try:
            _enter(session, some, append, now)
        except DiskFull:
            if _must_be_said(known):
                raise
            return


def _must_be_said(known: Touched) -> bool:
    told = (known.articles, known.versions, known.captures, known.runs)
    return any((*told, known.takedowns, known.targets, known.erasures))


def _enter(
    session: Session, made: Sequence[_Made], append: Append, now: datetime
) -> None:
    ids = next_ids(session, len(made))
    members = [
        note_member(replace(one.note, number=number), now)
        for number, one in zip(ids, made, strict=True)
    ]
    rows = [
        {
            "id": number,
            "segment": place.segment,
            "offset": place.offset,
            "length": place.length,
            "sha256": hashlib.sha256(member).hexdigest(),
            "kind": RecordKind.NOTE,
            "link_id": one.link_id,
            "capture_id": one.capture_id,
            "version_id": one.version_id,
        }
        for number, one, place, member in zip(
            ids, made, append(members), members, strict=True
        )
    ]
    session.connection().execute(_ENTER, rows)


def _notes(session: Session, known: Touched) -> Iterator[_Made]:
    for source_id, before in known.sources.items():
        source = session.get_one(SourceRow, source_id)
        said = say_source(source, before)
        yield _Made(note=Note(about=source.name, members={"source": said}))
    for name in sorted(known.runs):
        said = say_run(session.get_one(ReextractionRow, name))
        yield _Made(note=Note(about=name, members={"run": said}))
    if known.takedowns or known.targets or known.erasures:
        said = say_takedown(
            [session.get_one(TakedownRow, key) for key in sorted(known.takedowns)],
            [session.get_one(TakedownTargetRow, key) for key in sorted(known.targets)],
            [session.get_one(ErasureRow, key) for key in sorted(known.erasures)],
        )
        yield _Made(note=Note(about="takedown", members={"takedown": said}))
    if by_hand := known.found.get(None):
        yield _Made(note=Note(about="by-hand", members={"found": by_hand}))
    for link_id, of_link in by_link(session, known).items():
        yield from _of_link(session, session.get_one(LinkRow, link_id), of_link)


def _of_link(session: Session, link: LinkRow, known: OfLink) -> Iterator[_Made]:
    """Yield a link's notes: first what was before, then what is."""
    key = {"key": link.key}
    for run in known.formers:
        former = session.get(FormerVersionRow, run)
        if former is not None:  # None: rolled back in this transaction
            said = {"link": key, "former": say_former(session, former)}
            yield _made(session, link, said, version=former.version_id)
    first = known.versions[0] if known.versions else None
    version = session.get_one(VersionRow, first) if first is not None else None
    members = _members(session, link, known)
    if version is not None:
        members["version"] = say_version(session, version)
        if version.number == 1 and not known.is_moved:
            members["link"] = say_link(session, link)
    capture = known.captures[0] if known.captures else None
    if capture is None and version is not None:
        capture = version.capture_id
    yield _made(session, link, members, version=first, capture=capture)
    for other in known.versions[1:]:
        version = session.get_one(VersionRow, other)
        said = {"link": key, "version": say_version(session, version)}
        yield _made(session, link, said, version=other, capture=version.capture_id)


def _members(session: Session, link: LinkRow, known: OfLink) -> Said:
    """Return what is said of a link beside its versions."""
    members: Said = {"link": {"key": link.key}}
    if known.is_moved:
        members["link"] = say_link(session, link)
    if known.captures:
        rows = [session.get_one(CaptureRow, capture) for capture in known.captures]
        members["captures"] = [say_capture(row) for row in rows]
    if known.article is not None:
        article = session.get_one(ArticleRow, known.article)
        members["article"] = say_article(session, article, known.left)
    if known.found:
        members["found"] = list(known.found)
    return members


def _made(
    session: Session,
    link: LinkRow,
    members: Said,
    *,
    version: int | None = None,
    capture: int | None = None,
) -> _Made:
    row = session.get(CaptureRow, capture) if capture is not None else None
    refers_to = row.record_id if row is not None else None
    return _Made(
        note=Note(about=link.key, members=members, refers_to=refers_to),
        link_id=link.id,
        capture_id=capture,
        version_id=version,
    )
