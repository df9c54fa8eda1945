"""A kept capture as it was when it was fetched: from WARC, no network."""

from datetime import timedelta

from crawler.fetch.decode import read_response
from crawler.fetch.limits import Limits
from storage.folder import DataFolder
from storage.kept import received
from storage.model.exchange import Exchange, Rendering, Truncated
from storage.sql.tables import CaptureRow
from storage.warc.capture import RENDERED_TYPE


def as_exchange(rendering: Rendering, status: int) -> Exchange:
    """Return a rendered document as the answer it stands for, to be read like one."""
    return Exchange(
        url=rendering.url,
        started_at=rendering.started_at,
        elapsed=rendering.elapsed,
        request=b"",
        response=b"",
        status=status,
        headers=(("Content-Type", RENDERED_TYPE),),
        body=rendering.document,
    )


def _rendering(row: CaptureRow, document: bytes) -> Rendering:
    return Rendering(
        url=row.url,
        document=document,
        started_at=row.fetched_at,
        elapsed=timedelta(milliseconds=row.elapsed_ms),
    )


def kept_exchange(folder: DataFolder, limits: Limits, row: CaptureRow) -> Exchange:
    """Return a capture's exchange, from its WARC record and the one it refers to.

    Raises:
        CorruptRecord: the record is not what was written.
    """
    response = received(folder, row)
    if row.rendered_from is not None:
        return as_exchange(_rendering(row, response), row.status)
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
