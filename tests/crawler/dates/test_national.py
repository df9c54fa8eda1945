"""Days of the Ethiopian and Nepali calendars, of Afghan months, and in words lately learned."""

from datetime import UTC, date, datetime

import pytest

from crawler.dates import stated_moments
from crawler.dates.national import ethiopian_date, nepali_date
from crawler.dates.text import is_day_alone

_NOW = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ((2016, 1, 1), date(2023, 9, 12)),
        ((2018, 1, 1), date(2025, 9, 11)),
        ((2015, 13, 6), date(2023, 9, 11)),
        ((2018, 13, 6), None),
        ((2018, 2, 31), None),
        ((1900, 1, 1), None),
    ],
)
def test_an_ethiopian_day_is_a_common_one(
    day: tuple[int, int, int], expected: date | None
) -> None:
    assert ethiopian_date(*day) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ((2081, 1, 1), date(2024, 4, 13)),
        ((2082, 1, 1), date(2025, 4, 14)),
        ((2046, 1, 1), date(1989, 4, 13)),
        ((2083, 1, 32), None),
        ((2045, 1, 1), None),
        ((2091, 1, 1), None),
    ],
)
def test_a_nepali_day_is_that_of_the_table(
    day: tuple[int, int, int], expected: date | None
) -> None:
    assert nepali_date(*day) == expected


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("ኅዳር 14 ቀን 2019", date(2026, 11, 23)),
        ("14 ኅዳር 2019", date(2026, 11, 23)),
        ("९ मंसिर २०८३, बुधबार", date(2026, 11, 25)),
        ("२०८३ मंसिर ९ गते बुधबार", date(2026, 11, 25)),
        ("۲ قوس ۱۴۰۵", date(2026, 11, 23)),
        ("2026 оны 11 сарын 13", date(2026, 11, 13)),
        ("2026 оны 11-р сарын 13-ны өдөр", date(2026, 11, 13)),
        ("2026ko azaroaren 19a", date(2026, 11, 19)),
        ("19 Oṣù Kọkànlá 2026", date(2026, 11, 19)),
        ("2026 නොවැම්බර් 22", date(2026, 11, 22)),
        ("၁၉ နိုဝင်ဘာ ၂၀၂၆", date(2026, 11, 19)),
        ("21ê Mijdarê 2026", date(2026, 11, 21)),
    ],
)
def test_a_line_that_is_a_day_is_read(line: str, day: date) -> None:
    found = stated_moments(line, captured_at=_NOW)

    assert [moment.at.date() for moment in found] == [day]
    assert is_day_alone(line, None)


@pytest.mark.parametrize("line", ["قوس 2 2026", "माघ 12 2026", "መስከረም 3 2026"])
def test_a_month_of_another_calendar_has_no_common_year(line: str) -> None:
    assert not [
        m
        for m in stated_moments(line, captured_at=_NOW)
        if m.at.year in {2026, 2033, 2034}
    ]
