"""A kept capture as it was when it was fetched: from WARC, no network."""

import re
from collections.abc import Iterable
from datetime import timedelta

from crawler.errors import NotReadable
from crawler.fetch.decode import read_response
from crawler.fetch.limits import Limits
from crawler.fetch.wire import read_head
from storage.errors import CorruptRecord
from storage.folder import DataFolder
from storage.kept import read_record, received
from storage.model.exchange import Exchange, Rendering, Truncated
from storage.sql.tables import CaptureRow
from storage.warc.capture import RENDERED_TYPE

_OF_BYTES = re.compile(r"content-|transfer-encoding$", re.IGNORECASE)


def as_exchange(
    rendering: Rendering, status: int, headers: Iterable[tuple[str, str]]
) -> Exchange:
    """Return a rendered document as the answer it stands for, to be read like one.

    Of the page's headers those stay that do not speak of its bytes: a reservation or
    `noarchive` in one holds for what a browser made of it, too.
    """
    said = ((name, value) for name, value in headers if not _OF_BYTES.match(name))
    return Exchange(
        url=rendering.url,
        started_at=rendering.started_at,
        elapsed=rendering.elapsed,
        request=b"",
        response=b"",
        status=status,
        headers=(("Content-Type", RENDERED_TYPE), *said),
        body=rendering.document,
    )


def _rendering(row: CaptureRow, document: bytes) -> Rendering:
    return Rendering(
        url=row.url,
        document=document,
        started_at=row.fetched_at,
        elapsed=timedelta(milliseconds=row.elapsed_ms),
    )


def _headers_of_page(folder: DataFolder, row: CaptureRow) -> Iterable[tuple[str, str]]:
    """Return the headers of what a document was made of; none if they are damaged."""
    if row.page is None:
        return ()
    try:
        return read_head(read_record(folder, row.page).block).headers
    except (CorruptRecord, NotReadable):
        return ()  # `verify` names it; the document itself can be read


def kept_exchange(folder: DataFolder, limits: Limits, row: CaptureRow) -> Exchange:
    """Return a capture's exchange, from its WARC record and the one it refers to.

    Raises:
        CorruptRecord: the record is not what was written.
    """
    response = received(folder, row)
    if row.rendered_from is not None:
        headers = _headers_of_page(folder, row)
        return as_exchange(_rendering(row, response), row.status, headers)
    stored = read_response(response, limits)
    return Exchange(
        url=row.url,
        started_at=row.fetched_at,
        elapsed=timedelta(milliseconds=row.elapsed_ms),
        request=b"",
        response=response,
        status=stored.status,
        headers=stored.headers,
        body=stored.body,
        ip=row.ip,
        truncated=Truncated(row.truncated) if row.truncated else None,
        decode_error=stored.decode_error,
    )
