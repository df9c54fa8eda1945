"""WACZ files: ZIP archives with WARC files below `archive/` (WACZ 1.1.1, section 4.2).

Names in them only name: nothing is unpacked to where they say. What is no WARC file
is told by what it is.
"""

import gzip
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo, is_zipfile

from crawler.imports.nameless import nameless_file

_ZIP = b"PK\x03\x04"
_ARC = b"filedesc:"
_WARCS = (".warc", ".warc.gz")
#: So many times its own size a file may unpack to; text deflates to a tenth or twentieth.
_MOST = 100


class NoWarc(OSError):
    """A file is of another kind, or cannot be unpacked."""


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
    if head.startswith(_ZIP):
        raise NoWarc(
            "a ZIP file, as WACZ is: what is read by an engine are the WARC files "
            "below `archive/` in it"
        )


def is_wacz(path: Path) -> bool:
    """Tell whether a file is a ZIP."""
    return _head(path).startswith(_ZIP) and is_zipfile(path)


def warcs_of(path: Path) -> list[ZipInfo]:
    """Return the WARC files of a WACZ file.

    Raises:
        NoWarc: it holds none, cannot be read, or would unpack to far too much.
    """
    try:
        with ZipFile(path) as zipped:
            found = [one for one in zipped.infolist() if _is_warc(one)]
    except (BadZipFile, NotImplementedError) as error:
        raise NoWarc(f"cannot be read as a WACZ file: {error}") from error
    if not found:
        raise NoWarc("a ZIP file without a WARC file below `archive/`")
    if sum(one.file_size for one in found) > _MOST * path.stat().st_size:
        raise NoWarc(f"would unpack to more than {_MOST} times its size")
    return found


@contextmanager
def unpacked(path: Path, warc: ZipInfo, folder: Path) -> Iterator[Path]:
    """Give a WARC file of a WACZ file, unpacked on a folder's disk for the while.

    Raises:
        NoWarc: it is damaged, encrypted or packed in an unknown way.
        OSError: there is no room for it.
    """
    with nameless_file(folder) as (file, place):
        try:
            with ZipFile(path) as zipped, zipped.open(warc) as packed:
                shutil.copyfileobj(packed, file)
        except (BadZipFile, NotImplementedError, RuntimeError, zlib.error) as error:
            raise NoWarc(f"{warc.filename} cannot be unpacked: {error}") from error
        file.flush()
        yield place


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
