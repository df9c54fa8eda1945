"""Read days by the names of their months: `28 April 2025`, `avr. 28, 2025`."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from crawler.dates.calendars import JALALI_MONTHS, is_jalali_year, short_year
from crawler.dates.found import DayFound, days_found
from crawler.lexicon.calendar import months_anywhere, months_of
from crawler.lexicon.forms import plain

_TOKEN = re.compile(
    r"\d+|[^\W\d_]+(?:[^\W\d_]|[\u0300-\u036f\u0900-\u0dff\u0e30-\u0e4e\u0eb0-\u0ece"
    r"\u102b-\u103e\u17b4-\u17d3\u200c\u200d])*"
)
# `May 01 10:30:00 EDT 2024` has its year six words behind the month.
_TO_YEAR = 6
#: Hebrew "in", French "of", Khmer "month".
_PREFIXES = ("ב", "d", "ខែ")


def days_of_language(text: str, language: str | None) -> Iterator[DayFound]:
    """Read a month's name of the language with a day and a year near it."""
    months = months_of(language) if language else {}
    if months:
        yield from _named_in(text, list(_TOKEN.finditer(text)), months)


def days_of_any_language(text: str, _language: str | None) -> Iterator[DayFound]:
    """Read a month's name that is none but that month's in any language."""
    yield from _named_in(text, list(_TOKEN.finditer(text)), None)


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
            day, year, rest = parts
            if name in JALALI_MONTHS:
                if is_jalali_year(year):
                    month = JALALI_MONTHS[name]
                elif name not in months_anywhere():
                    continue
            yield from days_found(year, month, day, rest)
            return


@cache
def _first_words() -> frozenset[str]:
    """Return the first words of the months with names of two: `كانون الثاني`, `เม.ย.`."""
    words = map(_TOKEN.findall, months_anywhere())
    return frozenset(name[0] for name in words if len(name) > 1)


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
        found = months.get(_without_prefix(name))
    return found


def _lookup_any(name: str) -> frozenset[int] | None:
    months = months_anywhere()
    found = months.get(name)
    if found is None and name.startswith(_PREFIXES):
        found = months.get(_without_prefix(name))
    return found


def _without_prefix(name: str) -> str:
    return name.removeprefix(next(filter(name.startswith, _PREFIXES)))


def _day_and_year(
    text: str, tokens: list[re.Match[str]], start: int, end: int
) -> tuple[int, int, str] | None:
    """Return day and year around the month's tokens, and the text without the three."""
    before = [
        token for token in tokens[max(0, start - 3) : start] if token[0].isdigit()
    ]
    after = [token for token in tokens[end : end + 4] if token[0].isdigit()]
    days = [
        token
        for token in (*reversed(before), *after)
        if len(token[0]) <= 2 and not _is_clock(text, token)
    ]
    behind = tokens[end : end + _TO_YEAR]
    years = [t for t in (*behind, *reversed(before)) if _is_year(t[0])]
    if not days:
        return None
    day = _nearest(days, before, after, tokens[start - 1 : start], behind[:1])
    year = years[0] if years else _short_year(days[1:], day, after)
    if year is None or not 1 <= int(day[0]) <= 31:
        return None
    number = int(year[0]) if len(year[0]) == 4 else short_year(year[0], text)
    month = (tokens[start].start(), tokens[end - 1].end())
    return int(day[0]), number, _without(text, sorted((day.span(), year.span(), month)))


def _nearest(
    days: Sequence[re.Match[str]],
    before: Sequence[re.Match[str]],
    after: Sequence[re.Match[str]],
    left: Sequence[re.Match[str]],
    right: Sequence[re.Match[str]],
) -> re.Match[str]:
    """Return the number that is the day: one right behind the month before one further off.

    "4 min read · Nov 24, 2026" is no 4th; in "21 de noviembre" a word stands between.
    """
    far = days[0] in before and days[0] not in left
    dated = len(after) > 1 and _is_year(after[1][0])
    near = dated and after[0] in right and after[0] in days
    return after[0] if far and near else days[0]


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return a text with spaces for some of its parts, in order."""
    ends = (0, *(end for _, end in spans))
    starts = (*(start for start, _ in spans), len(text))
    return " ".join(text[end:start] for end, start in zip(ends, starts, strict=True))


def _is_year(token: str) -> bool:
    return len(token) == 4 and token.isdigit()


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
