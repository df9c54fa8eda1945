"""Find days and clock times in visible text, in any script and language."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time

from crawler.dates.calendars import ERA_NAMES, era_year, short_year
from crawler.dates.found import DayFound, days_found
from crawler.dates.hijri import hijri_days, without_hijri_day
from crawler.dates.names import days_of_any_language, days_of_language
from crawler.dates.national import national_days
from crawler.lexicon.match import has_date_words_alone, looks_like_date

_CJK_DAY = re.compile(
    rf"(?:(?P<era>{ERA_NAMES})\s?(?P<era_year>\d{{1,3}}|元)|(?P<year>\d{{4}}))\s?[年년]\s?"
    r"(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日号號일]"
)
_YEAR_FIRST = re.compile(
    r"(?<!\d)(\d{4})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{1,2})(?!\d)\.?"
)
_YEAR_LAST = re.compile(
    r"(?<![\d.])(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d:])"
)
_VIETNAMESE = re.compile(
    r"(\d{1,2})\s+tháng\s+(\d{1,2})[,\s]+(?:năm\s+)?(\d{4})", re.IGNORECASE
)
_MONGOLIAN = re.compile(
    r"(\d{4})\s+(?:оны?\s+)?(\d{1,2})\s?(?:-?\s?(?:р|дугаар|дүгээр))?\s+сарын?\s+(\d{1,2})(?!\d)(?:-н[ыи]й?|-нд)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?P<before>上午|下午|午前|午後|晚上|오전|오후)?\s?(?<![\d/])(?P<hour>\d{1,2})"
    r"(?:\s?(?:[:：](?:\s(?=\d\d\s*(?:$|[|,(])))?|[.](?=\d\d(?!\d|\.\d))|h(?=\d\d|\b)|[時时點点시]\s?)(?P<minute>\d{2}(?!\d)|\d(?=[分분]))?"
    r"(?:[:.](?P<second>\d{2})(?!\d))?\s?[分분]?)?"
    r"(?:\s?(?P<after>[ap]\.?\s?m\b\.?))?",
    re.IGNORECASE,
)
_LONGEST_DAY = 60
_AFTERNOON = frozenset(("下午", "午後", "오후", "晚上"))
_YEAR_FIRST_LANGUAGES = frozenset(("ko", "zh", "ja"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFound:
    """A time of day in a text, where it starts, and what follows it.

    `days` is 1 for 24:00, which is 0:00 of the day after (ISO 8601), else 0.
    """

    at: time
    days: int
    has_seconds: bool
    start: int
    rest: str


class _Western(dict[int, str]):
    """What `str.translate` makes of a character, filled as characters come."""

    def __missing__(self, code: int) -> str:
        digit = unicodedata.digit(chr(code), None)
        self[code] = chr(code) if digit is None else str(digit)
        return self[code]


_WESTERN = _Western(
    dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u00ad\u200b"), "")
)


def western_digits(text: str) -> str:
    """Return the text in normal width with digits of any script as 0-9."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text).translate(_WESTERN)


def find_days(text: str, language: str | None) -> tuple[DayFound, ...]:
    """Return the readings of the first day in a text: none, one, or two."""
    for finder in (
        _cjk_days,
        _year_first_days,
        _vietnamese_days,
        _mongolian_days,
        national_days,
        days_of_language,
        _year_last_days,
        days_of_any_language,
        hijri_days,
    ):
        found = tuple(finder(text, language))
        if found:
            return found
    return ()


def is_day_alone(text: str, language: str | None) -> bool:
    """Tell a line that is a day, with its time or without, and nothing else."""
    if len(text) > _LONGEST_DAY or not any(map(str.isdigit, text)):
        return False
    common = without_hijri_day(western := western_digits(text))
    if common != western and has_date_words_alone(common):
        return True
    days = find_days(common, language)
    return looks_like_date(text) or any(
        has_date_words_alone(_without_time(day.rest)) for day in days
    )


def _without_time(text: str) -> str:
    clock = find_time(text)
    return f"{text[: clock.start]} {clock.rest}" if clock else text


def is_hijri_day(text: str, language: str | None) -> bool:
    """Tell a text whose only day is one of the Islamic calendar."""
    if text.isascii():
        return False
    common = without_hijri_day(western := western_digits(text))
    return common != western and not find_days(common, language)


def find_time(text: str) -> ClockFound | None:
    """Return the first clock time in a text, or None."""
    for match in _CLOCK.finditer(text):
        if not _is_clock_time(match):
            continue
        hour, minute, second = (
            int(match[name] or 0) for name in ("hour", "minute", "second")
        )
        after = (match["after"] or "").lower()
        if after.startswith("p") or match["before"] in _AFTERNOON:
            hour = hour % 12 + 12 if hour <= 12 else hour
        elif after.startswith("a") and hour == 12:
            hour = 0
        is_midnight = (hour, minute, second) == (24, 0, 0)
        if (hour <= 23 or is_midnight) and minute <= 59 and second <= 60:
            rest = text[match.end() :]
            return ClockFound(
                at=time(hour % 24, minute, min(second, 59)),  # 60 is a leap second
                days=int(is_midnight),
                has_seconds=match["second"] is not None,
                start=match.start(),
                rest=rest,
            )
    return None


def _is_clock_time(match: re.Match[str]) -> bool:
    """Tell whether a number is a time: with minutes, am or pm, or an hour's sign."""
    if match["minute"] or match["after"] or match["before"]:
        return True
    return match[0].lower().rstrip().endswith(("h", "時", "时", "시"))


def _cjk_days(text: str, _language: str | None) -> Iterator[DayFound]:
    match = _CJK_DAY.search(text)
    if match:
        year = (
            era_year(match["era"], match["era_year"])
            if match["era"]
            else int(match["year"])
        )
        yield from days_found(
            year, int(match["month"]), int(match["day"]), _without(text, match)
        )


def _year_first_days(text: str, _language: str | None) -> Iterator[DayFound]:
    match = _YEAR_FIRST.search(text)
    if match:
        yield from days_found(
            int(match[1]), int(match[3]), int(match[4]), _without(text, match)
        )


def _vietnamese_days(text: str, _language: str | None) -> Iterator[DayFound]:
    match = _VIETNAMESE.search(text)
    if match:
        yield from days_found(
            int(match[3]), int(match[2]), int(match[1]), _without(text, match)
        )


def _mongolian_days(text: str, _language: str | None) -> Iterator[DayFound]:
    match = _MONGOLIAN.search(text)
    if match:
        yield from days_found(
            int(match[1]), int(match[2]), int(match[3]), _without(text, match)
        )


def _year_last_days(text: str, language: str | None) -> Iterator[DayFound]:
    """Read 28.04.2025, 28/04/25, 4/28/2025; dots always put the day first."""
    match = _YEAR_LAST.search(text)
    if match is None:
        return
    first, mark, second, last = int(match[1]), match[2], int(match[3]), match[4]
    rest = _without(text, match)
    short = len(last) == 2
    year_first = language and language.split("-")[0] in _YEAR_FIRST_LANGUAGES
    if short and year_first and len(match[1]) == 2:
        yield from days_found(2000 + first, second, int(last), rest)
        return
    year = short_year(last, text) if short else int(last)
    if mark == "." or first == second:
        yield from days_found(year, second, first, rest)
        return
    both = first <= 12 and second <= 12
    yield from days_found(year, second, first, rest, day_first=True if both else None)
    yield from days_found(year, first, second, rest, day_first=False if both else None)


def _without(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + " " + text[match.end() :]
