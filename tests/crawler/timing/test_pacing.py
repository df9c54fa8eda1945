"""When a page is read next: expected news at one price, within its terms."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.timing.pacing import Terms, Why, pace, price_of, pull
from crawler.timing.rates import Rhythm

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TERMS = Terms(poll=30 * MINUTE)


def steady(each_day: float, **more: object) -> Rhythm:
    """Return the rhythm of a page with as much news at any hour."""
    days = 1000.0
    rhythm = Rhythm(
        at=MONDAY,
        news=each_day * days,
        days=days,
        hours=(each_day,) * 24,
        weekdays=(each_day * 24 / 7,) * 7,
    )
    return replace(rhythm, **more)  # type: ignore[arg-type]


def minutes(rhythm: Rhythm, terms: Terms = TERMS) -> float:
    return pace(rhythm, terms, UTC).interval / MINUTE


def test_a_page_of_twenty_articles_a_day_is_read_once_an_hour_at_first() -> None:
    assert minutes(steady(20)) == pytest.approx(60, rel=0.05)


def test_intervals_follow_the_rate_to_the_power_of_two_thirds() -> None:
    assert minutes(steady(5)) / minutes(steady(40)) == pytest.approx(4, rel=0.05)


def test_a_reading_waits_for_the_busy_hours() -> None:
    """At midnight a page of office hours is next read in the morning, then often."""
    office = tuple(60.0 if 8 <= hour < 18 else 0.0 for hour in range(24))
    page = steady(20, hours=office, weekdays=(600 / 7,) * 7)
    at_night = pace(page, TERMS, UTC)
    at_noon = pace(replace(page, at=MONDAY + 12 * HOUR), TERMS, UTC)

    assert 7 * HOUR < at_night.interval < 10 * HOUR
    assert at_noon.interval < 45 * MINUTE


def test_a_dearer_reading_comes_later() -> None:
    assert minutes(steady(20), replace(TERMS, price=2.8)) == pytest.approx(
        120, rel=0.05
    )


def test_a_list_is_read_before_it_fills_up() -> None:
    short = pace(steady(48, listed=2), TERMS, UTC)

    assert short.why is Why.WINDOW
    assert short.interval / MINUTE == pytest.approx(30, rel=0.02)


def test_nothing_is_read_sooner_than_the_floor() -> None:
    busy = pace(steady(5000), TERMS, UTC)

    assert (busy.interval, busy.why) == (10 * MINUTE, Why.FLOOR)


def test_a_source_may_be_polled_faster_by_its_operator() -> None:
    assert minutes(steady(5000), Terms(poll=2 * MINUTE)) == 2


def test_nothing_is_read_later_than_in_a_week() -> None:
    silent = pace(steady(0.0001), TERMS, UTC)

    assert (silent.interval, silent.why) == (7 * DAY, Why.CEILING)


def test_the_operators_interval_holds_until_the_rate_is_known() -> None:
    new = pace(Rhythm(at=MONDAY), TERMS, UTC)

    assert (new.interval, new.why) == (30 * MINUTE, Why.UNKNOWN)


def test_the_lists_own_ttl_is_a_floor() -> None:
    asked = pace(steady(100, asks_s=3600.0), TERMS, UTC)

    assert (asked.interval, asked.why) == (HOUR, Why.ASKED)


def test_a_ttl_does_not_let_articles_roll_out_of_the_list() -> None:
    """A template's hourly `sy:updatePeriod` on a list that is full in half of it."""
    assert minutes(steady(480, asks_s=3600.0, listed=20)) == pytest.approx(30, rel=0.05)


def test_what_the_server_says_of_its_answer_is_a_floor() -> None:
    terms = replace(TERMS, server_asks=2 * HOUR)

    assert pace(steady(480), terms, UTC).interval == 2 * HOUR


def test_a_max_age_does_not_let_articles_roll_out_of_the_list() -> None:
    """A server's `expires 1d` for all that is XML, on a list that is full in an hour."""
    terms = replace(TERMS, server_asks=DAY)

    assert minutes(steady(480, listed=20), terms) == pytest.approx(30, rel=0.05)


def test_a_boosted_page_is_read_at_the_floor() -> None:
    boosted = pace(steady(1, asks_s=3600.0), replace(TERMS, boosted=True), UTC)

    assert (boosted.interval, boosted.why) == (10 * MINUTE, Why.BOOST)


def test_the_price_makes_the_readings_that_are_asked_for() -> None:
    pages = [steady(rate) for rate in (2, 5, 10, 20, 40, 80)]

    price = price_of([pull(page, UTC) for page in pages], 100)

    made = sum(
        DAY / pace(page, replace(TERMS, price=price), UTC).interval for page in pages
    )
    assert made == pytest.approx(100, rel=0.05)


def test_a_budget_that_cannot_be_spent_makes_readings_cheap() -> None:
    page = steady(20)
    price = price_of([pull(page, UTC)], 10_000)

    assert minutes(page, replace(TERMS, price=price)) == 10


def test_a_budget_of_next_to_nothing_leaves_a_reading_a_week() -> None:
    page = steady(20)
    price = price_of([pull(page, UTC)], 0.01)

    assert pace(page, replace(TERMS, price=price), UTC).interval == 7 * DAY


def test_an_index_is_read_three_times_while_a_name_lasts() -> None:
    """Whatever its rhythm says: a name that comes and goes unseen is lost."""
    quiet = steady(0.5, lasts_s=3 * HOUR.total_seconds())

    found = pace(quiet, TERMS, UTC)

    assert (found.interval, found.why) == (HOUR, Why.WINDOW)


def test_an_index_of_much_news_is_read_as_often_as_others() -> None:
    """However long its names last."""
    busy = steady(48, lasts_s=3 * DAY.total_seconds())

    assert pace(busy, TERMS, UTC) == pace(steady(48), TERMS, UTC)
