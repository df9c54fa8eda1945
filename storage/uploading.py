"""Bring sealed files into the object store, and let go of them here.

    enter the file as begun                a commit, before its first byte goes
    put it where nothing is
    see that the store has these bytes     its size and digest, by its own word or read back
    enter it as uploaded, the segment too  a commit; only then may the copy here go

Each step can be done again: what was put and not entered is found there, and found to be
the same. Nothing is ever put over what is there, but by an erasure (`renew`).
"""

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from sqlmodel import Session

from storage.days.files import day_path
from storage.errors import StoreRefused
from storage.failpoints import reach
from storage.folder import DataFolder
from storage.sql.objects import (
    UPLOADED,
    File,
    begin,
    days_lacking,
    enter,
    exports_kept,
    exports_uploaded,
    forget,
    indexes_lacking,
    is_erased_in,
    overwritten_in,
    put_again,
    segments_sealed,
    uploaded_before,
)
from storage.sql.tables import ObjectRow
from storage.stored import Digests, Stored, digests_of
from storage.warc.cdxj import CDXJ_SUFFIX, CDXJ_SUFFIXES, cdxj_path, is_current
from storage.warc.segment import sync_folder, write_error
from storage.writer import Tx, Writer

if TYPE_CHECKING:
    from storage.objects import Objects  # it imports what need not be installed

_FETCHING = "fetching"
#: A file that cannot be put there is read again after so long.
_LOOK_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A file that is to be put into the store.

    Attributes:
        name: Its place below the data folder.
        key: Its place in the store.
        path: Where it is.
        segment: The WARC file that it is, or is the index of.
        sha256: What it is to have, where that is known.
        may_replace: It is made of others, and may differ from what is there.
    """

    name: str
    key: str
    path: Path
    segment: str | None = None
    sha256: str | None = None
    may_replace: bool = False

    @property
    def is_warc(self) -> bool:
        """Tell whether it is the WARC file itself, not its index."""
        return self.path.name == self.segment


@dataclass(slots=True, kw_only=True)
class Counts:
    """What was done since the start, and how it fares.

    Attributes:
        files: Files that the store has got, and `size` their bytes.
        dropped: WARC files that were let go of here.
        failures: Times that the store did not answer, and `in_a_row` the last of them.
        retry_at: When it is asked again, if it did not.
        refused: Why files cannot be put there, by their names, and since when that is
            known.
    """

    files: int = 0
    size: int = 0
    dropped: int = 0
    failures: int = 0
    in_a_row: int = 0
    retry_at: datetime | None = None
    refused: dict[str, tuple[str, datetime]] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Mirror:
    """Keeps files of a data folder in an object store; one for a process that writes.

    Attributes:
        folder: The archive.
        objects: The store.
        writer: The archive's writer.
        session: Opens a session that reads.
        now: Current time, UTC.
        keep_local: How long a copy stays here once the store has it; None: for ever.
        counts: What was done.
    """

    folder: DataFolder
    objects: "Objects"
    writer: Writer
    session: Callable[[], AbstractContextManager[Session]]
    now: Callable[[], datetime]
    keep_local: timedelta | None = None
    counts: Counts = field(default_factory=Counts)
    _known: dict[str, str] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep files from being put and let go of, while records are overwritten."""
        with self._lock:
            yield

    def push(self, is_over: Callable[[], bool] = lambda: False) -> int:
        """Put what waits into the store, as far as there is time; return how many.

        Raises:
            StorageError: the store does not answer, or rows cannot be written.
        """
        count = 0
        self.forget_former()
        with self.session() as session:
            waiting = waiting_in(self.folder, session)
        for one in waiting:
            if is_over():
                break
            with self._lock:
                count += self._put(one)
        return count

    def withdraw(self) -> int:
        """Remove exports there that are kept here no more, or may not be; how many.

        Raises:
            StorageError: the store does not answer, or keeps one.
        """
        with self._lock:
            with self.session() as session:
                kept = {name for name, _ in exports_kept(session)}
                rows = exports_uploaded(session)
            gone = [row for name, row in rows.items() if name not in kept]
            for row in gone:
                self.objects.remove(row.key)
                self.objects.purge(row.key, row.version)
                name = row.name
                self._do(lambda tx, name=name: forget(tx.session, name))  # type: ignore[misc]
        return len(gone)

    def forget_former(self) -> int:
        """Let copies here go that were erased in on another machine; return how many.

        The store has them as they are to be.
        """
        with self.session() as session:
            erased = overwritten_in(session)
        former = [
            name
            for name, (offset, length, digest) in erased.items()
            if self._known.get(name) != digest
            and (path := self.folder.warc / name).exists()
            and _digest_at(path, offset, length) != digest
        ]
        with self._lock:
            dropped = [name for name in former if self._drop(name)]
        self._known = {name: digest for name, (_, _, digest) in erased.items()}
        self.counts.dropped += len(dropped)
        return len(dropped)

    def drop(self, is_over: Callable[[], bool] = lambda: False) -> int:
        """Let go of copies here that are past their time; return how many.

        Raises:
            StorageError: the store does not answer, or one cannot be removed.
        """
        if self.keep_local is None:
            return 0
        with self.session() as session:
            due = uploaded_before(
                session, CDXJ_SUFFIX, self.now() - self.keep_local, self.folder.node
            )
        here = {path.name for path in self.folder.warc.glob("*.warc.gz")}
        count = 0
        for name in due:
            if is_over():
                break
            if name in here:
                with self._lock:
                    count += self._drop(name)
        self.counts.dropped += count
        return count

    def bring(self, segment: str) -> bool:
        """Have a WARC file here that only the store has; tell whether it came.

        Raises:
            StorageError: the store does not answer, or there is no room.
        """
        if self.folder.segment(segment) is not None:
            return False
        place = self.folder.path / _FETCHING
        fresh = place / segment
        try:
            place.mkdir(mode=0o700, exist_ok=True)
            self.objects.fetch(self.folder.place(segment), fresh)
            fresh.rename(self.folder.warc / segment)
            sync_folder(self.folder.warc)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise write_error(error, f"fetch {segment}") from error
        reach("after_bring")
        return True

    def is_away(self, segment: str) -> bool:
        """Tell whether a WARC file is in the store and not here."""
        if self.folder.segment(segment) is not None:
            return False
        try:
            self.objects.head(self.folder.place(segment))
        except FileNotFoundError:
            return False
        return True

    def renew(self, segment: str) -> None:
        """Have the store keep a WARC file as it is here, and nothing of how it was.

        Its index goes: it names what is erased, and is made anew.

        Raises:
            StoreRefused: the store keeps what was there.
            StorageError: it does not answer, or rows cannot be written.
        """
        place, path = self.folder.place(segment), self.folder.warc / segment
        index = place + CDXJ_SUFFIX
        with self._lock:
            row, of_index = self._row(place), self._row(index)
            self.objects.remove(index)
            self.objects.purge(index, of_index.version if of_index else None)
            self._do(lambda tx: forget(tx.session, index))
            try:
                stored = self.objects.head(place)
            except FileNotFoundError:
                return
            if not path.exists():
                raise StoreRefused(f"{segment} is not here to be put in place")
            digests = digests_of(path)
            now_there = self.objects.check(place, digests)
            if now_there is None:
                self.objects.replace(place, path, stored)
                reach("after_replace")
                now_there = self._checked(place, digests)
            self.objects.purge(place, row.version if row else stored.version)
            self.objects.purge(place, stored.version)
            self._enter(
                Waiting(name=place, key=place, path=path, segment=segment),
                digests,
                now_there,
            )

    def _put(self, one: Waiting) -> bool:
        """Put a file; one that cannot be is told of and left."""
        if self._is_to_wait(one):
            return False
        digests = digests_of(one.path)
        if one.sha256 is not None and digests.sha256 != one.sha256:
            return self._refuse(one, "is not what was sealed: see `kliping verify`")
        begun_at = self.now()
        self._do(lambda tx: begin(tx.session, one.name, one.key, begun_at))
        reach("after_begun")
        try:
            self.objects.put_new(one.key, one.path)
            reach("after_put")
            stored = self.objects.check(one.key, digests)
            if stored is None and one.may_replace:
                self.objects.replace(one.key, one.path, self.objects.head(one.key))
                stored = self.objects.check(one.key, digests)
        except FileNotFoundError as error:
            raise StoreRefused(f"{one.key} is gone as soon as it is put") from error
        if stored is None:
            return self._refuse(one, "something else is under its name there")
        reach("after_check")
        self._enter(one, digests, stored)
        self.counts.files += 1
        self.counts.size += digests.size
        self.counts.refused.pop(one.name, None)
        return True

    def _is_to_wait(self, one: Waiting) -> bool:
        """Tell whether a file is no more, is being erased in, or was just refused."""
        _, refused_at = self.counts.refused.get(one.name, ("", None))
        is_refused = refused_at is not None and self.now() - refused_at < _LOOK_AGAIN
        if is_refused or not one.path.exists():
            return True
        if one.segment is None:
            return False
        with self.session() as session:
            return is_erased_in(session, one.segment)

    def _refuse(self, one: Waiting, why: str) -> bool:
        self.counts.refused[one.name] = why, self.now()
        return False

    def _checked(self, place: str, digests: Digests) -> Stored:
        stored = self.objects.check(place, digests)
        if stored is None:
            raise StoreRefused(f"{place} is not as it was put")
        return stored

    def _drop(self, segment: str) -> bool:
        """Remove a copy here, once the store has said again that it has the file."""
        place, path = self.folder.place(segment), self.folder.warc / segment
        row = self._row(place)
        with self.session() as session:
            if row is None or is_erased_in(session, segment):
                return False
        try:
            is_there = self.objects.head(place).size == row.size
        except FileNotFoundError:
            is_there = False
        if not is_there:
            self._do(lambda tx: put_again(tx.session, segment, place))
            return False
        try:
            for suffix in CDXJ_SUFFIXES:
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            reach("mid_drop")
            path.unlink(missing_ok=True)
            sync_folder(self.folder.warc)
        except OSError as error:
            raise write_error(error, f"remove {segment}") from error
        return True

    def _enter(self, one: Waiting, digests: Digests, stored: Stored) -> None:
        now = self.now()
        file = File(
            name=one.name,
            key=one.key,
            size=digests.size,
            sha256=digests.sha256,
            version=stored.version,
            segment=one.segment if one.is_warc else None,
        )
        self._do(lambda tx: enter(tx.session, file, now))

    def _row(self, name: str) -> ObjectRow | None:
        with self.session() as session:
            return session.get(ObjectRow, name)

    def _do(self, work: Callable[[Tx], None]) -> None:
        self.writer.submit(work).result()


def _digest_at(path: Path, offset: int, length: int) -> str:
    with path.open("rb") as file:
        file.seek(offset)
        return sha256(file.read(length)).hexdigest()


def waiting_in(folder: DataFolder, session: Session) -> list[Waiting]:
    """Return the files here that the store does not have, the oldest first."""
    return [
        *_segments(folder, session),
        *_indexes(folder, session),
        *_days(folder, session),
        *_exports(folder, session),
    ]


def _segments(folder: DataFolder, session: Session) -> Iterator[Waiting]:
    for name, digest in segments_sealed(session, folder.node):
        path, place = folder.warc / name, folder.place(name)
        if path.exists():
            yield Waiting(name=place, key=place, path=path, segment=name, sha256=digest)


def _indexes(folder: DataFolder, session: Session) -> Iterator[Waiting]:
    for name in indexes_lacking(session, CDXJ_SUFFIX, folder.node):
        if is_current(folder.warc / name):
            place = folder.place(name) + CDXJ_SUFFIX
            yield Waiting(
                name=place,
                key=place,
                path=cdxj_path(folder.warc / name),
                segment=name,
                may_replace=True,
            )


def _days(folder: DataFolder, session: Session) -> Iterator[Waiting]:
    for day in days_lacking(session, folder.fixity.name, folder.node):
        path = day_path(folder.fixity, day)
        if path.exists():
            name = f"{folder.fixity.name}/{path.name}"
            begun = session.get(ObjectRow, name)
            fresh = f"{folder.fixity.name}/{day}-{uuid.uuid4().hex}{path.suffix}"
            yield Waiting(name=name, key=begun.key if begun else fresh, path=path)


def _exports(folder: DataFolder, session: Session) -> Iterator[Waiting]:
    there = exports_uploaded(session)
    for name, file in exports_kept(session):
        row, path = there.get(name), folder.jobs / file
        if path.exists() and (row is None or row.state != UPLOADED):
            key = row.key if row else f"exports/{uuid.uuid4().hex}-{file}"
            yield Waiting(name=name, key=key, path=path)
