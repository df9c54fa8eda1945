from datetime import UTC, datetime

import pytest

from crawler.discover.dates import feed_date

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = datetime(2026, 11, 22, tzinfo=UTC)

READ = {
    "Sun, 22 Nov 2026 12:00:00 GMT": NOON,
    "Sun, 22 Nov 2026 12:00:00 +0000": NOON,
    "22 Nov 2026 19:00 +07:00": NOON,
    "Sun, 22 Nov 26 07:00:00 EST": NOON,
    "Sunday, 22-Nov-26 12:00:00 GMT": NOON,
    "Sun, 22 Nov 2026 19:00:00 WIB": NOON,
    "Min, 22 Nov 2026 20:00:00 WITA": NOON,
    "Minggu, 22 November 2026 19:00 GMT+7": NOON,
    "Sun, 22 Nov 2026 17:30:00 UTC+05:30": NOON,
    "Sun, 22 Nov 2026 13:00:00 +0100 (CET)": NOON,
    "Sun, 22 Nov 2026 12:00:60 GMT": NOON.replace(second=59),
    "Sun, 22 Nov 2026 12:00:00 XYZ": NOON,
    "dim., 22 nov. 2026 13:00:00 +0100": NOON,
    "November 22, 2026 12:00": NOON,
    "2026-11-22T12:00:00Z": NOON,
    "2026-11-22T19:00:00.123+07:00": NOON,
    "2026-11-22 12:00:00": NOON,
    "20261122T120000Z": NOON,
    "20261122T1200Z": NOON,
    "20261122": DAY,
    "2026-11-22": DAY,
    "2026/11/22": DAY,
    "Sun, 22 Nov 2569 19:00:00 +0700": NOON,
    "1405-09-01T15:30:00+03:30": NOON,
    "2026-11": datetime(2026, 11, 1, tzinfo=UTC),
    "22 Agustus 2026": datetime(2026, 8, 22, tzinfo=UTC),
    "22 Desember 2026": datetime(2026, 12, 22, tzinfo=UTC),
    "22 août 2026": datetime(2026, 8, 22, tzinfo=UTC),
    "22 März 2026": datetime(2026, 3, 22, tzinfo=UTC),
    "22 juillet 2026": datetime(2026, 7, 22, tzinfo=UTC),
    "22 juin 2026": datetime(2026, 6, 22, tzinfo=UTC),
    "22 enero 2026": datetime(2026, 1, 22, tzinfo=UTC),
    "1 Jan 99 00:00:00 GMT": datetime(1999, 1, 1, tzinfo=UTC),
}

HOPELESS = [
    "",
    "soon",
    "0000-00-00T00:00:00Z",
    "0000-00-00",
    "32.13.2024",
    "1970-01-01T00:00:00Z",
    "2026-02-30",
    "22 Quatember 2026",
    "9999-12-31T23:59:59-14:00",
    "Sun, 22 Nov 2026 12:00:00 GMT" + " " * 10 + "x" * 80,
    "2026-11-22T25:61:00Z",
]


@pytest.mark.parametrize("raw", READ)
def test_a_date_is_read(raw: str) -> None:
    assert feed_date(raw) == READ[raw]


@pytest.mark.parametrize("raw", HOPELESS)
def test_a_hopeless_date_is_none(raw: str) -> None:
    assert feed_date(raw) is None


def test_no_date_is_none() -> None:
    assert feed_date(None) is None
