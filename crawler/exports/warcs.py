"""The records of versions as one WARC file, copied byte for byte."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from crawler.exports.tables import Out
from storage.folder import DataFolder
from storage.sql.selection import Told
from storage.warc.record import warcinfo_record
from storage.warc.subset import Shown, copies


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """What a WARC file says of itself."""

    title: str
    software: str
    operator: str
    made_at: datetime

    @property
    def name(self) -> str:
        """The file's name as its warcinfo has it."""
        return f"kliping-export-{self.made_at:%Y%m%d%H%M%S}.warc.gz"


def write_warc(
    folder: DataFolder,
    session: Session,
    told: Iterable[Told],
    out: Out,
    bundle: Bundle,
    shown: Shown,
) -> tuple[int, tuple[str, ...]]:
    """Write the records that versions were read from; return how many captures.

    Returns:
        How many captures are in it, and why others are not.
    """
    out.write(
        warcinfo_record(
            bundle.name, bundle.software, bundle.operator, made_at=bundle.made_at
        )
    )
    written, damages = 0, []
    for _, copy in copies(folder, session, told, shown):
        if copy.damage is not None:
            damages.append(copy.damage)
            continue
        out.write(copy.before + copy.answer + copy.after)
        written += 1
    return written, tuple(damages)
