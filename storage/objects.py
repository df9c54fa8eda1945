"""Files in an object store: S3, Google Cloud Storage, Azure, or a shared folder (obstore).

A file is put where nothing is, and believed to be there only when the store says so of
these very bytes or gives them back. It is read by ranges. What an object store is called
by (`s3://bucket/prefix`) and who we are there, obstore reads of the address and of the
environment.
"""

import io
import mmap
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import unquote, urlsplit

import obstore
from obstore import exceptions
from obstore.store import LocalStore, from_url

from storage.errors import StoreRefused, StoreUnreachable
from storage.stored import Digests, Stored, digests_in
from storage.versions import Versions, versions_of
from storage.warc.segment import sync_folder, write_error

if TYPE_CHECKING:
    from obstore.store import ClientConfig, ObjectStore, RetryConfig  # types alone

_READ_AHEAD = 1024 * 1024
_CHUNK = 8 * 1024 * 1024
_CONNECT = timedelta(seconds=10)
#: One answer to a reader, and one whole file.
_ANSWER, _WHOLE = timedelta(seconds=60), timedelta(hours=2)
_RETRIES: "RetryConfig" = {"max_retries": 2, "retry_timeout": timedelta(seconds=20)}
_WORDS = 300


class Objects:
    """One prefix of one store; safe to share between threads.

    All raise StoreUnreachable where the store does not answer or lets nobody in.
    """

    def __init__(
        self, url: str, *, endpoint: str | None = None, allow_http: bool = False
    ) -> None:
        """Open a store; it is not asked for anything yet.

        Args:
            url: As `s3://bucket/prefix`, `gs:`, `az:`, or `file:///folder`.
            endpoint: Where a store of that kind is, if it is not its maker's own.
            allow_http: Speak to it without TLS.

        Raises:
            StoreUnreachable: there can be no such store.
        """
        self.url = url
        self._folder = _folder_of(url)
        with _asking("open the store"):
            self._store, self._bulk = (
                _opened(url, self._folder, endpoint, allow_http=allow_http, wait=wait)
                for wait in (_ANSWER, _WHOLE)
            )
        self._versions: Versions | None = versions_of(url, endpoint)

    def put_new(self, place: str, path: Path) -> None:
        """Put a file, unless there is one at its place: `check` tells which."""
        with _bytes_of(path) as data, _asking(f"put {place}"):
            with suppress(exceptions.AlreadyExistsError):
                obstore.put(self._bulk, place, data, mode="create")
            self._sync(place)

    def replace(self, place: str, path: Path, known: Stored) -> None:
        """Put a file in place of the one that is known to be there, at once.

        Raises:
            StoreRefused: another one is there meanwhile.
        """
        mode: Any = {"e_tag": known.e_tag} if self._folder is None else "overwrite"
        with _bytes_of(path) as data, _asking(f"replace {place}"):
            try:
                obstore.put(self._bulk, place, data, mode=mode)
            except exceptions.PreconditionError as error:
                raise StoreRefused(f"{place} was changed by somebody else") from error
            self._sync(place)

    def check(self, place: str, digests: Digests) -> Stored | None:
        """Return how the store has these very bytes; None if it has others.

        The store's own word is taken where it is an MD5; else they are read back.

        Raises:
            FileNotFoundError: there is nothing.
        """
        stored = self.head(place)
        if stored.size != digests.size:
            return None
        is_same = (stored.e_tag or "").strip('"') == digests.md5
        return stored if is_same or self._read_back(place) == digests else None

    def head(self, place: str) -> Stored:
        """Return what the store says of a file.

        Raises:
            FileNotFoundError: there is none.
        """
        with _asking(f"look for {place}"):
            found = obstore.head(self._store, place)
        return Stored(
            size=found["size"], e_tag=found["e_tag"], version=found["version"]
        )

    def size(self, place: str) -> int:
        """Return a file's bytes; raises as `head`."""
        return self.head(place).size

    def read(self, place: str, offset: int, length: int) -> bytes:
        """Return bytes of a file, fewer where it ends; raises as `head`."""
        if length <= 0:
            return b""
        try:
            with _asking(f"read {place}"):
                found = obstore.get_range(
                    self._store, place, start=offset, length=length
                )
                return found.to_bytes()
        except StoreUnreachable:
            if self.size(place) > offset:
                raise
            return b""

    def open(self, place: str) -> BinaryIO:
        """Return a file to read in, a piece at a time; raises as `head`."""
        raw = _Ranges(self, place, self.size(place))
        return cast("BinaryIO", io.BufferedReader(raw, _READ_AHEAD))

    def fetch(self, place: str, path: Path) -> None:
        """Write a file to a path, durably; raises as `head`.

        Raises:
            DiskFull: there is no room for it.
            WriteFailed: it cannot be written.
        """
        chunks = self._chunks(place)
        with path.open("wb") as file:
            for chunk in chunks:
                try:
                    file.write(chunk)
                except OSError as error:
                    raise write_error(error, f"write {path.name}") from error
            file.flush()
            os.fsync(file.fileno())

    def names(self, folder: str) -> list[str]:
        """Return the names of the files in a folder."""
        with _asking(f"list {folder}"):
            found = [
                one["path"]
                for part in obstore.list(self._store, folder)
                for one in part
            ]
        return sorted(path.rpartition("/")[2] for path in found)

    def remove(self, place: str) -> None:
        """Remove a file, if there is one; earlier versions are left to `purge`."""
        with suppress(FileNotFoundError), _asking(f"remove {place}"):
            obstore.delete(self._store, place)

    def clear(self, folder: str) -> None:
        """Leave nothing of the files of a folder and of those in it.

        Raises:
            StoreRefused: the store keeps something that it does not let go.
        """
        with _asking(f"list {folder}"):
            found = [
                one["path"]
                for part in obstore.list(self._store, folder)
                for one in part
            ]
        for place in found:
            self.forget(place)

    def forget(self, place: str) -> None:
        """Leave nothing of a file, if there is one; raises as `clear`."""
        try:
            former = self.head(place).version
        except FileNotFoundError:
            return
        self.remove(place)
        self.purge(place, former)

    def purge(self, place: str, former: str | None) -> None:
        """Leave nothing of a file but what is at its place now.

        Args:
            place: Its place; nothing may be there any more.
            former: A version that it had, as far as one is known.

        Raises:
            StoreRefused: the store keeps something that it does not let go.
        """
        if self._folder is not None:
            _remove_torn(self._folder / place)
            return
        try:
            now = self.head(place).version
        except FileNotFoundError:
            now = None
        if now is None and former is None:
            return  # it keeps no versions
        if self._versions is not None:
            self._versions.remove_others(place, now)
        if former not in {None, now} and self._has(place, former):
            raise StoreRefused(
                f"{self.url} keeps an earlier version of {place}: remove it there, "
                "and have the store keep none"
            )

    def probe(self) -> bool:
        """Put a small file, read it and remove it; tell whether nothing of it is left.

        Raises:
            StoreRefused: it is not given back as it was put.
        """
        place, said = f"doctor/{uuid.uuid4().hex}", b"Kliping was here.\n"
        with _asking("put a file"):
            obstore.put(self._store, place, said, mode="create")
        try:
            found, version = (
                self.read(place, 0, 2 * len(said)),
                self.head(place).version,
            )
        except FileNotFoundError as error:
            raise StoreRefused("a file is gone as soon as it is put") from error
        if found != said:
            raise StoreRefused("a file is not given back as it was put")
        self.remove(place)
        try:
            self.purge(place, version)
        except StoreRefused:
            return False
        return True

    def _has(self, place: str, version: str | None) -> bool:
        try:
            with _asking(f"look for {place}"):
                obstore.get(
                    self._store, place, options={"version": version or "", "head": True}
                )
        except FileNotFoundError:
            return False
        return True

    def _read_back(self, place: str) -> Digests:
        return digests_in(self._chunks(place))

    def _chunks(self, place: str) -> Iterator[bytes]:
        """Return the pieces of a file; that there is one is seen at once."""
        with _asking(f"read {place}"):
            found = obstore.get(self._bulk, place)

        def pieces() -> Iterator[bytes]:
            with _asking(f"read {place}"):
                for chunk in found.stream(min_chunk_size=_CHUNK):
                    yield bytes(chunk)

        return pieces()

    def _sync(self, place: str) -> None:
        """Make a file in a folder outlast a power cut, as stores do by themselves."""
        if self._folder is None:
            return
        path = self._folder / place
        with path.open("rb") as file:
            os.fsync(file.fileno())
        sync_folder(path.parent)


class _Ranges(io.RawIOBase):
    """A stored file as the raw part of a buffered reader."""

    def __init__(self, objects: Objects, place: str, size: int) -> None:
        super().__init__()
        self._objects, self._place, self._size = objects, place, size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}
        self._at = max(start[whence] + offset, 0)
        return self._at

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401  # any buffer
        wanted = min(len(buffer), self._size - self._at)
        if wanted <= 0:
            return 0
        found = self._objects.read(self._place, self._at, wanted)
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)


def _opened(
    url: str,
    folder: Path | None,
    endpoint: str | None,
    *,
    allow_http: bool,
    wait: timedelta,
) -> "ObjectStore":
    if folder is not None:
        return LocalStore(folder, mkdir=True)
    options: ClientConfig = {"connect_timeout": _CONNECT, "timeout": wait}
    if allow_http:
        options["allow_http"] = True
    if endpoint is None:
        return from_url(url, client_options=options, retry_config=_RETRIES)
    return from_url(
        url, client_options=options, retry_config=_RETRIES, endpoint=endpoint
    )


def _folder_of(url: str) -> Path | None:
    parts = urlsplit(url)
    return Path(unquote(parts.path)) if parts.scheme == "file" else None


@contextmanager
def _asking(doing: str) -> Iterator[None]:
    """Tell what goes wrong in our own words; that nothing is there is no fault."""
    try:
        yield
    except FileNotFoundError:
        raise
    except exceptions.NotFoundError as error:
        raise FileNotFoundError(doing) from error
    except (exceptions.BaseError, OSError, ValueError) as error:
        said = str(error).partition("\n")[0][:_WORDS]
        raise StoreUnreachable(f"object store: {doing}: {said}") from error


@contextmanager
def _bytes_of(path: Path) -> Iterator[Any]:
    """Give a file's bytes without holding them in memory."""
    with path.open("rb") as file:
        if not os.fstat(file.fileno()).st_size:
            yield b""
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
            view = memoryview(mapped)
            try:
                yield view
            finally:
                view.release()


def _remove_torn(path: Path) -> None:
    """Remove what a put that was broken off left in a folder beside a file."""
    for torn in path.parent.glob(f"{path.name}#*"):
        torn.unlink(missing_ok=True)
