"""What was exported when: so that who erases an article knows where else it may be.

A file of JSON for each export lies in the folder `exports` of the archive, written before
the export's first byte. It is no evidence and is not backed up.
"""

import json
import os
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from storage.folder import DataFolder
from storage.sql.selection import Wanted
from storage.warc.segment import sync_folder, write_error

FOLDER = "exports"
_MODE = 0o600


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """An export that was made, or begun.

    Attributes:
        made_at: When, UTC.
        form: Its format.
        path: Where it went, absolute; `-` is stdout.
        wanted: What was asked for.
        articles: How many articles it holds.
        ranges: Their ids, as first and last of each run.
    """

    made_at: datetime
    form: str
    path: str
    wanted: Wanted
    articles: int
    ranges: tuple[tuple[int, int], ...] = field(repr=False)

    def holds(self, article_id: int) -> bool:
        """Tell whether an article is in it."""
        return any(first <= article_id <= last for first, last in self.ranges)


_EXPORT = TypeAdapter(Export)


def ranges_of(ids: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Return ids, in order, as the first and last of each run."""
    runs: list[tuple[int, int]] = []
    for one in ids:
        if runs and one == runs[-1][1] + 1:
            runs[-1] = (runs[-1][0], one)
        else:
            runs.append((one, one))
    return tuple(runs)


def note_export(folder: DataFolder, export: Export) -> Path:
    """Keep what an export holds; return the file.

    Raises:
        DiskFull: there is no room.
        WriteFailed: it cannot be written.
    """
    place = folder.path / FOLDER
    path = place / f"{export.made_at:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:8]}.json"
    part = path.with_suffix(".part")
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        file = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _MODE)
        with open(file, "wb") as out:  # noqa: PTH123  # of a descriptor
            out.write(json.dumps(_EXPORT.dump_python(export, mode="json")).encode())
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)
        sync_folder(place)
    except OSError as error:
        raise write_error(error, f"note an export in {place}") from error
    return path


def exports_with(folder: DataFolder, article_ids: Sequence[int]) -> Iterator[Export]:
    """Yield the exports that hold any of these articles, the oldest first."""
    for path in sorted((folder.path / FOLDER).glob("*.json")):
        try:
            export = _EXPORT.validate_json(path.read_bytes())
        except ValidationError as error:
            raise ValueError(f"{path} is no note of an export") from error
        if any(map(export.holds, article_ids)):
            yield export
