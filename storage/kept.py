"""A response as it was received, from the record or records that hold it."""

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
