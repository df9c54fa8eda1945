"""A kept capture as it was when it was fetched: from WARC, no network."""

from datetime import timedelta

from crawler.fetch.decode import read_response
from crawler.fetch.limits import Limits
from storage.folder import DataFolder
from storage.model import Exchange, Truncated
from storage.sql.tables import CaptureRow
from storage.warc.reader import read_capture


def kept_exchange(folder: DataFolder, limits: Limits, row: CaptureRow) -> Exchange:
    """Return a capture's exchange, from its WARC record.

    Raises:
        CorruptRecord: the record is not what was written.
    """
    record = read_capture(
        folder, row.segment, row.offset, row.length, row.record_sha256
    )
    stored = read_response(record.block, limits)
    return Exchange(
        url=row.url,
        started_at=row.fetched_at,
        elapsed=timedelta(milliseconds=row.elapsed_ms),
        request=b"",
        response=record.block,
        status=stored.status,
        headers=stored.headers,
        body=stored.body,
        ip=row.ip,
        truncated=Truncated(row.truncated) if row.truncated else None,
        decode_error=stored.decode_error,
    )
