"""Read the times that pages state: ISO 8601, RFC 822, visible text, "2 days ago".

The zone a page states is kept. Where a page leaves the order of day and month open
(05/04/2025) nothing is guessed: `possible_moments` returns both readings and
`read_moment` none. Nothing before 1990 or more than a day after the capture is
believed. Names of months come from CLDR in 95 languages and are tried in the
given language first, then in all at once where they agree.
"""

import re
from datetime import UTC, datetime, time, timedelta
from email.utils import parsedate_to_datetime

from crawler.dates.found import DayFound, days_found
from crawler.dates.parser import read_by_dateparser
from crawler.dates.relative import read_relative
from crawler.dates.text import find_days, find_time, western_digits
from crawler.dates.zones import find_zone
from storage.model.moment import Moment, Precision

__all__ = ["possible_moments", "read_moment", "stated_moments"]

_MAX_TEXT = 200
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_SLACK = timedelta(hours=24)
_ISO = re.compile(
    r"(\d{4})-?(\d\d)-?(\d\d)"
    r"(?:[T ]\s?(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?)?",
    re.IGNORECASE,
)
_PLAIN_ISO = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3}(?:\d{3})?)?(?:Z|[+-]\d\d:\d\d)?"
)
_OTHER_CALENDAR = re.compile(r"(1[34]\d\d|25\d\d)-(\d\d)-(\d\d)(?!\d)")
_RFC_822 = re.compile(
    r"(?:[a-z]{3},? )?\d{1,2} [a-z]{3} \d{2,4} \d{1,2}:\d\d(?::\d\d)?(?: (?:[+-]\d{4}|[a-z]{1,5}))?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")


def read_moment(
    raw: str,
    *,
    captured_at: datetime,
    language: str | None = None,
    day_first: bool | None = None,
) -> Moment | None:
    """Return the one time that a text states, or None.

    None also where day and month can be either way round; `possible_moments`
    then has both.

    Args:
        raw: The text as the page has it.
        captured_at: When the page was captured; base of relative dates and
            bound of the future.
        language: The language of the text, if known.
        day_first: The site's order of day and month, if it was learned.
    """
    found = possible_moments(
        raw, captured_at=captured_at, language=language, day_first=day_first
    )
    return found[0] if len(found) == 1 else None


def possible_moments(
    raw: str,
    *,
    captured_at: datetime,
    language: str | None = None,
    day_first: bool | None = None,
) -> tuple[Moment, ...]:
    """Return every time that a text can mean: none, one, or both orders of a date."""
    text = raw.strip()
    moments = _stated(text, language, day_first=day_first)
    if moments:
        return _believed(moments, captured_at)
    if not text or len(text) > _MAX_TEXT:
        return ()
    text = western_digits(text)
    other = read_relative(text, captured_at, language) or read_by_dateparser(
        text, captured_at, language
    )
    return _believed((other,), captured_at) if other else ()


def stated_moments(
    raw: str,
    *,
    captured_at: datetime,
    language: str | None = None,
    day_first: bool | None = None,
) -> tuple[Moment, ...]:
    """Return the times that a text states by its own figures and names of months.

    As `possible_moments`, without relative phrases and what only dateparser
    knows: for lines that need not be dates at all, at a tenth of the cost.
    """
    moments = _stated(raw.strip(), language, day_first=day_first)
    return _believed(moments, captured_at)


def _stated(
    text: str, language: str | None, *, day_first: bool | None
) -> tuple[Moment, ...]:
    if not text or len(text) > _MAX_TEXT:
        return ()
    stated = _read_iso(text) or _read_machine(text)
    if stated is not None:
        return (stated,)
    days = _ordered(find_days(western_digits(text), language), day_first=day_first)
    return tuple(_at_time(day) for day in days)


def _believed(moments: tuple[Moment, ...], captured_at: datetime) -> tuple[Moment, ...]:
    latest = captured_at + _SLACK
    distinct = dict.fromkeys(moments) if len(moments) > 1 else moments
    return tuple(moment for moment in distinct if _EARLIEST <= moment.at <= latest)


def _read_iso(text: str) -> Moment | None:
    text = _in_common_years(text)
    if _PLAIN_ISO.fullmatch(text) and (plain := _read_plain_iso(text)):
        return plain
    match = _ISO.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        if hour is None:
            at = datetime(int(year), int(month), int(day), tzinfo=UTC)
            return Moment(at=at, precision=Precision.DAY, zone_stated=False)
        is_midnight = hour == "24" and not int(minute) and not int(second or 0)
        at = datetime(
            int(year), int(month), int(day), 0 if is_midnight else int(hour),
            int(minute), 59 if second == "60" else int(second or 0),
            int((fraction or "0").ljust(6, "0")[:6]), tzinfo=UTC,
        ) + timedelta(days=is_midnight)  # fmt: skip
    except ValueError:
        return None
    if zone and zone[0] in "+-":
        stated = find_zone(zone, at)
        if stated is None:
            return None
        at = at.replace(tzinfo=stated)
    precision = Precision.SECOND if second is not None else Precision.MINUTE
    return Moment(at=at, precision=precision, zone_stated=zone is not None)


def _in_common_years(text: str) -> str:
    """Return an ISO date with its Buddhist or Iranian solar day as a Gregorian one.

    Software of Thai and Iranian sites writes such into meta tags and JSON-LD.
    """
    match = _OTHER_CALENDAR.match(text)
    if match is None:
        return text
    year, month, day = map(int, match.groups())
    found = next(days_found(year, month, day, ""), None)
    return f"{found.day}{text[match.end() :]}" if found else text


def _read_plain_iso(text: str) -> Moment | None:
    """Read the form that nearly all machines write, at half the cost."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    zone_stated = at.tzinfo is not None
    at = at if zone_stated else at.replace(tzinfo=UTC)
    return Moment(at=at, precision=Precision.SECOND, zone_stated=zone_stated)


def _read_machine(text: str) -> Moment | None:
    """Read RFC 822 (feeds, headers) and seconds or milliseconds since 1970."""
    if _EPOCH.fullmatch(text):
        at = datetime.fromtimestamp(int(text[:10]), tz=UTC)
        return Moment(at=at, precision=Precision.SECOND, zone_stated=True)
    if not _RFC_822.fullmatch(text):
        return None
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return None
    zone = at.tzinfo or find_zone(text[-6:], at)
    precision = Precision.SECOND if text.count(":") == 2 else Precision.MINUTE
    return Moment(
        at=at.replace(tzinfo=zone or UTC),
        precision=precision,
        zone_stated=zone is not None,
    )


def _ordered(
    found: tuple[DayFound, ...], *, day_first: bool | None
) -> tuple[DayFound, ...]:
    """Return only the readings in the site's own order, if it is known."""
    if day_first is None:
        return found
    return tuple(day for day in found if day.day_first in (None, day_first))


def _at_time(found: DayFound) -> Moment:
    clock = find_time(found.rest)
    if clock is None:
        at = datetime.combine(found.day, time(), tzinfo=UTC)
        return Moment(at=at, precision=Precision.DAY, zone_stated=False)
    naive = datetime.combine(found.day, clock.at) + timedelta(days=clock.days)
    zone = find_zone(clock.rest, naive)
    precision = Precision.SECOND if clock.has_seconds else Precision.MINUTE
    return Moment(
        at=naive.replace(tzinfo=zone or UTC),
        precision=precision,
        zone_stated=zone is not None,
    )
