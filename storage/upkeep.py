"""When the archive was last verified and backed up: notes in the data folder.

Commands that only read write them, also while a service runs; so they are files, each
replaced whole.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from storage.warc.segment import write_error

_FOLDER = "upkeep"
_MOST_BYTES = 4096


class Chore(StrEnum):
    """What is to be done now and then."""

    VERIFY = "verify"
    BACKUP = "backup"


@dataclass(frozen=True, slots=True)
class Done:
    """When something was last done, and whether all was well."""

    at: datetime
    is_well: bool


def note_done(folder: Path, chore: Chore, done: Done) -> None:
    """Note that something was done.

    Raises:
        WriteFailed, DiskFull: it cannot be noted.
    """
    place = folder / _FOLDER / f"{chore}.json"
    part = place.with_suffix(".part")
    text = json.dumps({"at": done.at.isoformat(), "is_well": done.is_well})
    try:
        place.parent.mkdir(mode=0o700, exist_ok=True)
        part.write_text(text, encoding="ascii")
        part.replace(place)
    except OSError as error:
        raise write_error(error, f"write {place.name}") from error


def last_done(folder: Path, chore: Chore) -> Done | None:
    """Return when something was last done; None if it never was, or it cannot be read."""
    try:
        with (folder / _FOLDER / f"{chore}.json").open("rb") as file:
            said = json.loads(file.read(_MOST_BYTES))
        return Done(datetime.fromisoformat(said["at"]), bool(said["is_well"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
