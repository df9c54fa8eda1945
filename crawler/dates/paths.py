"""Days in the paths of URLs: `/2024/05/31/`, `/20240531-name`, `/31-05-2024`."""

import re
from datetime import date
from functools import cache

from crawler.lexicon.calendar import months_anywhere
from crawler.lexicon.forms import plain

# The address of an archive's copy begins with the time of the copy.
_COPY = re.compile(r"^https?://[^/]+/web/\d{4,14}\w*/")
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = r"(?P<month>0?[1-9]|1[0-2])"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_TWO = r"(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])"
_FORMS = (
    re.compile(rf"/{_YEAR}[/_.-]{_MONTH}[/_.-]{_DAY}(?!\d)"),
    re.compile(rf"(?<!\d){_YEAR}[/_.-]{_MONTH}[/_.-]{_DAY}(?!\d)"),
    re.compile(rf"/{_YEAR}/{_TWO}(?!\d)"),
    re.compile(rf"(?<!\d){_YEAR}{_TWO}(?!\d)"),
    re.compile(rf"(?<!\d){_DAY}[_.-]{_MONTH}[_.-]{_YEAR}(?!\d)"),
    re.compile(rf"(?<!\d){_YEAR}{_TWO}(?=(?:[01]\d|2[0-3])[0-5]\d)"),
    re.compile(r"/(?P<short>\d\d)/(?P<month>0[1-9]|1[0-2])/(?P<day>[0-3]\d)/"),
)
_NAMED = re.compile(rf"/{_YEAR}/(?P<name>[^\W\d_]{{3,12}})/{_DAY}(?!\d)")
_DATED = re.compile(r"\d\d")


def day_in_path(url: str) -> date | None:
    """Return the day that a URL's path states, or None; the address of an archive's copy is not looked at."""
    path = _COPY.sub("/", url)
    if not _DATED.search(path):
        return None
    for form in _FORMS:
        for match in form.finditer(path):
            found = match.groupdict()
            year = int(found.get("year") or 2000 + int(found["short"]))
            day = _day(year, int(found["month"]), int(found["day"]))
            if day is not None:
                return day
    named = _NAMED.search(path)
    month = _month(named["name"]) if named else None
    return (
        _day(int(named["year"]), month, int(named["day"])) if named and month else None
    )


@cache
def _month(name: str) -> int | None:
    numbers = months_anywhere().get(plain(name), frozenset())
    return next(iter(numbers)) if len(numbers) == 1 else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
