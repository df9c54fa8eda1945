"""Carry erasures out: safe to be killed anywhere, and finished by whoever starts next.

    withhold, enter what is reached        a commit; nothing of it is shown any more
    for some links at a time:
        search what no row vouches for     quarantine, shadow runs
        enter the records that go          a commit, before a byte is written; what
                                           other captures repeat of them is kept anew
        bring files here                   that only the object store has
        overwrite them, sync               in the thread that writes
        take away what rows say            the same transaction
    digest the files anew, a commit; put them in place in the object store, which keeps
    nothing of how they were; add to the list of erasures; rewrite the database
    note that it is done, a commit

Every step can be done again. What is entered is overwritten whatever stands there: of
a member that was torn by a crash in the middle, no digest would tell.
"""

import hashlib
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm.attributes import flag_modified
from sqlmodel import Session, col, select

from storage.errors import StorageError
from storage.exports import exports_with
from storage.failpoints import reach
from storage.folder import DataFolder
from storage.model.takedown import RETENTION, Depth, TakedownState
from storage.sql.forgetting import Said, forget, said_by
from storage.sql.leading import Lead
from storage.sql.listed import enter_listed
from storage.sql.objects import UPLOADED
from storage.sql.retention import Cutoff, outlived
from storage.sql.tables import (
    CaptureRow,
    ErasureRow,
    RecordRow,
    SegmentRow,
    TakedownRow,
    TakedownTargetRow,
    VersionRow,
)
from storage.takedown.erasure_list import (
    LIST,
    Erased,
    Erasure,
    add_erasure,
    read_erasures,
)
from storage.takedown.graves import (
    Place,
    Renewed,
    Retold,
    hashes_of_keys,
    intent,
    notes_retold,
    places_beside,
    places_of,
    renewed,
    stone_of,
)
from storage.takedown.leftovers import (
    clean_quarantine,
    clean_runs,
    clear_shards,
    remove_set_aside,
)
from storage.takedown.scrubbing import scrub
from storage.uploading import Mirror
from storage.warc.cdxj import CDXJ_SUFFIXES
from storage.warc.erase import Grave
from storage.warc.segment import file_sha256
from storage.warc.tombstone import Epitaph, tombstone
from storage.writer import Tx, Writer

#: So many links in one commit: the writer is held for a moment, not longer.
AT_ONCE = 100
#: So many captures past their time go at once.
RETIRED_AT_ONCE = 1000
_TELLING = 20

#: Returns the captures of lists that quote what links are known to have said.
Quoting = Callable[[Session, Said, list[int]], Collection[int]]


def quote_nothing(_session: Session, _said: Said, _links: list[int]) -> list[int]:
    """Return no captures: lists are left as they are."""
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """What is erased in one commit.

    Attributes:
        links: Ids of links.
        said: What they are known to have said, and their captures; those of lists
            that quote it too.
        lists: Which of the captures are of lists.
        places: The records that go, each with the hash of its link's identity.
        renewed: Captures of other links that are kept anew.
        retold: Notes of other links that are written anew.
    """

    links: tuple[int, ...]
    said: Said
    lists: tuple[int, ...]
    places: tuple[tuple[Place, str | None], ...]
    renewed: tuple[Renewed, ...]
    retold: tuple[Retold, ...]


def survey(
    folder: DataFolder,
    session: Session,
    links: Sequence[int],
    ours: set[int],
    quoting: Quoting,
    entered: Collection[int] = (),
) -> Chunk:
    """Return what erasing some links comes to; changes nothing.

    Args:
        folder: The archive.
        session: For reading.
        links: The links.
        ours: All links that the takedown reaches.
        quoting: Finds captures of lists.
        entered: Captures that were found before, and may not be readable any more.
    """
    said = said_by(session, links)
    own = {row.id or 0 for row in said.captures}
    quoted = _families(session, {*quoting(session, said, list(links))} - own)
    lists = _with(session, quoted, set(entered) - own)
    rows = (*said.captures, *lists)
    hashes = hashes_of_keys(session, links)
    places = tuple(
        (place, hashes.get(row.link_id or 0))
        for row in rows
        for place in places_of(folder, row)
    )
    ids = {row.id or 0 for row in rows}
    beside = [(place, None) for place in places_beside(session, links, ids)]
    return Chunk(
        links=tuple(links),
        said=replace(said, captures=rows),
        lists=tuple(row.id or 0 for row in lists),
        places=(*places, *beside),
        renewed=tuple(renewed(folder, session, ids, ours)),
        retold=tuple(notes_retold(folder, session, links, said.urls)),
    )


def _with(
    session: Session, rows: Sequence[CaptureRow], ids: set[int]
) -> tuple[CaptureRow, ...]:
    """Return captures with those of some ids, each once."""
    found = {row.id: row for row in rows}
    for row in session.exec(select(CaptureRow).where(col(CaptureRow.id).in_(ids))):
        found[row.id] = row
    return tuple(found.values())


def _families(session: Session, captures: Collection[int]) -> tuple[CaptureRow, ...]:
    """Return captures with those that hold or repeat the same payload."""
    found = session.exec(
        select(CaptureRow).where(col(CaptureRow.id).in_(sorted(captures)))
    )
    roots = sorted({row.revisit_of or row.id or 0 for row in found})
    of_them = col(CaptureRow.id).in_(roots) | col(CaptureRow.revisit_of).in_(roots)
    query = select(CaptureRow).where(of_them).order_by(col(CaptureRow.id))
    return tuple(session.exec(query))


@dataclass(slots=True, kw_only=True)
class Eraser:
    """Carries erasures out, one at a time.

    Attributes:
        folder: The archive.
        writer: Its writer.
        session: Opens a session that reads.
        now: Current time, UTC.
        quoting: Finds captures of lists, for a takedown that reaches everywhere.
        mirror: Keeps WARC files in an object store, where there is one.
        turn: Held while it erases, so that one node does at a time.
    """

    folder: DataFolder
    writer: Writer
    session: Callable[[], AbstractContextManager[Session]]
    now: Callable[[], datetime]
    quoting: Quoting = quote_nothing
    mirror: Mirror | None = None
    turn: Lead = field(default_factory=lambda: Lead(None))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def finish(self) -> list[str]:
        """Carry out all erasures that are begun; return their names.

        Of many nodes one does at a time, once all files of before are here or in the
        object store; each seals its open one for it.

        Raises:
            StorageError: One cannot be carried out now; it stays begun.
        """
        with self._lock:
            names = self._begun()
            if not names or not self.turn.hold():
                return []
            try:
                for name in names:
                    self._carry_out(name)
            finally:
                self.turn.leave()
        return names

    def retire(self, cutoffs: Sequence[Cutoff]) -> int:
        """Let captures go that are past their time; return how many, some at a time.

        Raises:
            StorageError: They cannot be overwritten now; it is tried again.
        """
        with self.session() as session:
            rows = outlived(session, cutoffs, RETIRED_AT_ONCE)
            ids = {row.id or 0 for row in rows}
            places = [place for row in rows for place in places_of(self.folder, row)]
            places += places_beside(session, (), ids)
        if rows:
            now = self.now()
            self._do(lambda tx: _enter_outlived(tx, places, now))
            self.finish()
        return len(rows)

    def take_up(self) -> list[str]:
        """Begin the erasures that the folder's list has and the rows do not know.

        The rows are older than the list, then: a backup's. `finish` carries them out.

        Returns:
            Their names.

        Raises:
            BadBackup: The list cannot be read.
            StorageError: They cannot be entered.
        """
        listed = list(read_erasures(self.folder.path / LIST))
        with self.session() as session:
            known = set(session.exec(select(TakedownRow.name)))
        unknown = [erasure for erasure in listed if erasure.name not in known]
        for erasure in unknown:
            now = self.now()
            self._do(lambda tx, one=erasure, at=now: enter_listed(tx.session, one, at))  # type: ignore[misc]
        return [erasure.name for erasure in unknown]

    def listed(self) -> list[str]:
        """Return the names of all erasures that the folder's list has."""
        return [one.name for one in read_erasures(self.folder.path / LIST)]

    def _begun(self) -> list[str]:
        query = select(TakedownRow.name).where(
            TakedownRow.state == TakedownState.ERASING
        )
        with self.session() as session:
            return list(session.exec(query.order_by(col(TakedownRow.requested_at))))

    def _carry_out(self, name: str) -> None:
        self._refuse_far_files(name)
        self._recall(name)
        while (links := self._pending(name)) or self._is_entered(name):
            self._erase_some(name, links)
        self._do(lambda tx: _note_unlinked(tx, name))
        for segment in self._segments(name):
            self._digest_file(segment)
            if self.mirror is not None:
                self.mirror.renew(segment)
        if self._is_takedown(name):
            if self.mirror is not None:
                self.mirror.withdraw()
            remove_set_aside(self.folder)
            add_erasure(self.folder.path, self._erasure(name))
            self.writer.submit_alone(scrub).result()
        self._do(lambda tx: _conclude(tx, name, self.now()))

    def _refuse_far_files(self, name: str) -> None:
        """Refuse while another node alone has a file that may hold what is to go."""
        if not self.folder.node:
            return
        with self.session() as session:
            takedown = session.get_one(TakedownRow, name)
            far = session.exec(
                select(SegmentRow).where(
                    col(SegmentRow.node) != self.folder.node,
                    col(SegmentRow.state) != UPLOADED,
                    col(SegmentRow.opened_at) <= takedown.requested_at,
                )
            ).first()
        self.writer.seal_before(takedown.requested_at)
        if far is not None:
            raise StorageError(
                f"{name} waits: {far.name} is at node {far.node} alone, "
                "and not in the object store"
            )

    def _erase_some(self, name: str, links: Sequence[int]) -> None:
        chunk = self._survey(name, links)
        found = self._clean_files(name, chunk)
        with self._held():
            self._do(lambda tx: _enter(tx, name, chunk))
            reach("after_intent")
            self._bring(name)
            now = self.now()
            self._do(lambda tx: _erase(tx, self.folder, name, chunk, found, now))
        reach("after_forget")

    def _held(self) -> AbstractContextManager[None]:
        return nullcontext() if self.mirror is None else self.mirror.held()

    def _recall(self, name: str) -> None:
        """Have records overwritten again in files that are not here any more.

        What was overwritten here and not put in place there is lost with the file.
        """
        if self.mirror is None:
            return
        for segment in filter(self.mirror.is_away, self._segments(name)):
            again = update(ErasureRow).where(
                col(ErasureRow.takedown) == name, col(ErasureRow.segment) == segment
            )
            query = again.values(erased_at=None)
            self._do(lambda tx, query=query: tx.session.exec(query))  # type: ignore[misc]

    def _bring(self, name: str) -> None:
        """Have all files here that are about to be overwritten."""
        if self.mirror is None:
            return
        with self.session() as session:
            segments = [segment for segment, _ in _by_segment(session, name)]
        for segment in segments:
            self.mirror.bring(segment)

    def _do(self, work: Callable[[Tx], Any]) -> None:
        self.writer.submit(work).result()

    def _pending(self, name: str) -> list[int]:
        query = (
            select(TakedownTargetRow.link_id)
            .where(
                TakedownTargetRow.takedown == name,
                col(TakedownTargetRow.is_done).is_(False),
                col(TakedownTargetRow.link_id).is_not(None),
            )
            .order_by(col(TakedownTargetRow.link_id))
            .limit(AT_ONCE)
        )
        with self.session() as session:
            return [link for link in session.exec(query) if link is not None]

    def _is_entered(self, name: str) -> bool:
        """Tell whether records are entered that are not overwritten yet."""
        query = select(ErasureRow).where(
            ErasureRow.takedown == name, col(ErasureRow.erased_at).is_(None)
        )
        with self.session() as session:
            return session.exec(query.limit(1)).first() is not None

    def _survey(self, name: str, links: Sequence[int]) -> Chunk:
        with self.session() as session:
            takedown = session.get_one(TakedownRow, name)
            ours = select(TakedownTargetRow.link_id).where(
                TakedownTargetRow.takedown == name
            )
            return survey(
                self.folder,
                session,
                links,
                {link for link in session.exec(ours) if link is not None},
                self.quoting if takedown.everywhere else quote_nothing,
                _entered(session, name),
            )

    def _clean_files(self, name: str, chunk: Chunk) -> dict[str, Any]:
        if not chunk.links:
            return {"quarantine": 0, "reextract": 0, "exports": []}
        with self.session() as session:
            takedown = session.get_one(TakedownRow, name)
        epitaph = Epitaph(
            erased_at=takedown.requested_at, ground=takedown.ground, key_sha256=None
        )

        def stone(file: str, offset: int, length: int) -> bytes:
            return tombstone(epitaph, f"{file}:{offset}", length)

        clear_shards(self.folder, self.mirror.objects if self.mirror else None)
        return {
            "quarantine": clean_quarantine(self.folder, mentions(chunk.said), stone),
            "reextract": clean_runs(self.folder, chunk.said.articles),
            "exports": _exports(self.folder, chunk),
        }

    def _digest_file(self, segment: str) -> None:
        """Enter the digest that a sealed file has now; its index is made anew."""
        path = self.folder.segment(segment)
        if path is None or path.name != segment:
            return  # an open one is read when it is sealed
        _forget_index(path)
        sealed = (
            update(SegmentRow)
            .where(col(SegmentRow.name) == segment, col(SegmentRow.state) != "open")
            .values(sha256=file_sha256(path))
        )
        self._do(lambda tx: tx.session.exec(sealed))

    def _segments(self, name: str) -> list[str]:
        query = select(ErasureRow.segment).where(ErasureRow.takedown == name)
        with self.session() as session:
            return list(session.exec(query.distinct()))

    def _is_takedown(self, name: str) -> bool:
        """Tell whether somebody asked for it: what is outlived needs no scrubbing."""
        with self.session() as session:
            return session.get_one(TakedownRow, name).ground != RETENTION

    def _erasure(self, name: str) -> Erasure:
        with self.session() as session:
            return erasure_of(session, name)


def told(folder: DataFolder, chunk: Chunk) -> dict[str, Any]:
    """Return what a survey found, for who decides; names no content."""
    places = [place for place, _ in chunk.places]
    places += [place for one in chunk.renewed for place in one.old]
    places += [one.old for one in chunk.retold]
    return {
        "articles": list(chunk.said.articles),
        "versions": len(chunk.said.versions),
        "captures": len(chunk.said.captures) - len(chunk.lists),
        "lists": len(chunk.lists),
        "kept_anew": len(chunk.renewed),
        "retold": len(chunk.retold),
        "records": [asdict(place) for place in places],
        "bytes": sum(place.length for place in places),
        "exports": _exports(folder, chunk),
    }


def _exports(folder: DataFolder, chunk: Chunk) -> list[dict[str, str]]:
    """Return which exports hold the articles; a note that cannot be read says so."""
    try:
        return [
            {"made_at": one.made_at.isoformat(), "form": one.form, "path": one.path}
            for one in exports_with(folder, chunk.said.articles)
        ]
    except ValueError as error:
        return [{"made_at": "", "form": "", "path": str(error)}]


def mentions(said: Said) -> Callable[[bytes], bool]:
    """Return what tells whether bytes name an address of links, or hold their text."""
    lines = (line.strip() for text in said.texts for line in text.splitlines())
    needles = {*said.urls, *(line for line in lines if len(line) >= _TELLING)}
    sought = [needle.encode() for needle in needles]
    return lambda data: any(needle in data for needle in sought)


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


def _entered(session: Session, name: str) -> list[int]:
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


def _enter(tx: Tx, name: str, chunk: Chunk) -> None:
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


def _enter_outlived(tx: Tx, places: Sequence[Place], now: datetime) -> None:
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


def _erase(  # one transaction's worth
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
    for segment, rows in _by_segment(session, name):
        path = folder.segment(segment)
        if path is not None:
            _forget_index(path)
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


def _forget_index(path: Path) -> None:
    """Remove the index beside a file, which names what is erased; it is made anew."""
    for suffix in CDXJ_SUFFIXES:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _by_segment(session: Session, name: str) -> Iterator[tuple[str, list[ErasureRow]]]:
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


def _note_unlinked(tx: Tx, name: str) -> None:
    """Note that nothing is to be erased of addresses that were never seen."""
    never_seen = update(TakedownTargetRow).where(
        col(TakedownTargetRow.takedown) == name,
        col(TakedownTargetRow.link_id).is_(None),
    )
    tx.session.exec(never_seen.values(is_done=True))


def _conclude(tx: Tx, name: str, now: datetime) -> None:
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
