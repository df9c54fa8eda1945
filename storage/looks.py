"""What the looks at a source's archived articles came to: a memory of sums. Pure.

A look asks again for an archived article. What it says of changes is kept by the
time that had passed since the article appeared or last changed, in the age classes
of `EDGES`; what looks cost is kept beside the source's other requests. All sums
fade, so that a source may change its ways.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import exp
from typing import Any

#: Where the age classes begin, in hours; the last one has no end.
EDGES = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 24.0, 72.0, 168.0)
CLASSES = len(EDGES)
#: After so long a sum counts for a third: what was learned, and what was spent.
_LEARNED = timedelta(days=60)
_SPENT = timedelta(days=2)
_NOTHING = (0.0,) * CLASSES
#: What a new source has to its credit, as if it had been asked for so much already.
FIRST_REQUESTS = 30.0


def spans(begin: float, end: float) -> Iterator[tuple[int, float]]:
    """Yield the age classes between two ages, and the hours in each."""
    at = max(begin, 0.0)
    while at < end:
        index = bisect_right(EDGES, at) - 1
        upto = min(EDGES[index + 1], end) if index + 1 < CLASSES else end
        yield index, upto - at
        at = upto


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look that could tell whether an article changed.

    Attributes:
        begin: The article's age, in hours since it appeared or last changed, when it
            was seen before.
        end: Its age at this look.
        changed: Whether it had changed.
        stated: Whether a list had stated a change.
        at: When it was looked at.
    """

    begin: float
    end: float
    changed: bool
    stated: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The sums of a source.

    Attributes:
        hours: By age class, the hours that looks watched over.
        changes: By age class, the changes they found.
        stated: Looks at changes that a list had stated.
        confirmed: Those of them that found one.
        spent: Requests for looks, of the last days.
        others: All other requests, of the last days.
        at: When the sums were last added to.
    """

    hours: tuple[float, ...] = _NOTHING
    changes: tuple[float, ...] = _NOTHING
    stated: float = 0.0
    confirmed: float = 0.0
    spent: float = 0.0
    others: float = FIRST_REQUESTS
    at: datetime | None = None

    def faded(self, now: datetime) -> "Tally":
        """Return the sums as they count at a time."""
        if self.at is None or now <= self.at:
            return replace(self, at=self.at or now)
        learned = exp((self.at - now) / _LEARNED)
        spent = exp((self.at - now) / _SPENT)
        return Tally(
            hours=tuple(value * learned for value in self.hours),
            changes=tuple(value * learned for value in self.changes),
            stated=self.stated * learned,
            confirmed=self.confirmed * learned,
            spent=self.spent * spent,
            others=self.others * spent,
            at=now,
        )

    def asked(self, now: datetime, *, looks: int = 0, others: int = 0) -> "Tally":
        """Return the sums with requests made now."""
        here = self.faded(now)
        return replace(here, spent=here.spent + looks, others=here.others + others)

    def seen(self, look: Look) -> "Tally":
        """Return the sums with what a look found.

        When in the time between two looks a change came is not known: it is shared
        out over the age classes there, as changes grow rare with 1 / age.
        """
        here = self.faded(look.at)
        hours, changes = list(here.hours), list(here.changes)
        parts = list(spans(look.begin, look.end))
        likely = [length / (EDGES[index] + 1.0) for index, length in parts]
        for (index, length), weight in zip(parts, likely, strict=True):
            hours[index] += length
            if look.changed:
                changes[index] += weight / sum(likely)
        return replace(
            here,
            hours=tuple(hours),
            changes=tuple(changes),
            stated=here.stated + look.stated,
            confirmed=here.confirmed + (look.stated and look.changed),
        )


NO_LOOKS = Tally()


def tally_document(tally: Tally) -> dict[str, Any]:
    """Return the sums as JSON values."""
    return {
        "hours": [round(value, 3) for value in tally.hours],
        "changes": [round(value, 4) for value in tally.changes],
        "stated": round(tally.stated, 3),
        "confirmed": round(tally.confirmed, 3),
        "spent": round(tally.spent, 3),
        "others": round(tally.others, 3),
        "at": tally.at.isoformat() if tally.at else None,
    }


def read_tally(document: Mapping[str, Any] | None) -> Tally:
    """Return the sums that a document holds; none were kept in another form."""
    if not document or len(document["hours"]) != CLASSES:
        return NO_LOOKS
    at = document["at"]
    return Tally(
        hours=tuple(document["hours"]),
        changes=tuple(document["changes"]),
        stated=document["stated"],
        confirmed=document["confirmed"],
        spent=document["spent"],
        others=document["others"],
        at=datetime.fromisoformat(at) if at else None,
    )
