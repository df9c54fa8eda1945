"""Find days and clock times in visible text, in any script and language."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache

from crawler.dates.calendars import (
    ERA_NAMES,
    JALALI_MONTHS,
    common_year,
    era_year,
    is_jalali_year,
    jalali_date,
)
from crawler.lexicon.calendar import months_anywhere, months_of
from crawler.lexicon.forms import plain

_CJK_DAY = re.compile(
    rf"(?:(?P<era>{ERA_NAMES})\s?(?P<era_year>\d{{1,3}}|元)|(?P<year>\d{{4}}))\s?[年년]\s?"
    r"(?P<month>\d{1,2})\s?[月월]\s?(?P<day>\d{1,2})\s?[日号號일]"
)
_YEAR_FIRST = re.compile(
    r"(?<!\d)(\d{4})\s?[-/.]\s?(\d{1,2})\s?[-/.]\s?(\d{1,2})(?!\d)\.?"
)
_YEAR_LAST = re.compile(
    r"(?<![\d.])(\d{1,2})\s?([-/.])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?![\d:])"
)
_VIETNAMESE = re.compile(
    r"(\d{1,2})\s+tháng\s+(\d{1,2})[,\s]+(?:năm\s+)?(\d{4})", re.IGNORECASE
)
_TOKEN = re.compile(
    r"\d+|[^\W\d_]+(?:[^\W\d_]|[\u0300-\u036f\u0900-\u0dff\u0e30-\u0e4e])*"
)
_CLOCK = re.compile(
    r"(?P<before>上午|下午|午前|午後|晚上|오전|오후)?\s?(?<![\d/])(?P<hour>\d{1,2})"
    r"(?:\s?(?:[:：]|[.](?=\d\d(?!\d|\.\d))|h(?=\d\d|\b)|[時时點点시]\s?)(?P<minute>\d{2}(?!\d)|\d(?=[分분]))?"
    r"(?:[:.](?P<second>\d{2})(?!\d))?\s?[分분]?)?"
    r"(?:\s?(?P<after>[ap]\.?\s?m\b\.?))?",
    re.IGNORECASE,
)
_WESTERN = {
    code: str(digit)
    for code in range(0x80, 0x1FBFA)
    if (digit := unicodedata.digit(chr(code), None)) is not None
} | dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u00ad\u200b"), "")
_AFTERNOON = frozenset(("下午", "午後", "오후", "晚上"))
_YEAR_FIRST_LANGUAGES = frozenset(("ko", "zh", "ja"))
_PREFIXES = ("ב", "d")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFound:
    """A time of day in a text, where it starts, and what follows it."""

    at: time
    has_seconds: bool
    start: int
    rest: str


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
        _named_days,
        _year_last_days,
    ):
        found = tuple(finder(text, language))
        if found:
            return found
    return ()


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
        if hour <= 23 and minute <= 59 and second <= 59:
            rest = text[match.end() :]
            return ClockFound(
                at=time(hour, minute, second),
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
        yield from _found(
            year, int(match["month"]), int(match["day"]), _without(text, match)
        )


def _year_first_days(text: str, _language: str | None) -> Iterator[DayFound]:
    match = _YEAR_FIRST.search(text)
    if match:
        yield from _found(
            int(match[1]), int(match[2]), int(match[3]), _without(text, match)
        )


def _vietnamese_days(text: str, _language: str | None) -> Iterator[DayFound]:
    match = _VIETNAMESE.search(text)
    if match:
        yield from _found(
            int(match[3]), int(match[2]), int(match[1]), _without(text, match)
        )


def _year_last_days(text: str, language: str | None) -> Iterator[DayFound]:
    """Read 28.04.2025, 28/04/25, 4/28/2025; dots always put the day first."""
    match = _YEAR_LAST.search(text)
    if match is None:
        return
    first, mark, second, last = int(match[1]), match[2], int(match[3]), match[4]
    rest = _without(text, match)
    short = len(last) == 2
    if short and language and language.split("-")[0] in _YEAR_FIRST_LANGUAGES:
        yield from _found(2000 + first, second, int(last), rest)
        return
    year = 2000 + int(last) if short else int(last)
    if mark == "." or first == second:
        yield from _found(year, second, first, rest)
        return
    both = first <= 12 and second <= 12
    yield from _found(year, second, first, rest, day_first=True if both else None)
    yield from _found(year, first, second, rest, day_first=False if both else None)


def _named_days(text: str, language: str | None) -> Iterator[DayFound]:
    """Read a month's name with a day and a year near it: in the language, then in any."""
    tokens = list(_TOKEN.finditer(text))
    own = months_of(language) if language else {}
    for months in (own, None) if own else (None,):
        found = tuple(_named_in(text, tokens, months))
        if found:
            yield from found
            return


def _named_in(
    text: str, tokens: list[re.Match[str]], months: Mapping[str, int] | None
) -> Iterator[DayFound]:
    """Read a day by the month names of one language, or None for those all languages agree on."""
    for index, token in enumerate(tokens):
        if token[0].isdigit():
            continue
        first = plain(token[0])
        for count in (2, 1):
            if count == 2 and (first not in _first_words() or index + 1 == len(tokens)):
                continue
            last = tokens[index + count - 1]
            name = plain(text[token.start() : last.end()]) if count == 2 else first
            month = _month(name, months)
            if month is None:
                continue
            parts = _day_and_year(text, tokens, index, index + count)
            if parts is None:
                continue
            day, year, span = parts
            rest = text[: span[0]] + " " + text[span[1] :]
            if name in JALALI_MONTHS and is_jalali_year(year):
                month = JALALI_MONTHS[name]
            yield from _found(year, month, day, rest)
            return


@cache
def _first_words() -> frozenset[str]:
    """Return the first words of the months with names of two words."""
    return frozenset(
        name.partition(" ")[0] for name in months_anywhere() if " " in name
    )


def _month(name: str, months: Mapping[str, int] | None) -> int | None:
    """Return a month's number in one language's names, or where all languages agree."""
    if months is not None:
        return _lookup(name, months)
    numbers = _lookup_any(name)
    if numbers is not None and len(numbers) == 1:
        return next(iter(numbers))
    return JALALI_MONTHS.get(name)


def _lookup(name: str, months: Mapping[str, int]) -> int | None:
    found = months.get(name)
    if found is None and name.startswith(_PREFIXES):
        found = months.get(name[1:])
    return found


def _lookup_any(name: str) -> frozenset[int] | None:
    months = months_anywhere()
    found = months.get(name)
    if found is None and name.startswith(_PREFIXES):
        found = months.get(name[1:])
    return found


def _day_and_year(
    text: str, tokens: list[re.Match[str]], start: int, end: int
) -> tuple[int, int, tuple[int, int]] | None:
    """Return day, year and the span of a date around the month's tokens."""
    before = [
        token for token in tokens[max(0, start - 3) : start] if token[0].isdigit()
    ]
    after = [token for token in tokens[end : end + 4] if token[0].isdigit()]
    days = [
        token
        for token in (*reversed(before), *after)
        if len(token[0]) <= 2 and not _is_clock(text, token)
    ]
    years = [token for token in (*after, *reversed(before)) if len(token[0]) == 4]
    if not days:
        return None
    day = days[0]
    year = years[0] if years else _short_year(days[1:], day, after)
    if year is None or not 1 <= int(day[0]) <= 31:
        return None
    number = int(year[0]) if len(year[0]) == 4 else 2000 + int(year[0])
    spans = [day.span(), year.span(), (tokens[start].start(), tokens[end - 1].end())]
    return (
        int(day[0]),
        number,
        (min(span[0] for span in spans), max(span[1] for span in spans)),
    )


def _short_year(
    more: list[re.Match[str]], day: re.Match[str], after: list[re.Match[str]]
) -> re.Match[str] | None:
    """Return the two-digit year of "28 Apr 25": right behind the month, day before."""
    if (
        after
        and more
        and more[0] is after[0]
        and day not in after
        and len(more[0][0]) == 2
    ):
        return more[0]
    return None


def _is_clock(text: str, token: re.Match[str]) -> bool:
    """Tell whether a number is part of 14:30, 14.30 or 14h30."""
    around = text[max(0, token.start() - 1) : token.end() + 2]
    return re.search(r"\d[:：h]|[:：h]\d|\d\.\d", around) is not None


def _found(
    year: int, month: int, day: int, rest: str, *, day_first: bool | None = None
) -> Iterator[DayFound]:
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


def _without(text: str, match: re.Match[str]) -> str:
    return text[: match.start()] + " " + text[match.end() :]
