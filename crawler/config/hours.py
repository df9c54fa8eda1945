"""The hours in which a source may be asked, by the clock on its own wall. Pure.

Written `Mon-Fri 06:00-23:00`, several parted by semicolons; without days they
hold every day, and an end before its beginning is on the next day.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)"
_SPAN = re.compile(
    rf"(?:({_DAY}(?:-{_DAY})?(?:,{_DAY}(?:-{_DAY})?)*)\s+)?"
    r"(\d{1,2}):([0-5]\d)\s*-\s*(\d{1,2}):([0-5]\d)",
    re.IGNORECASE,
)
_MIDNIGHT = 24 * 60
_MIDNIGHT_CLOCK = datetime.min.time()


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes of the day, the end left out, on days counted from Monday as 0.

    An end of more than 1,440 lies on the next day.
    """

    days: frozenset[int]
    begins: int
    ends: int

    def holds(self, weekday: int, minute: int) -> bool:
        """Tell whether a minute of a day lies in it."""
        today = weekday in self.days and self.begins <= minute < self.ends
        before = (weekday - 1) % 7 in self.days
        return today or (before and minute + _MIDNIGHT < self.ends)


@cache
def read_hours(text: str) -> tuple[Span, ...]:
    """Read hours as they are written.

    Raises:
        ValueError: they are not written so.
    """
    return tuple(_read_span(part.strip()) for part in text.split(";"))


def _read_span(text: str) -> Span:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError(f"write hours such as Mon-Fri 06:00-23:00, not {text!r}")
    days, *clock = match.groups()
    begins, ends = (int(h) * 60 + int(m) for h, m in (clock[:2], clock[2:]))
    if begins >= _MIDNIGHT or ends > _MIDNIGHT:
        raise ValueError(f"no times of a day: {text!r}")
    if begins == ends:
        raise ValueError(f"hours that end when they begin: {text!r}")
    ends += _MIDNIGHT if ends < begins else 0
    return Span(_read_days(days), begins, ends)


def _read_days(text: str | None) -> frozenset[int]:
    if text is None:
        return frozenset(range(7))
    days: set[int] = set()
    for part in text.lower().split(","):
        first, _, last = part.partition("-")
        begin, end = _DAYS.index(first), _DAYS.index(last or first)
        days.update((begin + n) % 7 for n in range((end - begin) % 7 + 1))
    return frozenset(days)


def is_open(spans: tuple[Span, ...], now: datetime, zone: tzinfo) -> bool:
    """Tell whether a time lies in the hours; without any, every time does.

    The wall's clock counts: an hour that daylight saving repeats is twice in
    them, one that it skips never.
    """
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute
    return not spans or any(span.holds(local.weekday(), minute) for span in spans)


def opens_at(spans: tuple[Span, ...], now: datetime, zone: tzinfo) -> datetime:
    """Return `now` if it lies in the hours, else when they begin next, UTC."""
    if is_open(spans, now, zone):
        return now
    today = now.astimezone(zone).date()
    begins = (
        datetime.combine(today + timedelta(days=ahead), _MIDNIGHT_CLOCK, tzinfo=zone)
        + timedelta(minutes=span.begins)
        for ahead in range(8)
        for span in spans
        if (today + timedelta(days=ahead)).weekday() in span.days
    )
    return min(at for at in (b.astimezone(UTC) for b in begins) if at > now)


def _hours(value: str) -> str:
    read_hours(value)
    return value


def _time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(
            f"no time zone is named {value!r}; write one such as Asia/Jakarta"
        ) from error
    return value


#: As settings are written and checked.
Hours = Annotated[str, AfterValidator(_hours)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
