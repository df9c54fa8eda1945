"""What is usual, learned from days."""

from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.health.usual import filled, learn, lived, settled
from tests.crawler.health.material import DAY, NOON, TODAY, day, past, usual


def test_a_week_is_needed() -> None:
    assert learn(past(6)) is None
    assert learn(past(7)) is not None


def test_each_weekday_has_its_count() -> None:
    days = [replace(one, new=2 if one.day.weekday() == 6 else 20) for one in past()]

    known = learn(days)

    assert known is not None
    assert known.weekdays == (20.0,) * 6 + (2.0,)


def test_one_flood_changes_nothing() -> None:
    days = [*past()[:-1], day(1, new=5_000)]

    known = learn(days)

    assert known is not None
    assert known.weekdays == (10.0,) * 7


def test_a_rare_source_is_known_by_its_mean() -> None:
    days = [day(ago, new=ago % 2, hours=(0,) * 24) for ago in range(56, 0, -1)]

    known = learn(days)

    assert known is not None
    assert all(0.2 < one < 0.6 for one in known.weekdays)


def test_one_flood_of_a_rare_source_changes_nothing() -> None:
    days = [day(ago, new=300 if ago == 20 else 1) for ago in range(28, 0, -1)]

    known = learn(days)

    assert known is not None
    assert known.weekdays == (1.0,) * 7


def test_a_weekday_that_was_never_counted_is_as_the_others() -> None:
    """As where the service is off each Monday: those days are left out."""
    days = [one for one in past(28) if one.day.weekday() != 0]

    known = learn([replace(one, new=2) for one in days])

    assert known is not None
    assert known.weekdays == (2.0,) * 7


def test_an_hour_without_news_till_now_is_not_impossible() -> None:
    days = [replace(one, hours=(10,) + (0,) * 23) for one in past()]

    known = learn(days)

    assert known is not None
    assert all(0 < one < 0.01 for one in known.hours[1:])


def test_what_was_refused_missing_or_broken_is_no_page_that_was_not_read() -> None:
    days = [
        replace(one, asked=20, walls=2, missing=4, broken=4, read=8) for one in past()
    ]

    known = learn(days)

    assert known is not None
    assert (known.walls, known.missing, known.read) == (0.1, 0.2, 0.8)


def test_shares_are_those_of_all_days_together() -> None:
    known = usual()

    assert known.fields["authors"] == 0.9
    assert (known.walls, known.read, known.removed) == (0, 1, 0.25)
    assert known.length == pytest.approx(3000, rel=0.1)


@pytest.mark.parametrize(
    ("counts", "evenness"),
    [
        ([10], 25.0),
        ([10, 10, 10, 10, 10, 10, 10, 500], 25.0),
        ([5, 15], 3.29),
        ([0, 20], 0.62),
    ],
    ids=["the same each day", "but for a week's flood", "a half more or less", "wild"],
)
def test_how_even_days_are_is_learned_from_their_scatter(
    counts: list[int], evenness: float
) -> None:
    """Each count is that of a whole week, so no weekday differs from another."""
    days = [
        day(ago, new=counts[(56 - ago) // 7 % len(counts)]) for ago in range(56, 0, -1)
    ]

    known = learn(days)

    assert known is not None
    assert known.weekdays == (10.0,) * 7
    assert known.evenness == pytest.approx(evenness, rel=0.02)


def test_what_is_usual_between_two_times_is_the_sum_of_the_hours() -> None:
    known = usual()

    morning = known.between(NOON - timedelta(hours=4), NOON)
    assert morning == pytest.approx(4, rel=0.1)
    assert known.between(NOON - timedelta(days=16), NOON) == pytest.approx(160)
    assert known.between(NOON, NOON - timedelta(days=1)) == 0
    quarter = timedelta(minutes=15)
    assert known.between(NOON + quarter, NOON + 2 * quarter) == known.at(NOON) / 4


def test_the_longest_pause_is_told_in_articles() -> None:
    days = [
        replace(one, new=0, hours=(0,) * 24) if one.day == TODAY - timedelta(9) else one
        for one in past()
    ]

    known = learn(days)

    assert known is not None
    assert 9 < known.longest < 13
    assert usual().longest < 1


@pytest.mark.parametrize(
    ("found", "asked", "left"),
    [
        ([100, 5, 5], [100, 5, 5], 2),
        ([0, 150, 5], [0, 150, 5], 1),
        ([60, 240, 5, 5], [60, 100, 140, 5], 1),
        ([300, 5, 5, 5, 5], [290, 5, 5, 5, 5], 4),
        ([9_000] + [5] * 9, [500] * 10, 3),
        ([100], [20], 0),
        ([], [], 0),
    ],
    ids=[
        "all in a day",
        "none before midnight",
        "in three days",
        "all but a few",
        "for a week at most",
        "one day",
        "no day",
    ],
)
def test_days_that_bring_what_stood_there_before_are_none_of_a_source(
    found: list[int], asked: list[int], left: int
) -> None:
    days = [
        day(len(found) - n, found=named, asked=got)
        for n, (named, got) in enumerate(zip(found, asked, strict=True))
    ]

    assert settled(days) == days[len(days) - left :]


@pytest.mark.parametrize(
    ("last", "left"), [(None, 56), (1, 56), (20, 37), (54, 7), (90, 7)]
)
def test_a_silence_that_goes_on_is_not_learned_from(
    last: int | None, left: int
) -> None:
    newest = None if last is None else TODAY - timedelta(days=last)

    assert lived(past(), newest) == past()[:left]


def test_days_without_counts_are_empty_ones() -> None:
    days = filled([DAY], TODAY - timedelta(days=2), TODAY)

    assert [one.new for one in days] == [0, 0, 10]
    assert days[0].day == TODAY - timedelta(days=2)
