"""Days of the Islamic calendar."""

from datetime import date

import pytest

from crawler.dates.hijri import hijri_date
from crawler.dates.text import is_day_alone, is_hijri_day


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ((1410, 1, 1), date(1989, 8, 2)),
        ((1421, 9, 1), date(2000, 11, 27)),
        ((1440, 1, 1), date(2018, 9, 11)),
        ((1447, 5, 9), date(2025, 10, 31)),
        ((1500, 12, 30), date(2077, 11, 16)),
        ((1446, 9, 30), None),
        ((1447, 13, 1), None),
        ((1447, 1, 0), None),
        ((1409, 12, 1), None),
        ((1501, 1, 1), None),
    ],
)
def test_a_day_is_that_of_the_table(
    day: tuple[int, int, int], expected: date | None
) -> None:
    assert hijri_date(*day) == expected


@pytest.mark.parametrize(
    ("line", "alone", "only"),
    [
        ("9 جمادى الأولى 1447 هـ", True, True),
        ("الجمعة ٩ جمادي الاولى ١٤٤٧هـ", True, True),
        ("الخميس 9 جمادى الأولى 1447 هـ - 30 أكتوبر 2025م", True, False),
        ("12 ذو الحجة 1446هـ الموافق 8 يونيو 2025", True, False),
        ("في 9 رمضان 1447 أعلنت الهيئة عن موعد العيد", False, True),
        ("30 أكتوبر 2025", True, False),
    ],
)
def test_a_line_that_is_such_a_day_is_known(line: str, alone: bool, only: bool) -> None:
    assert is_day_alone(line, "ar") is alone
    assert is_hijri_day(line, "ar") is only
