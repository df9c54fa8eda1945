"""How a site's robots.txt changed, as far as its captures are kept."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlmodel import Session

from crawler.charset import decoded
from crawler.fetch.limits import Limits
from crawler.kept.captures import kept_exchange
from storage.errors import CorruptRecord
from storage.folder import DataFolder
from storage.sql.lookup import Held, captures_back
from storage.sql.tables import CaptureRow

#: So many captures are looked at, the newest: those of three years, one a day.
_LOOKED_AT = 1100
#: So many lines are told of at a time.
_LINES = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsChange:
    """robots.txt as first captured so, and what differs from the one before it.

    Attributes:
        at: When.
        status: What it was answered with.
        added: Lines that were not in the one before.
        removed: Lines that were.
        sha256: Of its payload.
    """

    at: datetime
    status: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    sha256: str


def robots_history(
    folder: DataFolder, limits: Limits, session: Session, url: str, *, most: int
) -> list[RobotsChange]:
    """Return the changes of a robots.txt, the newest first.

    Args:
        folder: Where the captures are.
        limits: How much of one is read.
        session: For reading.
        url: Of the robots.txt.
        most: So many changes at most.
    """
    rows = list(islice(_different(session, url), most + 1))
    texts = [_lines(folder, limits, row) for row in rows]
    texts.append([])
    return [
        RobotsChange(
            at=row.fetched_at,
            status=row.status,
            added=_missing(texts[n], texts[n + 1]),
            removed=_missing(texts[n + 1], texts[n]),
            sha256=row.payload_sha256,
        )
        for n, row in enumerate(rows[:most])
    ]


def _different(session: Session, url: str) -> Iterator[CaptureRow]:
    """Yield the first capture of each spell of equal answers, the newest spell first."""
    first: CaptureRow | None = None
    for held in islice(captures_back(session, url), _LOOKED_AT):
        row = _answer(session, held)
        if row is None:
            continue
        if first is not None and _what(first) != _what(row):
            yield first
        first = row
    if first is not None:
        yield first


def _answer(session: Session, held: Held) -> CaptureRow | None:
    """Return a capture; None for an answer that says only that nothing changed."""
    row = session.get_one(CaptureRow, held.id)
    return None if row.status == 304 else row


def _what(row: CaptureRow) -> tuple[int, str]:
    return row.status, row.payload_sha256


def _lines(folder: DataFolder, limits: Limits, row: CaptureRow) -> list[str]:
    """Return the lines of a capture; none where it is an error or damaged."""
    if row.status != 200:
        return []
    try:
        answer = kept_exchange(folder, limits, row)
    except CorruptRecord:
        return []
    text = decoded(answer.body, answer.header("content-type"))
    return [line.strip() for line in text.splitlines() if line.strip()]


def _missing(here: list[str], there: list[str]) -> tuple[str, ...]:
    """Return the lines that stand more often here than there, in their order."""
    left = Counter(here) - Counter(there)
    found = []
    for line in here:
        if left[line] > 0:
            left[line] -= 1
            found.append(line)
    return tuple(found[:_LINES])
