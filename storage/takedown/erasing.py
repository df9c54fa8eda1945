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

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from storage.errors import StorageError
from storage.failpoints import reach
from storage.folder import DataFolder
from storage.model.takedown import RETENTION, TakedownState
from storage.sql.leading import Lead
from storage.sql.listed import enter_listed, erasure_of
from storage.sql.objects import UPLOADED
from storage.sql.retention import Cutoff, outlived
from storage.sql.tables import (
    ErasureRow,
    SegmentRow,
    TakedownRow,
    TakedownTargetRow,
)
from storage.takedown.erasure_list import (
    LIST,
    Erasure,
    add_erasure,
    read_erasures,
)
from storage.takedown.graves import (
    places_beside,
    places_of,
)
from storage.takedown.leftovers import (
    clean_quarantine,
    clean_runs,
    clear_shards,
    remove_set_aside,
)
from storage.takedown.scrubbing import scrub
from storage.takedown.steps import (
    by_segment,
    conclude,
    enter,
    enter_outlived,
    entered,
    erase,
    forget_index,
    note_unlinked,
)
from storage.takedown.surveying import (
    Chunk,
    Quoting,
    exports_of,
    mentions,
    quote_nothing,
    survey,
)
from storage.uploading import Mirror
from storage.warc.segment import file_sha256
from storage.warc.tombstone import Epitaph, tombstone
from storage.writer import Tx, Writer

#: So many links in one commit: the writer is held for a moment, not longer.
AT_ONCE = 100
#: So many captures past their time go at once.
RETIRED_AT_ONCE = 1000


@dataclass(slots=True, kw_only=True)
class Eraser:
    """Carries erasures out, one at a time.

    Attributes:
        folder: The archive.
        writer: Its writer.
        session: Opens a session that reads.
        now: Current time, UTC.
        asked_for: Finds captures of what the pages' own scripts asked for.
        quoting: Finds those, and those of lists, for a takedown that reaches everywhere.
        mirror: Keeps WARC files in an object store, where there is one.
        turn: Held while it erases, so that one node does at a time.
    """

    folder: DataFolder
    writer: Writer
    session: Callable[[], AbstractContextManager[Session]]
    now: Callable[[], datetime]
    asked_for: Quoting = quote_nothing
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
            self._do(lambda tx: enter_outlived(tx, places, now))
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
        self._do(lambda tx: note_unlinked(tx, name))
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
        self._do(lambda tx: conclude(tx, name, self.now()))

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
            self._do(lambda tx: enter(tx, name, chunk))
            reach("after_intent")
            self._bring(name)
            now = self.now()
            self._do(lambda tx: erase(tx, self.folder, name, chunk, found, now))
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
            segments = [segment for segment, _ in by_segment(session, name)]
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
                self.quoting if takedown.everywhere else self.asked_for,
                entered(session, name),
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
            "exports": exports_of(self.folder, chunk),
        }

    def _digest_file(self, segment: str) -> None:
        """Enter the digest that a sealed file has now; its index is made anew."""
        path = self.folder.segment(segment)
        if path is None or path.name != segment:
            return  # an open one is read when it is sealed
        forget_index(path)
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
