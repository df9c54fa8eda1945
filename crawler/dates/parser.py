"""Ask dateparser for what our own tables do not know."""

import re
import warnings
from datetime import UTC, datetime, timedelta

from crawler.dates.text import find_time
from crawler.dates.zones import find_zone
from crawler.lexicon.match import match_line
from storage.model.moment import Moment, Precision

_MAX_RELATIVE = 40
_HAS_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_LANGUAGES = {"no": "nb", "tl": "fil"}
_RELATIVE, _ABSOLUTE = "relative-time", "absolute-time"


def read_by_dateparser(
    text: str, captured_at: datetime, language: str | None
) -> Moment | None:
    """Return the time that dateparser reads in a text of this language, or None.

    It is asked for whole dates with a month in letters, and for relative phrases; never
    for dates in figures, whose order it would guess. It costs milliseconds.
    """
    if language is None or not any(map(str.isalpha, text)):
        return None
    base = captured_at.astimezone(UTC).replace(microsecond=0)
    if _HAS_YEAR.search(text):
        at = _parse(text, base, language, _ABSOLUTE)
        return _absolute(at, text) if at else None
    if len(text) > _MAX_RELATIVE or not _looks_relative(text):
        return None
    at = _parse(text, base, language, _RELATIVE)
    return _relative(at, base, text) if at else None


def _looks_relative(text: str) -> bool:
    match = match_line(text)
    return match is not None and match.boilerplate == "relative_date"


def _absolute(at: datetime, text: str) -> Moment:
    clock = find_time(text)
    if clock is None:
        day = at.replace(hour=0, minute=0, second=0)
        return Moment(at=day, precision=Precision.DAY, zone_stated=False)
    zone = find_zone(clock.rest, at.replace(tzinfo=None))
    at = at.replace(hour=clock.at.hour, minute=clock.at.minute, tzinfo=zone or UTC)
    at += timedelta(days=clock.days)
    return Moment(at=at, precision=Precision.MINUTE, zone_stated=zone is not None)


def _relative(at: datetime, base: datetime, text: str) -> Moment | None:
    """Return the time, unless it is a span such as "last week", which is no day."""
    counted = any(map(str.isdigit, text))
    if at > base or (not counted and base - at > timedelta(days=2)):
        return None
    if at.time() == base.time() and (base - at >= timedelta(days=1) or at == base):
        day = at.replace(hour=0, minute=0, second=0)
        return Moment(at=day, precision=Precision.DAY, zone_stated=False)
    return Moment(at=at, precision=Precision.MINUTE, zone_stated=True)


def _parse(text: str, base: datetime, language: str, parser: str) -> datetime | None:
    """Call dateparser; imported here, for it takes a fifth of a second.

    Its warnings are of its own use of deprecated calls: not ours to act on.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import dateparser

        try:
            found = dateparser.parse(
                text,
                languages=[_language(language)],
                settings={
                    "RELATIVE_BASE": base.replace(tzinfo=None),
                    "TIMEZONE": "UTC",
                    "PARSERS": [parser],
                    "REQUIRE_PARTS": ["day", "month", "year"]
                    if parser == _ABSOLUTE
                    else [],
                },
            )
        except (ValueError, OverflowError):
            return None
    return found.replace(tzinfo=UTC, microsecond=0) if found else None


def _language(code: str) -> str:
    if code in ("zh-Hans", "zh-Hant", "sr-Latn"):
        return code
    short = code.replace("_", "-").split("-")[0].lower()
    return _LANGUAGES.get(short, short)
