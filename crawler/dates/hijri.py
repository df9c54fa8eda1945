"""Days of the Islamic calendar as Saudi Arabia reckons it (Umm al-Qura).

Where the moon is looked for instead, a month may begin a day earlier or later: such a
day says less than one of the common calendar.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from itertools import accumulate

from crawler.dates.found import DayFound

#: Of each year from 1410 to 1500 the months of 30 days, the first in the lowest bit; the
#: others have 29 (R.H. van Gent's table, as the package hijridate 2.6 has it).
_LONG_MONTHS = (
    "95d 2da 5d9 db2 ba4 b4a a55 2b5 575 b6a bd2 bc4 b89 a95 52d 5ad b6a 6d4 dc9 d92 "
    "aa6 956 2ae 56d 36a b55 aaa 94d 49d 95d 2ba 5b5 5aa d55 a9a 92e 26e 55d ada 6d4 "
    "6a5 54b a97 54e aae 5ac ba9 d92 b25 64b cab 55a b55 6d2 ea5 e4a a95 52d aad 36c "
    "759 6d2 695 52d a5b 4ba 9ba 3b4 b69 b52 aa6 4b6 96d 2ec 6d9 eb2 d54 d2a a56 4ae "
    "96d d6a b54 b29 a93 52b a57 536 ab5 6aa e93"
)
_FIRST_YEAR = 1410
_FIRST_DAY = date(1989, 8, 2)
#: Letters that writers take for one another, as one.
_FOLDED = str.maketrans("أإآٱىة", "ااااي\u0647")
_MONTHS = (
    "(?:ال)?محرم(?: الحرام)?",
    "صفر(?: الخير)?",
    "ربيع (?:ال)?اول",
    "ربيع (?:ال)?(?:اخر|ثاني)",
    "جماد[ي] (?:ال)?اول[ي]?",
    "جماد[ي] (?:ال)?(?:اخر[\u0647]?|ثاني[\u0647]?)",
    "رجب(?: الفرد)?",
    "شعبان",
    "رمضان(?: المبارك)?",
    "شوال",
    "ذ[وي] ?القعد\u0647",
    "ذ[وي] ?الحج\u0647",
)
_DAY = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})\s?[-/]?\s?(?:من )?(?:شهر )?"
    rf"(?P<month>{'|'.join(f'(?P<m{n}>{name})' for n, name in enumerate(_MONTHS, 1))})"
    r"\s?[-/,،]?\s?(?:عام |سن\u0647 )?(?P<year>1[45]\d\d)(?!\d)"
    r"(?:\s?(?:\u0647ـ?|\u0647جري[\u0647ا]?)(?!\w))?"
)


def hijri_days(text: str, _language: str | None = None) -> Iterator[DayFound]:
    """Yield the day that is named with a month of the Islamic calendar, if there is one.

    Args:
        text: With digits as 0-9.
    """
    match = _found(text)
    if match is None:
        return
    month = next(n for n in range(1, 13) if match[f"m{n}"])
    day = hijri_date(int(match["year"]), month, int(match["day"]))
    if day is not None:
        yield DayFound(day=day, rest=_without(text, match))


def without_hijri_day(text: str) -> str:
    """Return a text with digits as 0-9 without its day of the Islamic calendar."""
    match = _found(text)
    return _without(text, match) if match else text


def hijri_date(year: int, month: int, day: int) -> date | None:
    """Return the Gregorian date of a day of the years 1410 to 1500, else None."""
    months = 12 * (year - _FIRST_YEAR) + month - 1
    starts = _starts()
    if not (1 <= month <= 12 and 0 <= months < len(starts) - 1 and day >= 1):
        return None
    days = starts[months] + day - 1
    return _FIRST_DAY + timedelta(days=days) if days < starts[months + 1] else None


@cache
def _starts() -> tuple[int, ...]:
    """Return how many days after the first each month begins."""
    long = (int(year, 16) for year in _LONG_MONTHS.split())
    lengths = (29 + (bits >> month & 1) for bits in long for month in range(12))
    return tuple(accumulate(lengths, initial=0))


def _found(text: str) -> re.Match[str] | None:
    return None if text.isascii() else _DAY.search(text.translate(_FOLDED))


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"
