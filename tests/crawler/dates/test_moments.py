"""Dates are read with their zone, and an open order is never guessed."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.dates import possible_moments, read_moment
from storage.model.moment import Precision

_NOW = datetime(2025, 6, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "language", "expected"),
    [
        ("2025-04-29T03:10:02.118Z", None, "2025-04-29T03:10:02.118000+00:00"),
        ("2025-04-28T14:30:00+07:00", None, "2025-04-28T14:30:00+07:00"),
        ("2025-04-28 14:30:00 +0700", None, "2025-04-28T14:30:00+07:00"),
        ("20250428T143000Z", None, "2025-04-28T14:30:00+00:00"),
        ("Mon, 28 Apr 2025 14:30:00 GMT", None, "2025-04-28T14:30:00+00:00"),
        ("Mon, 28 Apr 2025 14:30 EST", None, "2025-04-28T14:30:00-05:00"),
        ("1745812345", None, "2025-04-28T03:52:25+00:00"),
        ("Senin, 28 April 2025 | 14.30 WIB", "id", "2025-04-28T14:30:00+07:00"),
        ("Senin, 28 April 2025 - 14.30 WIB", "id", "2025-04-28T14:30:00+07:00"),
        ("Mon Apr 28 14:30:00 EDT 2025", "en", "2025-04-28T14:30:00-04:00"),
        ("Stand des Artikels: 28. April 2025", "de", "2025-04-28T00:00:00+00:00"),
        ("Thứ hai, 28/4/2025, 14:30 (GMT+7)", "vi", "2025-04-28T14:30:00+07:00"),
        ("ngày 28 tháng 4 năm 2025", "vi", "2025-04-28T00:00:00+00:00"),
        ("28 апреля 2025, 14:30 МСК", "ru", "2025-04-28T14:30:00+03:00"),
        ("April 28, 2025 at 3:45 PM ET", "en", "2025-04-28T15:45:00-04:00"),
        ("January 8, 2025 at 12:45 am ET", "en", "2025-01-08T00:45:00-05:00"),
        ("28 avril 2025 à 14h30", "fr", "2025-04-28T14:30:00+00:00"),
        ("2025년 4월 28일 오후 2:30", "ko", "2025-04-28T14:30:00+00:00"),
        ("9/12/05 20:02:45", "zh", None),
        ("Submitted on Sat, 04/26/2025 - 14:30", "en", "2025-04-26T14:30:00+00:00"),
        ("25.04.28", "ko", "2025-04-28T00:00:00+00:00"),
        ("平成31年4月30日", "ja", "2019-04-30T00:00:00+00:00"),
        ("令和元年5月1日", "ja", "2019-05-01T00:00:00+00:00"),
        ("民國114年4月28日", "zh-Hant", "2025-04-28T00:00:00+00:00"),
        ("28 เม.ย. 2568 เวลา 14:30 น.", "th", "2025-04-28T14:30:00+00:00"),
        ("28 เม.ย. 68 เวลา 14:30 น.", "th", "2025-04-28T14:30:00+00:00"),
        ("28 เม.ย. 25", "th", "2025-04-28T00:00:00+00:00"),
        ("2568-04-28T14:30:00+07:00", None, "2025-04-28T14:30:00+07:00"),
        ("2568-04-28", "th", "2025-04-28T00:00:00+00:00"),
        ("1404-02-08T14:30:00+03:30", None, "2025-04-28T14:30:00+03:30"),
        ("1404-02-31", "fa", "2025-05-21T00:00:00+00:00"),
        ("ថ្ងៃទី២៨ ខែមេសា ឆ្នាំ២០២៥", "km", "2025-04-28T00:00:00+00:00"),
        ("۸ اردیبهشت ۱۴۰۴", "fa", "2025-04-28T00:00:00+00:00"),
        ("۱۴۰۳/۱۲/۳۰", "fa", "2025-03-20T00:00:00+00:00"),
        ("2025. április 28. 14:30", "hu", "2025-04-28T14:30:00+00:00"),
        ("3. listopada 2024", "hr", "2024-10-03T00:00:00+00:00"),
        ("3. listopadu 2024", "cs", "2024-11-03T00:00:00+00:00"),
        ("28 Apr 25", "en", "2025-04-28T00:00:00+00:00"),
        ("9 رمضان 1446 هـ", "ar", "2025-03-09T00:00:00+00:00"),
        ("السبت ٢٩ شوّال ١٤٤٦", "ar", None),
        ("السبت ٢٩ شوال ١٤٤٦هـ 14:30", "ar", "2025-04-27T14:30:00+00:00"),
        ("29 شوال 1446 هـ الموافق 28 أبريل 2025 م", "ar", "2025-04-28T00:00:00+00:00"),
        ("28 Apr 2025 24:00", "en", "2025-04-29T00:00:00+00:00"),
        ("28 Apr 2025 23:59:60", "en", "2025-04-28T23:59:59+00:00"),
        ("2025-04-28T24:00:00Z", None, "2025-04-29T00:00:00+00:00"),
        ("2025-04-28T23:59:60+07:00", None, "2025-04-28T23:59:59+07:00"),
        ("gestern um 24:00 Uhr", "de", "2025-06-15T00:00:00+00:00"),
        ("২৮ এপ্রিল ২০২৫, ১০: ৩০", "bn", "2025-04-28T10:30:00+00:00"),
        ("28 Apr 2025, part 3: 10 questions", "en", "2025-04-28T00:00:00+00:00"),
        ("28.04.25", "de", "2025-04-28T00:00:00+00:00"),
        ("04/28/2025", "en", "2025-04-28T00:00:00+00:00"),
        ("04/04/2025", "en", "2025-04-04T00:00:00+00:00"),
        ("vor 2 Tagen", "id", "2025-06-13T00:00:00+00:00"),
        ("gestern um 14:30 Uhr", "de", "2025-06-14T14:30:00+00:00"),
        ("2 hari yang lalu", None, "2025-06-13T00:00:00+00:00"),
        ("3 ชั่วโมงที่แล้ว", "th", "2025-06-15T09:00:00+00:00"),
        ("1 bulan yang lalu", "id", "2025-05-15T00:00:00+00:00"),
        ("2 years ago", "en", "2023-06-15T00:00:00+00:00"),
        ("just now", "en", "2025-06-15T12:00:00+00:00"),
        ("hace unos 5 minutos", "es", None),
        ("2 days", "en", None),
        ("in 2 days", "en", None),
        ("2025-13-45", None, None),
        ("31/02/2025", None, None),
        ("1404/13/01", "fa", None),
        ("May 2025", "en", None),
        ("28 April 2030", "en", None),
        ("1 Jan 1970", "en", None),
        ("no date", "en", None),
        ("", None, None),
        ("x" * 300, None, None),
        ("2025-04-28T25:00:00Z", None, "2025-04-28T00:00:00+00:00"),
        ("2025-04-28 25:00", None, "2025-04-28T00:00:00+00:00"),
        ("99 Xyz 2025 10:00", "en", None),
    ],
)
def test_moment(raw: str, language: str | None, expected: str | None) -> None:
    found = read_moment(raw, captured_at=_NOW, language=language)

    assert (found.at.isoformat() if found else None) == expected


def test_an_open_order_gives_both_readings_and_no_moment() -> None:
    both = possible_moments("05/04/2025", captured_at=_NOW)

    assert [moment.at.date().isoformat() for moment in both] == [
        "2025-04-05",
        "2025-05-04",
    ]
    assert read_moment("05/04/2025", captured_at=_NOW) is None


@pytest.mark.parametrize(
    ("day_first", "expected"), [(True, "2025-04-05"), (False, "2025-05-04")]
)
def test_the_sites_order_settles_it(day_first: bool, expected: str) -> None:
    found = read_moment("05/04/2025", captured_at=_NOW, day_first=day_first)

    assert found is not None
    assert found.at.date().isoformat() == expected


def test_a_day_above_twelve_settles_it_against_the_sites_order() -> None:
    found = read_moment("28/04/2025", captured_at=_NOW, day_first=False)

    assert found is not None
    assert found.at.date().isoformat() == "2025-04-28"


@pytest.mark.parametrize(
    ("raw", "precision", "zone_stated"),
    [
        ("2025-04-28", Precision.DAY, False),
        ("2025-04-28T14:30", Precision.MINUTE, False),
        ("2025-04-28T14:30:05Z", Precision.SECOND, True),
        ("28 April 2025 14:30 WITA", Precision.MINUTE, True),
        ("2 hours ago", Precision.MINUTE, True),
        ("yesterday", Precision.DAY, False),
    ],
)
def test_precision(raw: str, precision: Precision, zone_stated: bool) -> None:
    found = read_moment(raw, captured_at=_NOW, language="en")

    assert found is not None
    assert (found.precision, found.zone_stated) == (precision, zone_stated)


@pytest.mark.parametrize(
    ("raw", "language", "expected"),
    [
        ("28 avrigl 2025", "rm", "2025-04-28T00:00:00+00:00"),
        ("28 Ebrel 2025 14:30 CEST", "br", "2025-04-28T14:30:00+02:00"),
        ("egy órája", "hu", "2025-06-15T11:00:00+00:00"),
        ("last week", "en", None),
        ("last week", "xx", None),
    ],
)
def test_what_our_tables_lack(raw: str, language: str, expected: str | None) -> None:
    found = read_moment(raw, captured_at=_NOW, language=language)

    assert (found.at.isoformat() if found else None) == expected


def test_tomorrow_is_believed_and_next_week_is_not() -> None:
    tomorrow = (_NOW + timedelta(hours=20)).isoformat()
    next_week = (_NOW + timedelta(days=7)).isoformat()

    assert read_moment(tomorrow, captured_at=_NOW) is not None
    assert read_moment(next_week, captured_at=_NOW) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("today 00:10", "2025-06-16T00:10:00+00:00"),
        ("yesterday", "2025-06-15T00:00:00+00:00"),
        ("3 hours ago", "2025-06-15T12:40:00+00:00"),
    ],
)
def test_days_are_counted_by_the_clock_of_the_capture(raw: str, expected: str) -> None:
    tokyo = datetime(2025, 6, 16, 0, 40, tzinfo=timezone(timedelta(hours=9)))

    found = read_moment(raw, captured_at=tokyo, language="en")

    assert found is not None
    assert found.at.isoformat() == expected


@given(st.text(max_size=60))
def test_any_text_can_be_asked(raw: str) -> None:
    for moment in possible_moments(raw, captured_at=_NOW):
        assert moment.at.tzinfo is not None


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("4 min read · Nov 24, 2026", 24),
        ("3 comments, November 12, 2026", 12),
        ("21 de noviembre de 2026", 21),
        ("4 November 2026, 12 comments", 4),
    ],
)
def test_a_count_before_a_month_is_not_its_day(raw: str, day: int) -> None:
    found = read_moment(raw, captured_at=datetime(2026, 11, 28, tzinfo=UTC))
    assert found is not None
    assert found.at.date() == date(2026, 11, day)
