"""The simulator of polling rules, small."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.bench._polling_rules import Fixed, MedianAlone, Ours
from tests.bench._timelines import START, Item, Timeline, mixed, recorded
from tests.bench.schedule_sim import (
    EQUAL,
    WARM_UP,
    at_equal_requests,
    least_lags,
    replay,
)

WEEKS = 3
END = START + timedelta(weeks=WEEKS)
HOUR = timedelta(hours=1)


def published(window: int, *minutes: int) -> Timeline:
    since = START + WARM_UP
    items = (since + timedelta(minutes=m) for m in minutes)
    return Timeline(
        name="a",
        kind="a",
        window=window,
        items=tuple(Item(shown=at, stated=at) for at in items),
    )


def test_a_seed_makes_the_same_timelines() -> None:
    assert mixed(1, 3, WEEKS) == mixed(1, 3, WEEKS)
    assert mixed(1, 3, WEEKS) != mixed(2, 3, WEEKS)


def test_a_late_reading_loses_what_rolled_out_of_the_feed() -> None:
    outcome = replay([published(2, 60, 61, 62, 63, 64)], Fixed(24.0), END)

    assert [lag < 1e9 for lag in outcome.lags] == [True, True, False, False, False]


def test_rules_are_compared_at_equal_requests() -> None:
    timelines = mixed(1, 12, WEEKS)
    feed_days = 12 * ((END - START - WARM_UP) / timedelta(days=1))
    requests = 24 * feed_days

    _, ours = at_equal_requests(timelines, Ours, END, requests)
    _, fixed = at_equal_requests(timelines, Fixed, END, requests)

    assert ours.requests == pytest.approx(requests, rel=EQUAL)
    assert fixed.requests == pytest.approx(requests, rel=EQUAL)
    assert 2 * ours.lags[len(ours.lags) // 2] < fixed.lags[len(fixed.lags) // 2]


def test_the_median_alone_is_served_at_the_cost_of_the_mean() -> None:
    timelines = mixed(1, 12, WEEKS)
    requests = 24 * 12 * ((END - START - WARM_UP) / timedelta(days=1))

    _, ours = at_equal_requests(timelines, Ours, END, requests)
    _, alone = at_equal_requests(timelines, MedianAlone, END, requests)

    middle = len(ours.lags) // 2
    assert alone.lags[middle] < ours.lags[middle]
    assert sum(min(lag, 1e4) for lag in alone.lags) > sum(
        min(lag, 1e4) for lag in ours.lags
    )


def test_who_knows_all_times_reads_when_a_run_ends() -> None:
    lags = least_lags([published(9, 0, 1, 2, 600, 601)], requests=2)

    assert lags == [0.0, 0.0, 1.0, 1.0, 2.0]


def test_recorded_timelines_are_read(tmp_path: Path) -> None:
    path = tmp_path / "times.jsonl"
    path.write_text(
        '{"source": "a", "at": "2026-02-03T10:00:00+07:00"}\n'
        '{"source": "a", "at": "2026-02-03T01:00:00+00:00"}\n'
    )

    (one,) = recorded(path)

    assert [item.shown for item in one.items] == [
        datetime(2026, 2, 3, 1, tzinfo=UTC),
        datetime(2026, 2, 3, 3, tzinfo=UTC),
    ]
