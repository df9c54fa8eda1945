"""What one source brought on one day (UTC); pure."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

HOURS = 24
#: Of a text's length a quarter of an octave is kept: 19 % apart.
_STEPS = 4
#: The fields whose presence is watched.
FIELDS = ("authors", "published", "section", "image", "description", "tags")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceDay:
    """Counts of one source and day.

    Attributes:
        day: Which day, UTC.
        found: New article links that lists named.
        asked: Article pages that were answered in full.
        walls: Those that were refusals: bot walls, logins, HTTP 401, 403, 429 and such.
        missing: Those that were not there: HTTP 404, 410, or pages that say so.
        broken: Those with a server's error.
        read: Those that were articles.
        new: Articles first archived.
        changed: Later versions of articles.
        same: Those among the new ones that have nearly the text of another one of
            the source.
        hours: The new ones by hour, 24 counts.
        fields: How many of the new ones have each of FIELDS.
        lengths: How many of the new ones are so long, by `length_step`.
        kept: Characters of text in the new ones.
        removed: Characters of lines that were left out of them.
    """

    day: date
    found: int = 0
    asked: int = 0
    walls: int = 0
    missing: int = 0
    broken: int = 0
    read: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    hours: tuple[int, ...] = (0,) * HOURS
    fields: Mapping[str, int] = field(default_factory=dict)
    lengths: Mapping[int, int] = field(default_factory=dict)
    kept: int = 0
    removed: int = 0


def length_step(characters: int) -> int:
    """Return the step of a text's length: so many quarters of an octave."""
    return round(_STEPS * math.log2(characters)) if characters > 0 else 0


def median_length(days: Iterable[SourceDay]) -> float | None:
    """Return the median length of the new articles of some days, in characters."""
    steps: Counter[int] = Counter()
    for one in days:
        steps.update(one.lengths)
    half, seen = sum(steps.values()) / 2, 0
    for step in sorted(steps):
        seen += steps[step]
        if seen >= half:
            return float(2 ** (step / _STEPS))
    return None


def together(days: Iterable[SourceDay]) -> SourceDay:
    """Return the sum of some days, under the last one's date.

    Raises:
        ValueError: there are none.
    """
    given = list(days)
    if not given:
        raise ValueError("no days to add up")
    fields: Counter[str] = Counter()
    lengths: Counter[int] = Counter()
    for one in given:
        fields.update(one.fields)
        lengths.update(one.lengths)
    plain = ("found", "asked", "walls", "missing", "broken", "read")
    more = ("new", "changed", "same", "kept", "removed")
    return SourceDay(
        day=given[-1].day,
        hours=tuple(map(sum, zip(*(one.hours for one in given), strict=True))),
        fields=dict(fields),
        lengths=dict(lengths),
        **{name: sum(getattr(one, name) for one in given) for name in plain + more},
    )
