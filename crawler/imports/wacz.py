"""WACZ files: ZIP archives with WARC files below `archive/` (WACZ 1.1.1, section 4.2).

Names in them only name: nothing is unpacked to where they say. What is no WARC file
is told by what it is. Of a damaged one is read what can be: the records of gzipped WARC files
have checksums of their own, and stand in the ZIP as they are, found without its directory.
"""

import gzip
import os
import shutil
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from crawler.imports.nameless import nameless_file
from storage.warc.spoilt import MOST_TIMES

_ZIP = b"PK\x03\x04"
_LOCAL_HEAD = 30  # bytes before the name (APPNOTE.TXT, section 4.3.7)
_CHUNK = 64 * 1024
_DAMAGED = (BadZipFile, EOFError, zlib.error)
_ARC = b"filedesc:"
_WARCS = (".warc", ".warc.gz")
TOO_LARGE = f"would unpack to more than {MOST_TIMES} times its size"


class NoWarc(OSError):
    """A file is of another kind, or cannot be unpacked."""


class NoDirectory(NoWarc):
    """A ZIP was cut short, or its directory is damaged."""


def refuse_other_kinds(path: Path) -> None:
    """Refuse what is known to be no WARC file.

    Raises:
        NoWarc: it is an ARC file, or a ZIP such as WACZ.
        OSError: it cannot be read.
    """
    head = _head(path)
    if head.startswith(_ARC):
        raise NoWarc(
            "an ARC file, the format before WARC: make a WARC file of it, as by "
            "`warcio recompress`"
        )
    if head.startswith(_ZIP) and _has_directory(path):
        raise NoWarc(
            "a ZIP file, as WACZ is: what is read by an engine are the WARC files "
            "below `archive/` in it"
        )


def is_wacz(path: Path) -> bool:
    """Tell whether a file begins as a ZIP does."""
    return _head(path).startswith(_ZIP)


def warcs_of(path: Path) -> list[ZipInfo]:
    """Return the WARC files of a WACZ file.

    Raises:
        NoDirectory: it does not say what it holds; its records may still be found.
        NoWarc: it holds none, or would unpack to far too much.
    """
    try:
        with ZipFile(path) as zipped:
            found = [one for one in zipped.infolist() if _is_warc(one)]
    except (BadZipFile, NotImplementedError) as error:
        why = "a ZIP file, as WACZ is, cut short or with a damaged directory"
        raise NoDirectory(f"{why}: taken are the records found in it") from error
    if not found:
        raise NoWarc("a ZIP file without a WARC file below `archive/`")
    if sum(one.file_size for one in found) > MOST_TIMES * path.stat().st_size:
        raise NoWarc(TOO_LARGE)
    return found


@contextmanager
def unpacked(path: Path, warc: ZipInfo, folder: Path) -> Iterator[tuple[Path, str]]:
    """Give a WARC file of a WACZ file, unpacked on a folder's disk for the while.

    With it is said what damage the ZIP shows; empty for none.

    Raises:
        NoWarc: it is encrypted or packed in an unknown way, or damaged and no checksums
            in it would tell where.
        OSError: there is no room for it.
    """
    damage = ""
    with nameless_file(folder) as (file, place):
        try:
            with ZipFile(path) as zipped, zipped.open(warc) as packed:
                shutil.copyfileobj(packed, file)
        except _DAMAGED as error:
            damage = f"damaged in the ZIP: {error or 'it ends early'}"
            if not warc.filename.endswith(".gz"):
                raise NoWarc(f"{warc.filename} cannot be unpacked: {error}") from error
            file.seek(0)
            file.truncate()
            _copy_unchecked(path, warc, file)
        except (NotImplementedError, RuntimeError) as error:
            raise NoWarc(f"{warc.filename} cannot be unpacked: {error}") from error
        file.flush()
        yield place, damage


def _copy_unchecked(path: Path, warc: ZipInfo, into: BinaryIO) -> None:
    """Write what is in a ZIP for a file, as far as it goes, whatever its checksum says."""
    with path.open("rb") as file:
        file.seek(warc.header_offset)
        names = file.read(_LOCAL_HEAD)[26:].ljust(4, b"\0")
        file.seek(sum(struct.unpack("<HH", names)), os.SEEK_CUR)
        packed = _limited(file, warc.compress_size)
        plain = _inflated(packed) if warc.compress_type == ZIP_DEFLATED else packed
        into.writelines(plain)


def _limited(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (piece := file.read(min(size, _CHUNK))):
        yield piece
        size -= len(piece)


def _inflated(packed: Iterator[bytes]) -> Iterator[bytes]:
    """Yield what comes out before the first wrong block, at most `MOST_TIMES` as much."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    for piece in packed:
        try:
            yield unpacker.decompress(piece, MOST_TIMES * _CHUNK)
        except zlib.error:
            return
        if unpacker.unconsumed_tail:
            return


def _has_directory(path: Path) -> bool:
    try:
        with ZipFile(path):
            return True
    except (BadZipFile, NotImplementedError):
        return False


def _is_warc(one: ZipInfo) -> bool:
    return one.filename.startswith("archive/") and one.filename.endswith(_WARCS)


def _head(path: Path) -> bytes:
    """Return how a file begins, unpacked if it is gzipped."""
    try:
        with gzip.open(path) as file:
            return file.read(16)
    except (gzip.BadGzipFile, EOFError, zlib.error):
        with path.open("rb") as file:
            return file.read(16)
