"""A further page of an article, as it was kept with the capture of page 1."""

from crawler.fetch.limits import Limits
from crawler.kept.captures import kept_exchange
from crawler.reading.parts import Part
from storage.errors import CorruptRecord
from storage.folder import DataFolder
from storage.sql.tables import CaptureRow


def read_part(folder: DataFolder, limits: Limits, row: CaptureRow | None) -> Part:
    """Return a kept page as the part that it was; None where none was kept."""
    if row is None:
        return Part(why="not kept")
    try:
        answer = kept_exchange(folder, limits, row)
    except CorruptRecord as error:
        return Part(why=str(error))
    if answer.status >= 300:
        return Part(why=f"HTTP {answer.status}")
    return Part(answer=answer, capture_id=int(row.id or 0))
