"""When the archive was last verified and backed up: notes in the data folder.

Commands that only read write them, also while a service runs; so they are files, each
replaced whole.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

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
    """Note that something was done; where nothing can be written, it is not noted."""
    place = folder / _FOLDER / f"{chore}.json"
    text = json.dumps({"at": done.at.isoformat(), "is_well": done.is_well})
    with suppress(OSError):  # a folder that is mounted to be read can be verified too
        place.parent.mkdir(mode=0o700, exist_ok=True)
        part = place.with_suffix(".part")
        part.write_text(text, encoding="ascii")
        part.replace(place)


def last_done(folder: Path, chore: Chore) -> Done | None:
    """Return when something was last done; None if it never was, or it cannot be read."""
    try:
        with (folder / _FOLDER / f"{chore}.json").open("rb") as file:
            said = json.loads(file.read(_MOST_BYTES))
        return Done(datetime.fromisoformat(said["at"]), bool(said["is_well"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
