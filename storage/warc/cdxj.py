"""The index of a WARC file that archives' tools look captures up in (CDXJ).

One line a record: its URL's key (SURT), its time to the second, and as JSON where it
stands and what it is. The lines are those of `cdxj-indexer --sort` (Webrecorder, 1.5):
of responses, revisits, resources and metadata, but none of `application/warc-fields`.

It stands beside each sealed file and has that file's time: what has another, as after an
erasure, is made again. So it is in no backup.
"""

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

from storage.warc.reader import Walked, walk
from storage.warc.record import ReadRecord
from storage.warc.segment import sync_folder, write_error
from storage.warc.surt import surt

CDXJ_SUFFIX = ".cdxj"
_FRESH_SUFFIX = ".new"
#: What an index's file carries behind the name of its WARC file, done and not yet.
CDXJ_SUFFIXES = (CDXJ_SUFFIX, CDXJ_SUFFIX + _FRESH_SUFFIX)
_LISTED = frozenset({"response", "revisit", "resource", "metadata"})
_DESCRIBED = frozenset({"resource", "metadata"})
_HTTP = frozenset({"response", "revisit"})
_MEDIA_END = re.compile(r"[;\s]")


def cdxj_path(file: Path) -> Path:
    """Return where the index of a sealed WARC file stands."""
    return file.with_name(file.name + CDXJ_SUFFIX)


def is_current(file: Path) -> bool:
    """Tell whether a sealed WARC file is here with an index of how it is now."""
    place = cdxj_path(file)
    if not (file.exists() and place.exists()):
        return False
    return place.stat().st_mtime_ns == file.stat().st_mtime_ns


def unindexed(folder: Path) -> list[Path]:
    """Return the sealed WARC files without an index of how they are now."""
    return [file for file in sorted(folder.glob("*.warc.gz")) if not is_current(file)]


def write_cdxj(file: Path) -> Path:
    """Make the index of a sealed WARC file, anew if there is one, durably.

    To be called too by whoever overwrites records in it.

    Raises:
        DiskFull: There is no room for it.
        WriteFailed: It cannot be written; one that was there stays.
    """
    place = cdxj_path(file)
    fresh = place.with_name(place.name + _FRESH_SUFFIX)
    try:
        changed_at = file.stat().st_mtime_ns
        with fresh.open("w", encoding="ascii") as out:
            out.writelines(cdxj_lines(file, file.name))
            out.flush()
            os.utime(out.fileno(), ns=(changed_at, changed_at))
            os.fsync(out.fileno())
        fresh.rename(place)
        sync_folder(file.parent)
    except OSError as error:
        raise write_error(error, f"write {place.name}") from error
    return place


def cdxj_lines(file: Path, name: str) -> list[str]:
    """Return the lines of a WARC file, sorted, each with its line feed.

    Damaged places have none; an erased record's place has none of that record.

    Args:
        file: Where the file is now.
        name: What it is called in the lines.
    """
    found = (cdxj_line(place, name) for place in walk(file))
    return sorted({line for line in found if line is not None})


def cdxj_line(place: Walked, name: str) -> str | None:
    """Return the line of a record in a file of a name, None if it has none."""
    record = place.record
    if record is None or place.error is not None or not _is_listed(record):
        return None
    url = record.header("WARC-Target-URI")
    said = {
        "url": url,
        **_description(record),
        "length": str(place.length),
        "offset": str(place.offset),
        "filename": name,
    }
    members = json.dumps({k: v for k, v in said.items() if v is not None})
    return f"{surt(url or '')} {timestamp(record)} {members}\n"


def payload_digest(record: ReadRecord) -> str | None:
    """Return the payload digest of a record as its line has it."""
    return _description(record)["digest"]


def timestamp(record: ReadRecord) -> str:
    """Return a record's time as indexes have it: 14 digits, UTC."""
    return re.sub(r"\D", "", record.header("WARC-Date") or "")[:14]


def _is_listed(record: ReadRecord) -> bool:
    if record.kind not in _LISTED:
        return False
    is_fields = record.header("Content-Type") == "application/warc-fields"
    return not (record.kind in _DESCRIBED and is_fields)


def _description(record: ReadRecord) -> dict[str, str | None]:
    """Return the members that say what a record is; None for what is not known."""
    target = record.header("WARC-Target-URI") or ""
    is_http = record.kind in _HTTP and target.startswith(("http:", "https:"))
    status, media, payload = (
        _http(record.block) if is_http and record.block else (None, None, record.block)
    )
    if record.kind == "revisit":
        media = "warc/revisit"
    else:
        media = media if record.kind == "response" else record.header("Content-Type")
        media = media and _MEDIA_END.split(media, maxsplit=1)[0]
    digest = record.header("WARC-Payload-Digest")
    if not digest and record.kind != "revisit":
        digest = _sha1(payload)
    return {"mime": media, "status": status, "digest": digest}


def _http(block: bytes) -> tuple[str, str | None, bytes]:
    """Return status, media type and payload of an HTTP message, read line by line.

    Lines may end in bare line feeds, and what folds a line belongs to the one before.
    """
    lines = _lines(block)
    start, end = next(lines, ("", 0))
    status = start.partition(" ")[2].strip().partition(" ")[0]
    media: str | None = None
    is_open = False
    for line, end in lines if start else ():  # noqa: B007  # where the head ends
        if not line:
            break
        if line.startswith((" ", "\t")):
            media = f"{media}{line}" if is_open else media
            continue
        name, colon, value = line.partition(":")
        is_open = (
            media is None and bool(colon) and name.rstrip().lower() == "content-type"
        )
        media = value.lstrip() if is_open else media
    return status, media, block[end:]


def _lines(block: bytes) -> Iterator[tuple[str, int]]:
    """Yield each line without its blanks at the end, and where the next begins."""
    start = 0
    while start < len(block):
        end = block.find(b"\n", start) + 1 or len(block)
        line = block[start:end]
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            text = line.decode("iso-8859-1")
        yield text.rstrip(), end
        start = end


def _sha1(payload: bytes) -> str:
    digest = hashlib.sha1(payload, usedforsecurity=False).digest()
    return f"sha1:{base64.b32encode(digest).decode()}"
