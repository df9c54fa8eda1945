"""Days of the Ethiopian calendar and of Nepal's Bikram Sambat, as papers there print them.

Both write the month's name in a script that no other calendar with these years uses.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from itertools import accumulate

from crawler.dates.found import DayFound

_ETHIOPIAN_MONTHS = (
    "መስከረም", "ጥቅምት", "[ኅሕህኀ]ዳር", "ታ[ኅሕህኀ]?[ሣሳ]ስ", "ጥር", "የካቲት", "መጋቢት", "ሚያዝያ|ሚያዚያ", "ግንቦት",
    "ሰኔ", "[ሐሀኀ]ምሌ", "ነ[ሐሀኀ]ሴ", "[ጳጰ]?[ጉጕ]ሜን?",
)  # fmt: skip
_NEPALI_MONTHS = (
    "बैशाख|वैशाख", "जेठ|जेष्ठ|ज्येष्ठ", "असार|आषाढ", "साउन|श्रावण", "भदौ|भाद्र", "असोज|आश्विन|अश्विन",
    "कार्तिक|कात्तिक|कार्त्तिक", "मंसिर|मङ्सिर|मार्ग", "पुस|पुष|पौष", "माघ", "फागुन|फाल्गुन", "चैत|चैत्र",
)  # fmt: skip
_ETHIOPIAN_YEARS = range(1982, 2060)
#: 1 Meskerem of the year 1.
_ETHIOPIAN_START = date(8, 8, 27)
_NEPALI_START = date(1989, 4, 13)
_FIRST_NEPALI = 2046
_BETWEEN = r"[\s,፣،/-]{1,3}(?:(?:ቀን|ቀን፣|गते)[\s,]{1,2})?"
#: Of each Nepali year from 2046 on the days of its months over 29 (the package
#: nepali-datetime 1.0.8 has the table; future years are as foretold).
_NEPALI_LENGTHS = (
    "232321110012 222322101011 223222101011 232321110011 232321110102 222322101011 223222101011 232321110011 "
    "232321110102 223222101011 223231101011 232321110012 132321110102 223222101011 223321101011 232321110012 "
    "222322010102 223222101011 223321101011 232321110012 222322011002 223222101011 223321101011 232321110012 "
    "222322011011 223222101011 232321101011 232321110012 222322101011 223222101011 232321110011 232321110102 "
    "222322101011 223222101011 232321110011 232321110102 223222101011 223222101011 223221110111 232312110111 "
    "132321110111 223222101111 123312110111 132321110111 132321110111"
)  # fmt: skip


def national_days(text: str, _language: str | None = None) -> Iterator[DayFound]:
    """Yield the day that is named with an Ethiopian or Nepali month, if there is one.

    Args:
        text: With digits as 0-9.
    """
    if text.isascii():
        return
    for months, day_of in (
        (_ETHIOPIAN_MONTHS, ethiopian_date),
        (_NEPALI_MONTHS, nepali_date),
    ):
        for found in filter(None, (p.search(text) for p in _patterns(months))):
            month = next(n for n in range(1, len(months) + 1) if found[f"m{n}"])
            day = day_of(int(found["year"]), month, int(found["day"]))
            if day is not None:
                rest = f"{text[: found.start()]} {text[found.end() :]}"
                yield DayFound(day=day, rest=rest)
                return


def ethiopian_date(year: int, month: int, day: int) -> date | None:
    """Return the Gregorian date of an Ethiopian one, or None if there is none."""
    last = (6 if year % 4 == 3 else 5) if month == 13 else 30
    if year not in _ETHIOPIAN_YEARS or not (1 <= month <= 13 and 1 <= day <= last):
        return None
    days = 365 * (year - 1) + year // 4 + 30 * (month - 1) + day - 1
    return _ETHIOPIAN_START + timedelta(days=days)


def nepali_date(year: int, month: int, day: int) -> date | None:
    """Return the Gregorian date of a Nepali one of 2046 to 2090, or None."""
    lengths = _nepali_lengths()
    place = 12 * (year - _FIRST_NEPALI) + month - 1
    if not (1 <= month <= 12 and 0 <= place < len(lengths)):
        return None
    if not 1 <= day <= lengths[place]:
        return None
    return _NEPALI_START + timedelta(days=_nepali_starts()[place] + day - 1)


@cache
def _patterns(months: Sequence[str]) -> tuple[re.Pattern[str], ...]:
    """Return the patterns of the three orders in which day, month and year stand."""
    names = "|".join(f"(?P<m{n}>{names})" for n, names in enumerate(months, 1))
    month = rf"(?<!\w)(?:{names})(?![\w\u0900-\u097f])"
    day, year = r"(?<!\d)(?P<day>\d{1,2})(?!\d)", r"(?<!\d)(?P<year>\d{4})(?!\d)"
    orders = (day, month, year), (month, day, year), (year, month, day)
    return tuple(re.compile(_BETWEEN.join(order)) for order in orders)


@cache
def _nepali_lengths() -> tuple[int, ...]:
    return tuple(29 + int(days) for year in _NEPALI_LENGTHS.split() for days in year)


@cache
def _nepali_starts() -> tuple[int, ...]:
    """Return how many days after the first each month begins."""
    return tuple(accumulate(_nepali_lengths(), initial=0))
