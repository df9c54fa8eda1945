"""A time stated in UTC is put into the site's own zone where the page shows it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from crawler.dates import read_moment
from crawler.dates.local import in_local_time
from crawler.dates.zones import country_zone
from storage.model.moment import Moment

_NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _moments(*raws: str) -> list[Moment]:
    found = [read_moment(raw, captured_at=_NOW) for raw in raws]
    return [moment for moment in found if moment is not None]


def _local(first: str, *others: str, host: str = "") -> str:
    moments = _moments(first, *others)
    return in_local_time(moments, moments, host)[0].at.isoformat()


@pytest.mark.parametrize(
    ("others", "local"),
    [
        (["2025-05-07T21:10:09-04:00"], "2025-05-07T21:10:09-04:00"),
        (["2025-05-07 18:10:09"], "2025-05-07T18:10:09-07:00"),
        (["May 7, 2025 6:10 pm"], "2025-05-07T18:10:09-07:00"),
        (["2025-05-08"], "2025-05-08T01:10:09+00:00"),
        (["2025-05-06"], "2025-05-08T01:10:09+00:00"),
        (["2025-05-07 18:11:40"], "2025-05-07T21:10:09-04:00"),
        ([], "2025-05-08T01:10:09+00:00"),
    ],
)
def test_another_witness_shows_the_zone(others: list[str], local: str) -> None:
    assert _local("2025-05-08T01:10:09Z", *others) == local


def test_the_day_that_readers_see_is_the_days_name_of_the_instant() -> None:
    moments = _moments("2025-05-08T01:10:09Z", "2025-05-07")

    local = in_local_time(moments, moments)[0].at

    assert local.date().isoformat() == "2025-05-07"
    assert local == moments[0].at


def test_the_countrys_zone_comes_before_any_other() -> None:
    local = _local("2025-05-07T22:30:00Z", "2025-05-08", host="www.paper.it")

    assert local == "2025-05-08T00:30:00+02:00"


def test_a_zone_that_the_page_states_elsewhere_is_taken() -> None:
    local = _local("2025-05-07T22:30:00Z", "2025-05-08", "2025-06-01T09:00:00+03:00")

    assert local == "2025-05-08T01:30:00+03:00"


def test_a_change_after_the_day_of_the_story_shows_no_zone() -> None:
    changed = _local("2025-05-08T01:10:09Z", "2025-05-07", "2025-05-07T03:04:13Z")

    assert changed == "2025-05-08T01:10:09+00:00"


def test_midnight_of_the_country_is_a_day() -> None:
    assert _local("2025-01-07T23:00Z", host="paper.de") == "2025-01-08T00:00:00+01:00"
    assert _local("2025-01-07T21:00Z", host="paper.de") == "2025-01-07T21:00:00+00:00"
    assert _local("2025-01-07T23:00Z", host="paper.com") == "2025-01-07T23:00:00+00:00"


def test_a_clock_without_zone_gets_the_one_it_proves() -> None:
    moments = _moments("2025-05-07 18:10:09", "2025-05-08T01:10:09Z")

    local = in_local_time(moments, moments)[0]

    assert local.at.utcoffset() == timedelta(hours=-7)
    assert local.zone_stated


def test_times_with_zones_stay() -> None:
    moments = _moments("2025-05-07T18:10:09+02:00", "2025-05-08")

    assert in_local_time(moments, moments) == moments


@pytest.mark.parametrize(
    ("host", "month", "hours"),
    [
        ("paper.de", 1, 1),
        ("paper.de", 7, 2),
        ("paper.co.uk", 7, 1),
        ("paper.jp", 7, 9),
        ("paper.ro", 1, 2),
        ("paper.com", 7, None),
        ("", 7, None),
    ],
)
def test_a_country_with_one_zone_tells_it(
    host: str, month: int, hours: int | None
) -> None:
    zone = country_zone(host, datetime(2025, month, 15, tzinfo=UTC))

    assert zone == (None if hours is None else timezone(timedelta(hours=hours)))
