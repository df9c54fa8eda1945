"""Years and days of other calendars, as Gregorian ones."""

import re
from datetime import date, timedelta

#: As in Iran, then as in Afghanistan, in Dari and in Pashto.
JALALI_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "فروردین|فروردين|حمل|وری|وري",
            "اردیبهشت|ارديبهشت|ثور|غویی|غويی|غويي",
            "خرداد|جوزا|غبرګولی|غبرګولي",
            "تیر|تير|سرطان|چنګاښ",
            "مرداد|امرداد|اسد|زمری|زمري",
            "شهریور|شهريور|سنبله|وږی|وږي",
            "مهر|میزان|ميزان|تله",
            "آبان|ابان|عقرب|لړم",
            "آذر|اذر|قوس|لیندۍ|ليندۍ",
            "دی|دي|جدی|جدي|مرغومی|مرغومي",
            "بهمن|دلو|سلواغه",
            "اسفند|حوت|کب",
        ),
        start=1,
    )
    for name in names.split("|")
}
_ERAS = {
    "令和": 2018,
    "平成": 1988,
    "昭和": 1925,
    "民國": 1911,
    "民国": 1911,
    "r": 2018,
    "h": 1988,
}
ERA_NAMES = "令和|平成|昭和|民國|民国"

_BUDDHIST = range(2500, 2600)
_BUDDHIST_SHORT = 43  # 2543 is 2000
_THAI = re.compile("[\u0e01-\u0e5b]")
_JALALI = range(1360, 1450)
# Years of the 33-year arithmetic cycle that are leap, good for 1343-1472.
_JALALI_LEAPS = frozenset((1, 5, 9, 13, 17, 22, 26, 30))


def era_year(era: str, year: str) -> int:
    """Return the Gregorian year of a Japanese era year or a Taiwanese one."""
    return _ERAS[era] + (1 if year == "元" else int(year))


def common_year(year: int) -> int:
    """Return the Gregorian year of a year that may be Buddhist (Thailand)."""
    return year - 543 if year in _BUDDHIST else year


def short_year(digits: str, text: str) -> int:
    """Return the Gregorian year of two digits: in Thai text Buddhist, 69 for 2569.

    Until 2043 comes, no Gregorian year of news is as high as those.
    """
    year = int(digits)
    is_buddhist = year >= _BUDDHIST_SHORT and _THAI.search(text)
    return common_year(2500 + year) if is_buddhist else 2000 + year


def is_jalali_year(year: int) -> bool:
    """Tell whether a year can only be one of the Iranian solar calendar."""
    return year in _JALALI


def jalali_date(year: int, month: int, day: int) -> date | None:
    """Return the Gregorian date of an Iranian solar one, or None if there is none."""
    days_in_month = 31 if month <= 6 else 30
    if month == 12 and not _is_leap(year):
        days_in_month = 29
    if not (1 <= month <= 12 and 1 <= day <= days_in_month and is_jalali_year(year)):
        return None
    before = min(month - 1, 6) * 31 + max(month - 7, 0) * 30 + day - 1
    return _NOWRUZ_1360 + timedelta(days=_days_to_year(year) + before)


_NOWRUZ_1360 = date(1981, 3, 21)


def _days_to_year(year: int) -> int:
    return sum(366 if _is_leap(passed) else 365 for passed in range(1360, year))


def _is_leap(year: int) -> bool:
    return year % 33 in _JALALI_LEAPS
