"""The row of a capture, as its records say it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from crawler.errors import NotReadable
from crawler.fetch.decode import read_response
from crawler.fetch.limits import Limits
from storage.sql.tables import CaptureRow
from storage.warc.capture import ORIGIN, SAME_PAYLOAD
from storage.warc.record import ReadRecord

_ANSWER = "urn:kliping:answer:"
#: Kinds of records that hold what a capture's row points at.
ANSWERS = frozenset({"response", "revisit", "conversion"})
#: Those that refer to another capture.
REFERRING = frozenset({"revisit", "conversion"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a record stands, and the SHA-256 of its member in hex."""

    offset: int
    length: int
    sha256: str


def is_answer(record: ReadRecord) -> bool:
    """Tell whether a record is what a capture's row points at."""
    target = record.header("WARC-Target-URI") or ""
    is_other = record.kind == "metadata" and target.startswith(_ANSWER)
    return record.kind in ANSWERS or is_other


def link_key(record: ReadRecord) -> str | None:
    """Return the key of the link that an answer was asked for under, if it says."""
    key = _known(record).get("link")
    return key if isinstance(key, str) else None


def page_key(record: ReadRecord) -> str | None:
    """Return the key of the page whose scripts asked for an answer, if it says."""
    key = _known(record).get("page")
    return key if isinstance(key, str) else None


def is_before_notes(record: ReadRecord) -> bool:
    """Tell whether an answer was kept before notes were: it says nothing of itself."""
    return record.kind == "response" and not _known(record)


def capture_of(
    record: ReadRecord, place: Place, request: Place | None, limits: Limits
) -> CaptureRow:
    """Return the row of an answer, as far as its own records say it.

    Whose it is and what it refers to is for the caller.
    """
    target = record.header("WARC-Target-URI") or ""
    request = request or Place(offset=place.offset, length=0, sha256="")
    imported = json.loads(record.header(ORIGIN) or "{}")
    at = fetched_at(record)
    said = _said(record, limits)
    return CaptureRow(
        url=target.removeprefix(_ANSWER),
        fetched_at=at,
        elapsed_ms=_known(record).get("elapsed_ms", 0),
        segment="",
        offset=place.offset,
        length=place.length,
        request_offset=request.offset,
        request_length=request.length,
        record_sha256=place.sha256,
        request_sha256=request.sha256 or None,
        record_id=record.record_id,
        ip=record.header("WARC-IP-Address"),
        truncated=(
            record.header("WARC-Truncated") if record.kind != "revisit" else None
        ),
        extracted_at=at,
        imported_from=imported.get("file"),
        digest=record.header("WARC-Payload-Digest"),
        **said,
    )


def refer(row: CaptureRow, record: ReadRecord, referred: CaptureRow) -> None:
    """Say of a revisit or a conversion what it has from the capture it refers to."""
    if record.kind == "conversion":
        _render(row, referred)
    else:
        _repeat(row, record, referred)


def _repeat(row: CaptureRow, record: ReadRecord, original: CaptureRow) -> None:
    """Say of a revisit what it repeats, and what it so has from there."""
    row.revisit_of = original.id
    if record.header("WARC-Profile") == SAME_PAYLOAD:
        row.payload_sha256 = original.payload_sha256
        row.decode_error = original.decode_error


def _render(row: CaptureRow, page: CaptureRow) -> None:
    """Say of a conversion which page it was made of."""
    row.rendered_from, row.link_id, row.status = page.id, page.link_id, page.status
    row.request_offset, row.request_length = row.offset, 0


def fetched_at(record: ReadRecord) -> datetime:
    """Return a record's date.

    Raises:
        ValueError: it has none.
    """
    return datetime.fromisoformat(record.header("WARC-Date") or "")


def _said(record: ReadRecord, limits: Limits) -> dict[str, Any]:
    """Return what the answer itself says."""
    if record.kind == "conversion":
        return {
            "status": 0,
            "content_type": record.header("Content-Type"),
            "payload_sha256": sha256(record.block).hexdigest(),
        }
    nothing = {"status": 0, "payload_sha256": sha256(b"").hexdigest()}
    if record.kind == "metadata":
        return nothing
    try:
        read = read_response(record.block, limits)
    except NotReadable:
        return nothing
    return {
        "status": read.status,
        "content_type": _first(read.headers, "content-type"),
        "payload_sha256": sha256(read.body).hexdigest(),
        "decode_error": read.decode_error if record.kind != "revisit" else None,
    }


def _first(headers: Sequence[tuple[str, str]], wanted: str) -> str | None:
    return next((value for name, value in headers if name.lower() == wanted), None)


def _known(record: ReadRecord) -> dict[str, Any]:
    try:
        known = json.loads(record.header("WARC-JSON-Metadata") or "{}")
    except ValueError:
        return {}
    said = known.get("kliping", {}) if isinstance(known, dict) else {}
    return said if isinstance(said, dict) else {}
