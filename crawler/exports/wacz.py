"""The records of versions as a WACZ file (Webrecorder, WACZ 1.1.1): a zip that replays.

In it are the WARC file, an index of it, the articles as a list of pages with their text,
and a package with the digest of each.
"""

import hashlib
import heapq
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO

from sqlmodel import Session

from crawler.exports.blocks import blocks, head
from crawler.exports.warcs import Bundle
from storage.folder import DataFolder
from storage.sql.selection import Told
from storage.warc.capture import SAME_PAYLOAD
from storage.warc.cdxj import cdxj_line
from storage.warc.reader import Walked
from storage.warc.record import ReadRecord, warcinfo_record
from storage.warc.subset import Copy, Shown, copies

_WARC = "data.warc.gz"
_INDEX = "index.cdx.gz"
_AT_ONCE = 20_000
_CHUNK = 1024 * 1024


def write_wacz(
    folder: DataFolder,
    session: Session,
    told: Iterable[Told],
    out: BinaryIO,
    bundle: Bundle,
    shown: Shown,
) -> tuple[int, tuple[str, ...]]:
    """Write a WACZ file.

    Returns:
        How many captures are in it, and why others are not.
    """
    with ExitStack() as stack, zipfile.ZipFile(out, "w") as packed:
        package = _Package(packed, bundle)
        pages = stack.enter_context(TemporaryFile("w+b"))
        index = _Sorted(stack)
        captures = _Captures(package, index, pages)
        captures.write(copies(folder, session, told, shown))
        package.put(f"indexes/{_INDEX}", index.members(), zipfile.ZIP_STORED)
        above = (head(_INDEX), *index.above)
        package.put("indexes/index.idx", [line.encode() for line in above])
        pages.seek(0)
        package.put("pages/pages.jsonl", _chunks(pages))
        package.close()
    return captures.written, tuple(captures.damages)


class _Package:
    """The zip, and what is told of its files."""

    def __init__(self, packed: zipfile.ZipFile, bundle: Bundle) -> None:
        self._packed = packed
        self.bundle = bundle
        self._resources: list[dict[str, Any]] = []

    def put(
        self, path: str, pieces: Iterable[bytes], method: int = zipfile.ZIP_DEFLATED
    ) -> None:
        """Write a file, piece by piece."""
        digest, size = hashlib.sha256(), 0
        with self._packed.open(
            self._entry(path, method), "w", force_zip64=True
        ) as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
        self._resources.append(
            {
                "name": path.rpartition("/")[2],
                "path": path,
                "hash": f"sha256:{digest.hexdigest()}",
                "bytes": size,
            }
        )

    def close(self) -> None:
        """Write the package and its digest."""
        package = json.dumps(
            {
                "profile": "data-package",
                "wacz_version": "1.1.1",
                "software": self.bundle.software,
                "title": self.bundle.title,
                "created": _seconds(self.bundle.made_at),
                "resources": self._resources,
            },
            indent=2,
        ).encode()
        digest = f"sha256:{hashlib.sha256(package).hexdigest()}"
        told = json.dumps({"path": "datapackage.json", "hash": digest}).encode()
        for name, text in (
            ("datapackage.json", package),
            ("datapackage-digest.json", told),
        ):
            self._packed.writestr(self._entry(name, zipfile.ZIP_DEFLATED), text)

    def _entry(self, path: str, method: int) -> zipfile.ZipInfo:
        at = self.bundle.made_at
        stamp = (at.year, at.month, at.day, at.hour, at.minute, at.second)
        entry = zipfile.ZipInfo(path, date_time=stamp)
        entry.compress_type = method
        entry.external_attr = 0o644 << 16
        return entry


class _Captures:
    """The WARC file of the package, with the lines and pages that speak of it."""

    def __init__(self, package: _Package, index: "_Sorted", pages: IO[bytes]) -> None:
        self.written = 0
        self.damages: list[str] = []
        self._package = package
        self._index = index
        self._pages = pages
        self._offset = 0

    def write(self, copied: Iterable[tuple[Told, Copy]]) -> None:
        """Write the file; lines and pages go where they belong."""
        self._page(
            format="json-pages-1.0", id="pages", title="All articles", hasText=True
        )
        self._package.put(f"archive/{_WARC}", self._members(copied), zipfile.ZIP_STORED)

    def _members(self, copied: Iterable[tuple[Told, Copy]]) -> Iterator[bytes]:
        bundle = self._package.bundle
        info = warcinfo_record(
            _WARC, bundle.software, bundle.operator, made_at=bundle.made_at
        )
        self._offset += len(info)
        yield info
        for one, copy in copied:
            if copy.damage is not None:
                self.damages.append(copy.damage)
                continue
            self._tell(one, copy)
            self.written += 1
            for member in (copy.before, copy.answer, copy.after):
                self._offset += len(member)
                yield member

    def _tell(self, one: Told, copy: Copy) -> None:
        assert copy.record is not None  # noqa: S101  # it is not damaged
        place = Walked(
            offset=self._offset + len(copy.before),
            length=len(copy.answer),
            record=copy.record,
        )
        line = cdxj_line(place, _WARC) if _is_replayed(copy.record) else None
        if line is not None:
            self._index.add(line)
        if copy.capture.id == one.capture_id:
            self._page(
                id=f"{one.id}.{one.version}",
                url=copy.record.header("WARC-Target-URI") or copy.capture.url,
                ts=_seconds(copy.capture.fetched_at),
                title=one.title,
                text=one.text,
            )

    def _page(self, **said: object) -> None:
        self._pages.write(f"{json.dumps(said, ensure_ascii=False)}\n".encode())


class _Sorted:
    """Lines in order, however many: those over 20,000 wait on disk.

    `above` holds the lines of the index above, once all members were given.
    """

    def __init__(self, stack: ExitStack) -> None:
        self.above: list[str] = []
        self._stack = stack
        self._lines: list[str] = []
        self._runs: list[IO[str]] = []

    def add(self, line: str) -> None:
        self._lines.append(line)
        if len(self._lines) == _AT_ONCE:
            run = self._stack.enter_context(TemporaryFile("w+", encoding="ascii"))  # noqa: SIM115  # the stack closes it
            run.writelines(sorted(self._lines))
            run.seek(0)
            self._runs.append(run)
            self._lines = []

    def members(self) -> Iterator[bytes]:
        lines = heapq.merge(*self._runs, sorted(self._lines))
        for member, above in blocks(lines, _INDEX):
            self.above.append(above)
            yield member


def _is_replayed(record: ReadRecord) -> bool:
    """Tell whether a record is an answer with a body, its own or another's.

    An unchanged page (304) would be replayed as an empty one.
    """
    is_same = record.header("WARC-Profile") == SAME_PAYLOAD
    return record.kind == "response" or (record.kind == "revisit" and is_same)


def _seconds(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(_CHUNK):
        yield chunk
