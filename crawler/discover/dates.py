"""Dates as feeds and sitemaps write them -> aware UTC."""

import re
from datetime import UTC, datetime, time, timedelta

from crawler.dates.found import days_found

_EARLIEST = 1990
_LONGEST = 80

# Named zones seen in feeds, in minutes east of UTC. IST and BST are read as
# India and Britain; North American names as RFC 822 defines them.
_ZONES = {
    "utc": 0, "gmt": 0, "ut": 0, "z": 0, "wet": 0, "west": 60, "bst": 60,
    "cet": 60, "mez": 60, "cest": 120, "mesz": 120, "eet": 120, "eest": 180,
    "msk": 180, "sast": 120, "wat": 60, "cat": 120, "eat": 180, "trt": 180,
    "pkt": 300, "ist": 330, "wib": 420, "ict": 420, "wita": 480, "sgt": 480,
    "hkt": 480, "myt": 480, "pht": 480, "awst": 480, "wit": 540, "jst": 540,
    "kst": 540, "aest": 600, "aedt": 660, "nzst": 720, "nzdt": 780,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420,
    "mdt": -360, "pst": -480, "pdt": -420, "brt": -180, "art": -180,
}  # fmt: skip

# First letters of month names in the languages whose feeds do not keep to
# RFC 822's English ones; longer names are cut to what stands here.
_MONTHS = {
    "jan": 1, "ene": 1, "feb": 2, "fev": 2, "fév": 2, "peb": 2, "mar": 3,
    "mär": 3, "mrz": 3, "apr": 4, "abr": 4, "avr": 4, "may": 5, "mei": 5,
    "mai": 5, "jun": 6, "juin": 6, "jul": 7, "juil": 7, "aug": 8, "agu": 8,
    "ago": 8, "aoû": 8, "aou": 8, "sep": 9, "set": 9, "oct": 10, "okt": 10,
    "out": 10, "nov": 11, "nop": 11, "dec": 12, "des": 12, "dez": 12,
    "dic": 12, "déc": 12,
}  # fmt: skip

_TIME = r"(?:[\sT,]+(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?)?"
_ZONE = r"(?:\.\d+)?\s*(?P<zone>.*)"
_FORMS = (
    re.compile(
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
        r"T(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)?" + _ZONE,
        re.ASCII,
    ),
    *(
        re.compile(form + _TIME + _ZONE, re.ASCII | re.DOTALL)
        for form in (
            r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})",
            r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
            r"(?:[^\d\s]+,?\s+)?(?P<day>\d{1,2})[.\s-]+(?P<month>[^\d\s.,-]{3,12})[.\s,-]+(?P<year>\d{4}|\d\d)(?!\d)",
            r"(?:[^\d\s]+,\s+)?(?P<month>[^\d\s.,-]{3,12})\.?\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})(?!\d)",
            r"(?P<year>\d{4})-(?P<month>\d\d)(?P<day>)$",
        )
    ),
)
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2}):?(\d\d)?$")


def feed_date(raw: str | None) -> datetime | None:
    """Return the time a feed states, in UTC, or None if it cannot be read.

    Reads RFC 822 and ISO 8601 with numeric or named zones, and the usual
    misspellings of both, with Buddhist and Iranian solar years. A time without a
    zone is taken as UTC. Years before 1990 are placeholders, not dates.
    """
    text = " ".join((raw or "").split())
    if not text or len(text) > _LONGEST:
        return None
    for form in _FORMS:
        if found := form.match(text):
            return _instant(found)
    return None


def _instant(found: re.Match[str]) -> datetime | None:
    part = found.groupdict(default="")
    zone = _offset(part.get("zone", ""))
    year, month = _year(int(part["year"])), _month(part["month"])
    day = next(days_found(year, month, int(part["day"] or 1), ""), None)
    if day is None:
        return None
    hour, minute, second = (
        int(part[name] or 0) for name in ("hour", "minute", "second")
    )
    days = int((hour, minute, second) == (24, 0, 0))
    try:
        clock = time(hour - 24 * days, minute, min(second, 59))
        instant = datetime.combine(day.day, clock, tzinfo=UTC) - zone
        instant += timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return instant if instant.year >= _EARLIEST else None


def _year(number: int) -> int:
    if number >= 100:
        return number
    return number + (2000 if number < 70 else 1900)


def _month(name: str) -> int:
    if name.isdigit():
        return int(name)
    folded = name.casefold()
    return _MONTHS.get(folded[:4]) or _MONTHS.get(folded[:3], 0)


def _offset(zone: str) -> timedelta:
    """Return the offset east of UTC; a zone nobody knows is UTC."""
    name = zone.strip().strip("()").casefold()
    if numeric := _OFFSET.match(name.split("(")[0].strip()):
        sign, hours, minutes = numeric.groups()
        shift = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return -shift if sign == "-" else shift
    return timedelta(minutes=_ZONES.get(name.split(" ")[0], 0))
