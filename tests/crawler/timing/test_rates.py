"""The rhythm of a page's news, learned from its readings."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from math import exp
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.timing.rates import Rhythm, Week, learn, read_rhythm, rhythm_document

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)


def lived(
    *,
    days: int,
    each_day: Sequence[int],
    weekdays: Sequence[int] = range(7),
    zone: str = "UTC",
    start: datetime = MONDAY,
) -> Rhythm:
    """Return what hourly readings learn of a page with news at these local hours."""
    place = ZoneInfo(zone)
    rhythm = Rhythm(at=start)
    for hour in range(1, days * 24 + 1):
        now = start + hour * HOUR
        moment = now - HOUR / 2
        local = moment.astimezone(place)
        came = local.hour in each_day and local.weekday() in weekdays
        stated = [moment] if came else []
        rhythm = learn(rhythm, stated, listed=10, now=now, zone=place)
    return rhythm


def test_the_level_is_what_a_day_brings() -> None:
    assert lived(days=28, each_day=range(8, 18)).level == pytest.approx(10, rel=0.1)


def test_the_busy_hours_are_learned() -> None:
    week = Week.of(lived(days=28, each_day=[9, 10, 11]), UTC)

    assert week.usual(0, 10) > 20 * week.usual(0, 22)


def test_the_days_of_rest_are_learned() -> None:
    week = Week.of(lived(days=28, each_day=[9, 10, 11], weekdays=range(5)), UTC)

    assert week.usual(2, 10) > 5 * week.usual(6, 10)


def test_little_evidence_says_little_of_hours() -> None:
    one = learn(
        Rhythm(at=MONDAY), [MONDAY + HOUR], listed=1, now=MONDAY + DAY, zone=UTC
    )
    week = Week.of(one, UTC)

    assert week.usual(0, 1) < 4 * week.usual(3, 15)


def test_a_day_of_the_week_that_was_not_lived_through_is_no_day_of_rest() -> None:
    """After one busy day, the next one is expected to be as busy."""
    week = Week.of(lived(days=1, each_day=range(24)), UTC)

    assert week.usual(1, 0) == pytest.approx(week.usual(0, 12), rel=0.1)


def test_an_hour_that_was_not_lived_through_is_no_quiet_one() -> None:
    morning = [MONDAY + n * HOUR / 60 for n in range(1, 360)]
    rhythm = learn(
        Rhythm(at=MONDAY), morning, listed=20, now=MONDAY + DAY / 2, zone=UTC
    )
    week = Week.of(rhythm, UTC)

    assert week.usual(0, 18) == pytest.approx(rhythm.level / 24, rel=0.1)
    assert week.usual(0, 10) < week.usual(0, 18) / 10  # it was, and brought nothing


def test_hours_are_the_newsrooms_own_across_daylight_saving() -> None:
    """An hour's shift of the clock, on 29 March, shifts nothing that was learned."""
    berlin = "Europe/Berlin"
    week = Week.of(lived(days=42, each_day=[8], zone=berlin), ZoneInfo(berlin))
    summer = datetime(2026, 4, 13, 5, tzinfo=UTC)  # 07:00 there

    rates = [rate for _, rate in islice(week.ahead(summer, ZoneInfo(berlin)), 4)]

    assert max(rates) == rates[1]


def test_a_stated_time_before_the_last_reading_is_not_believed() -> None:
    known = lived(days=14, each_day=[9])
    late = learn(known, [known.at - 5 * DAY], listed=10, now=known.at + HOUR, zone=UTC)

    assert late.hours[known.at.hour] > known.hours[known.at.hour] + 0.9


def test_articles_without_a_time_are_spread_over_the_time_since() -> None:
    rhythm = learn(
        Rhythm(at=MONDAY), [None] * 12, listed=12, now=MONDAY + 12 * HOUR, zone=UTC
    )

    assert rhythm.hours == (1.0,) * 12 + (0.0,) * 12


def test_a_first_list_tells_the_rate_by_its_times() -> None:
    stated = [MONDAY - n * HOUR for n in range(24)]
    rhythm = learn(None, stated, listed=24, now=MONDAY, zone=UTC)

    assert rhythm.days == pytest.approx(23 / 24, rel=0.05)
    assert rhythm.level == pytest.approx(12, rel=0.1)  # shrunk: it is one day


def test_a_first_list_without_times_tells_nothing() -> None:
    rhythm = learn(None, [None] * 20, listed=20, now=MONDAY, zone=UTC)

    assert (rhythm.days, rhythm.listed) == (0.0, 20)


def test_a_silent_page_fades_but_is_never_forgotten() -> None:
    busy = lived(days=28, each_day=range(24))
    silent = learn(busy, [], listed=10, now=busy.at + 60 * DAY, zone=UTC)

    assert 0 < silent.level < busy.level / 10


def test_breaking_news_makes_a_spell_that_fades() -> None:
    calm = lived(days=28, each_day=[9, 12, 15])
    burst = [calm.at + HOUR * n / 10 for n in range(10)]
    hot = learn(calm, burst, listed=20, now=calm.at + HOUR, zone=UTC)
    later = learn(hot, [], listed=20, now=hot.at + DAY, zone=UTC)

    assert hot.spell > 3
    assert later.spell < 1.1


def test_nothing_on_the_list_leaves_the_last_ones_word() -> None:
    known = learn(None, [None], listed=30, asks=HOUR, now=MONDAY, zone=UTC)
    unmodified = learn(known, [], listed=0, now=MONDAY + HOUR, zone=UTC)

    assert (unmodified.listed, unmodified.asks_s) == (30, 3600.0)


@pytest.mark.parametrize("days", [1, 400])
def test_a_clock_set_back_teaches_nothing_wrong(days: int) -> None:
    known = lived(days=7, each_day=range(8, 18))
    back = learn(known, [], listed=10, now=known.at - days * DAY, zone=UTC)

    assert back.days == pytest.approx(known.days)
    assert back.spell == pytest.approx(known.spell)


@given(
    st.lists(st.integers(0, 200), max_size=30),
    st.integers(0, 10**6),
)
def test_a_rhythm_survives_being_kept(minutes: list[int], passed: int) -> None:
    now = MONDAY + timedelta(seconds=passed)
    stated = [MONDAY + timedelta(minutes=m) for m in minutes]
    rhythm = learn(Rhythm(at=MONDAY), stated, listed=len(stated), now=now, zone=UTC)

    kept = read_rhythm(rhythm_document(rhythm))

    assert kept.at == rhythm.at
    assert kept.level == pytest.approx(rhythm.level, rel=1e-2)
    assert Week.of(kept, UTC).usual(0, 1) == pytest.approx(
        Week.of(rhythm, UTC).usual(0, 1), rel=1e-2
    )


def test_a_stated_time_ahead_is_not_believed() -> None:
    known = lived(days=14, each_day=[9])
    early = learn(
        known, [known.at + 5 * HOUR], listed=10, now=known.at + HOUR, zone=UTC
    )

    assert early.hours[known.at.hour] > known.hours[known.at.hour] + 0.9


@pytest.mark.parametrize(
    ("hours", "news"),
    [((0, 30), 1), ((0, 30, 24 * 20), 1), ((0,), 0)],
    ids=["two", "one of long ago", "one"],
)
def test_a_first_list_counts_what_came_since_its_oldest(
    hours: tuple[int, ...], news: int
) -> None:
    stated = [MONDAY - n * HOUR for n in hours]
    rhythm = learn(None, stated, listed=9, now=MONDAY, zone=UTC)

    assert rhythm.news == news
    assert rhythm.days == pytest.approx(1.25 * news, rel=0.1)


def test_a_page_that_keeps_its_pace_has_no_spell() -> None:
    assert lived(days=14, each_day=range(24)).spell == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("lately", "expected", "spell"), [(500.0, 0.0, 12.0), (0.0, 500.0, 0.3)]
)
def test_a_spell_has_its_bounds(lately: float, expected: float, spell: float) -> None:
    assert Rhythm(at=MONDAY, lately=lately, expected=expected).spell == spell


def test_what_is_ahead_is_told_to_the_full_hour_and_then_hourly() -> None:
    week = Week(
        hours=tuple(map(float, range(24))),
        weekdays=tuple(map(float, range(1, 8))),
        spell=1.0,
    )

    ahead = islice(week.ahead(MONDAY - HOUR / 4, UTC), 3)

    assert list(ahead) == [(0.25, 23.0 * 7), (1.0, 0.0), (1.0, 1.0)]


def test_a_spell_fades_on_the_way() -> None:
    week = Week(hours=(1.0,) * 24, weekdays=(1.0,) * 7, spell=3.0)

    rates = [rate for _, rate in islice(week.ahead(MONDAY, UTC), 9)]

    assert rates[0] == 3.0
    assert rates[8] == pytest.approx(1 + 2 * exp(-2))


def test_how_long_a_sitemap_is_named_is_kept() -> None:
    known = Rhythm(at=MONDAY, lasts_s=7200.0)
    read = learn(known, [], listed=0, now=MONDAY + HOUR, zone=UTC)

    assert read_rhythm(rhythm_document(read)).lasts_s == 7200.0
