"""A time as a page states it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Precision(StrEnum):
    """How exact a stated time is."""

    DAY = "day"
    MINUTE = "minute"
    SECOND = "second"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time as a page states it.

    Attributes:
        at: Aware; in the zone the page stated, or UTC when it stated none.
        precision: A DAY has 00:00 as its time.
        zone_stated: False when the page named no zone and UTC is assumed.
    """

    at: datetime
    precision: Precision
    zone_stated: bool
