"""A day found in a text, whatever calendar it was written in."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from crawler.dates.calendars import common_year, is_jalali_year, jalali_date


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFound:
    """A day in a text.

    Attributes:
        day: The day.
        rest: The text with the day taken out.
        day_first: The order read, where both orders would do; else None.
    """

    day: date
    rest: str
    day_first: bool | None = None


def days_found(
    year: int, month: int, day: int, rest: str, *, day_first: bool | None = None
) -> Iterator[DayFound]:
    """Yield the day of these numbers, or nothing where there is none."""
    if is_jalali_year(year):
        solar = jalali_date(year, month, day)
        if solar is not None:
            yield DayFound(day=solar, rest=rest)
        return
    try:
        yield DayFound(
            day=date(common_year(year), month, day), rest=rest, day_first=day_first
        )
    except ValueError:
        return
