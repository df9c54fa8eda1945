from datetime import UTC, datetime, timedelta

import pytest

from crawler.config.plan import Plan, plan_for
from crawler.config.tree import Config, Source
from crawler.timing.when import (
    DEAD_AT,
    fresh_for,
    host_rest,
    rest,
    retry_after,
    retry_at,
    robots_expired,
    rung,
    smooth,
    wants_full_get,
)
from storage.model.exchange import Exchange

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def plan(**manners: object) -> Plan:
    config = Config.model_validate({"identity": {"contact": "a@b.example"}})
    entry = {"name": "A", "home": "https://a.example", **manners}
    return plan_for(Source.model_validate(entry), config)


@pytest.mark.parametrize(
    ("age", "pause"),
    [
        (timedelta(0), 15 * MINUTE),
        (2 * HOUR, 15 * MINUTE),
        (5 * HOUR, HOUR),
        (2 * DAY, 3 * HOUR),
        (10 * DAY, 3 * DAY),
    ],
)
def test_looks_stretch_on_the_ladder(age: timedelta, pause: timedelta) -> None:
    assert rung(age, plan()) == pause


def test_a_day_and_an_hour_is_older_than_a_day() -> None:
    """diffengine asks `timedelta.seconds` for the age, which begins anew each day."""
    assert rung(25 * HOUR, plan()) == 3 * HOUR


def test_the_ladder_scales_with_the_first_look() -> None:
    assert rung(5 * HOUR, plan(revisit="1m")) == 4 * MINUTE


def test_retries_double_from_a_minute() -> None:
    waits = [retry_at(n, now=NOW, jitter=0.5) - NOW for n in (0, 1, 2, 3)]

    assert waits == [MINUTE, 2 * MINUTE, 4 * MINUTE, 8 * MINUTE]


def test_jitter_spreads_retries_and_rests_by_a_fifth_either_way() -> None:
    retries = [retry_at(0, now=NOW, jitter=jitter) - NOW for jitter in (0.0, 1.0)]
    rests = [host_rest(0, asked=None, jitter=jitter) for jitter in (0.0, 1.0)]

    assert retries == rests == [0.8 * MINUTE, 1.2 * MINUTE]


def test_a_retry_waits_a_day_at_most_while_not_dead() -> None:
    assert retry_at(DEAD_AT - 1, now=NOW, jitter=0.5) == NOW + DAY


def test_what_is_dead_is_still_tried_weekly() -> None:
    assert retry_at(DEAD_AT, now=NOW, jitter=0.5) == NOW + 7 * DAY


def test_a_retry_never_undercuts_what_the_server_asked() -> None:
    assert retry_at(0, now=NOW, jitter=0.0, at_least=HOUR) == NOW + HOUR


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        (None, None),
        ("120", 120),
        ("-1", None),
        ("9" * 30, 86400),
        ("soon", None),
        ("Sun, 01 Mar 2026 12:02:00 GMT", 120),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Sun, 01 Mar 2026 12:02:00", None),
        ("Sun, 01 Mar 2099 12:00:00 GMT", 86400),
    ],
)
def test_retry_after_is_read_and_clamped(value: str | None, pause: int | None) -> None:
    expected = None if pause is None else timedelta(seconds=pause)

    assert retry_after(value, NOW) == expected


def test_a_host_rests_for_the_longest_of_all_reasons() -> None:
    owed = rest(
        timedelta(seconds=2),
        crawl_delay=timedelta(seconds=500),
        crawl_delay_cap=timedelta(seconds=120),
        response_ms=3000,
        response_factor=2,
    )

    assert owed == timedelta(seconds=120)


def test_a_slow_host_gets_rests_in_proportion_to_its_answers() -> None:
    owed = rest(
        timedelta(seconds=2),
        crawl_delay=None,
        crawl_delay_cap=timedelta(seconds=120),
        response_ms=7000,
        response_factor=2,
    )

    assert owed == timedelta(seconds=14)


@pytest.mark.parametrize(
    ("failures", "asked", "rest"), [(0, 5, 5), (3, 5, 8), (0, 0, 1), (3, 600, 600)]
)
def test_an_overloaded_host_rests_as_it_asks_at_least(
    failures: int, asked: int, rest: int
) -> None:
    assert host_rest(failures, asked=asked * MINUTE, jitter=0.5) == rest * MINUTE


def test_an_overloaded_host_that_does_not_say_rests_longer_each_time() -> None:
    assert [host_rest(n, asked=None, jitter=0.5) for n in (0, 1, 30)] == [
        MINUTE,
        2 * MINUTE,
        4 * HOUR,
    ]


def test_the_response_time_is_smoothed() -> None:
    assert (smooth(None, 100), smooth(100, 200)) == (100, 130)


@pytest.mark.parametrize(
    ("full_at", "wanted"), [(None, True), (NOW - DAY, True), (NOW - HOUR, False)]
)
def test_a_full_get_is_made_once_a_day(full_at: datetime | None, wanted: bool) -> None:
    assert wants_full_get(full_at, NOW) is wanted


@pytest.mark.parametrize(
    ("lied_at", "wanted"), [(NOW - 29 * DAY, True), (NOW - 30 * DAY, False)]
)
def test_validators_that_lied_are_left_out_for_a_month(
    lied_at: datetime, wanted: bool
) -> None:
    assert wants_full_get(NOW - HOUR, NOW, lied_at=lied_at) is wanted


@pytest.mark.parametrize(
    ("status", "age", "expired"),
    [
        (200, 23 * HOUR, False),
        (200, 24 * HOUR, True),
        (404, 23 * HOUR, False),
        (503, 30 * MINUTE, False),
        (503, HOUR, True),
        (None, HOUR, True),
    ],
)
def test_robots_txt_is_asked_for_daily_and_hourly_after_an_error(
    status: int | None, age: timedelta, expired: bool
) -> None:
    assert robots_expired(status, NOW - age, NOW) is expired


def test_robots_txt_never_read_is_asked_for() -> None:
    assert robots_expired(None, None, NOW)


@pytest.mark.parametrize(
    ("headers", "fresh"),
    [
        ({}, timedelta(0)),
        ({"Cache-Control": "public, max-age=600"}, 10 * MINUTE),
        ({"Cache-Control": "s-maxage=9, max-age=600", "Age": "60"}, 9 * MINUTE),
        ({"Cache-Control": "max-age=60", "Age": "600"}, timedelta(0)),
        ({"Cache-Control": "s-maxage=600"}, timedelta(0)),
        ({"Cache-Control": "no-cache, max-age=600"}, timedelta(0)),
        ({"Cache-Control": "max-age=600, No-Store"}, timedelta(0)),
        ({"Cache-Control": "max-age=31536000"}, DAY),
        (
            {
                "Date": "Sun, 01 Mar 2026 12:00:00 GMT",
                "Expires": "Sun, 01 Mar 2026 13:00:00 GMT",
            },
            HOUR,
        ),
        ({"Date": "Sun, 01 Mar 2026 12:00:00 GMT", "Expires": "0"}, timedelta(0)),
        ({"Cache-Control": "max-age=soon", "Age": "old"}, timedelta(0)),
    ],
)
def test_how_long_an_answer_stays_the_same(
    headers: dict[str, str], fresh: timedelta
) -> None:
    answer = Exchange(
        url="https://a.example/feed",
        started_at=NOW,
        elapsed=MINUTE,
        request=b"",
        response=b"",
        status=200,
        headers=tuple(headers.items()),
        body=b"",
    )

    assert fresh_for(answer) == fresh
