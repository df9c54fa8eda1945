"""A response as it was received, from the record or records that hold it."""

from dataclasses import dataclass

from storage.errors import CorruptRecord
from storage.folder import DataFolder
from storage.sql.tables import CaptureRow
from storage.warc.capture import SAME_PAYLOAD
from storage.warc.reader import read_capture
from storage.warc.record import ReadRecord


def read_record(folder: DataFolder, row: CaptureRow) -> ReadRecord:
    """Return the record of a capture's response: of a revisit, the revisit.

    Raises:
        CorruptRecord: It is not what was written.
    """
    return read_capture(folder, row.segment, row.offset, row.length, row.record_sha256)


def received(folder: DataFolder, row: CaptureRow) -> bytes:
    """Return a capture's response to the byte; a revisit's payload is its original's.

    Raises:
        CorruptRecord: A record is not what was written, or refers to another one.
    """
    record = read_record(folder, row)
    if row.original is None:
        return record.block
    original = read_record(folder, row.original)
    if record.header("WARC-Refers-To") != original.record_id:
        raise CorruptRecord(row.segment, row.offset, "refers to another record")
    is_whole = record.header("WARC-Profile") != SAME_PAYLOAD
    return record.block if is_whole else record.block + original.payload


@dataclass(frozen=True, slots=True)
class Heads:
    """What stood above the bodies of an exchange, as it went over the wire.

    Where nothing was sent, such as for a browser's rendering, there is no request; where
    what came was no HTTP, no response.
    """

    request: str
    response: str


def heads(folder: DataFolder, row: CaptureRow) -> Heads:
    """Return the start lines and headers of a capture's exchange.

    Raises:
        CorruptRecord: A record is not what was written.
    """
    if row.rendered_from is not None:
        return Heads("", "")
    asked = read_capture(
        folder,
        row.segment,
        row.request_offset,
        row.request_length,
        row.request_sha256,
    )
    return Heads(_head(asked.block), _head(read_record(folder, row).block))


def _head(block: bytes) -> str:
    """Return what stands before the body, if it is HTTP; its bytes are Latin-1."""
    head, _, _ = block.partition(b"\r\n\r\n")
    is_http = b"HTTP/" in head.partition(b"\r\n")[0]
    return head.decode("latin-1").replace("\r\n", "\n") if is_http else ""
