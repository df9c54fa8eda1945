"""Which of an index's sitemaps are read, and when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.decisions.subsitemaps import (
    AT_ONCE,
    BARREN,
    GONE_TIMES,
    LAST_READING,
    MOST,
    NO_ROOM,
    STEP,
    UNNAMED,
    Arranged,
    Named,
    arrange,
)
from storage.model.link import NewLink, Standing, SubSitemap
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAX_AGE = timedelta(days=30)
INDEX = 7
CHILD = SubSitemap(
    id=1,
    key="a",
    index=INDEX,
    state=LinkState.WATCHED,
    reason="0 new",
    found_at=NOW - 2 * DAY,
    fetched_at=NOW - HOUR,
    next_run=NOW + HOUR,
    news=3.0,
)
LET_GO = replace(CHILD, state=LinkState.GONE, reason=UNNAMED, next_run=None)
MISSING = replace(CHILD, state=LinkState.GONE, reason="HTTP 404", failures=1.0)


def link(key: str, modified: datetime | None = None) -> NewLink:
    return NewLink(
        url=f"https://a.example/{key}",
        key=key,
        host="a.example",
        kind=LinkKind.SITEMAP,
        modified=modified,
        next_run=NOW,
    )


def arranged(
    *named: NewLink, known: tuple[SubSitemap, ...] = (), are_all: bool = True
) -> Arranged:
    said = Named(index=INDEX, links=named, are_all=are_all)
    return arrange(said, known, MAX_AGE, NOW)


def only(found: Arranged) -> Standing:
    (standing,) = found.moved
    return standing


def test_new_ones_are_due_one_after_another_the_newest_first() -> None:
    """Four at once, then one each quarter of an hour; those without a date last."""
    dated = [link(str(n), NOW - n * HOUR) for n in range(AT_ONCE + 1)]

    new = arranged(link("undated"), *reversed(dated)).new

    assert [found.key for found in new] == ["0", "1", "2", "3", "4", "undated"]
    waits = [found.next_run - NOW for found in new if found.next_run]
    assert waits == [timedelta(0)] * AT_ONCE + [STEP, 2 * STEP]


def test_however_many_there_are_all_are_due_within_a_day() -> None:
    """Three hundred are read within 24 hours, not in 75."""
    new = arranged(*(link(str(n)) for n in range(300))).new

    assert max(found.next_run for found in new if found.next_run) <= NOW + DAY


def test_an_archive_of_past_years_is_not_read() -> None:
    """What has not changed within the source's max_age is noted with its date."""
    old = arranged(link("new", NOW), link("old", NOW - 2 * MAX_AGE)).new[1]

    assert (old.state, old.next_run) == (LinkState.TOO_OLD, None)
    assert old.reason == "unchanged since 2025-12-31"


def test_the_newest_is_read_whatever_its_date() -> None:
    """An index whose dates never change says nothing by them."""
    first, second = arranged(link("b", NOW - 99 * DAY), link("c", NOW - 98 * DAY)).new

    assert (first.key, first.next_run) == ("c", NOW)
    assert second.state is LinkState.TOO_OLD


def test_an_index_of_ever_new_names_fills_its_room_only() -> None:
    """Beyond 500 sub-sitemaps of a source more are noted, not read."""
    known = tuple(replace(CHILD, id=n, key=str(n)) for n in range(MOST - 1))

    new = arranged(link("x", NOW), link("y"), known=known, are_all=False).new

    assert [found.next_run is None for found in new] == [False, True]
    assert (new[1].state, new[1].reason) == (LinkState.BUDGET, NO_ROOM)


def test_a_change_that_is_stated_makes_one_due_at_once() -> None:
    """Its date is later than its last reading."""
    moved = only(arranged(link("a", NOW - HOUR / 2), known=(CHILD,)))

    assert (moved.state, moved.next_run) == (LinkState.WATCHED, NOW)


@pytest.mark.parametrize("age", [HOUR, 2 * HOUR], ids=["at its reading", "before"])
def test_one_that_did_not_change_keeps_its_time(age: timedelta) -> None:
    """Its date is not later than its last reading."""
    assert arranged(link("a", NOW - age), known=(CHILD,)).moved == []


def test_one_long_unchanged_is_read_once_a_day() -> None:
    """Dates may lie, so it is put off by a day, not for ever."""
    newest = link("b", NOW - DAY)
    moved = only(arranged(newest, link("a", NOW - 3 * DAY), known=(CHILD,)))

    assert moved.next_run == NOW - HOUR + DAY


def test_one_that_its_index_no_longer_names_is_read_a_last_time() -> None:
    """What it brought since its last reading may be nowhere else."""
    moved = only(arranged(link("b"), known=(CHILD,)))

    assert (moved.state, moved.reason) == (LinkState.GONE, LAST_READING)
    assert (moved.next_run, moved.failures) == (NOW, 0.0)


def test_one_that_fails_and_is_named_no_more_is_let_go() -> None:
    """It is not asked for again."""
    moved = only(arranged(link("b"), known=(MISSING,)))

    assert (moved.reason, moved.next_run, moved.failures) == (UNNAMED, None, 0.0)


@pytest.mark.parametrize(
    ("known", "are_all"),
    [
        (LET_GO, True),
        (CHILD, False),
        (replace(CHILD, index=INDEX + 1), True),
        (replace(CHILD, state=LinkState.TOO_OLD, next_run=None), True),
    ],
    ids=["let go before", "a torn index", "of another index", "too old"],
)
def test_what_an_index_does_not_name_may_stay_as_it_is(
    known: SubSitemap, *, are_all: bool
) -> None:
    """Only what this index named, and names no more, is let go, and once."""
    assert arranged(link("b"), known=(known,), are_all=are_all).moved == []


def test_one_that_is_named_again_lives_again() -> None:
    """Its row stood as a tombstone, so it is not new."""
    found = arranged(link("a"), known=(LET_GO,))

    assert (found.new, only(found).state) == ([], LinkState.WAITING)
    assert only(found).next_run == NOW


def test_one_named_again_before_its_last_reading_lives_on() -> None:
    """The reading that was to be the last is one of many."""
    dying = replace(LET_GO, next_run=NOW + HOUR)

    moved = only(arranged(link("a"), known=(dying,)))

    assert (moved.state, moved.next_run) == (LinkState.WAITING, NOW + HOUR)


def test_one_that_is_gone_is_asked_for_weekly_while_its_index_names_it() -> None:
    """It may be named before it is there."""
    gone = replace(MISSING, failures=GONE_TIMES)

    moved = only(arranged(link("a"), known=(gone,)))

    assert (moved.state, moved.reason) == (LinkState.GONE, "HTTP 404")
    assert moved.next_run == NOW - HOUR + 7 * DAY
    assert (
        arranged(link("a"), known=(replace(gone, next_run=moved.next_run),)).moved == []
    )


@pytest.mark.parametrize(
    ("modified", "lives"),
    [(None, False), (NOW - 2 * HOUR, False), (NOW - HOUR / 2, True)],
    ids=["no date", "an old date", "a new date"],
)
def test_one_that_was_gone_lives_again_by_a_new_date(
    modified: datetime | None, *, lives: bool
) -> None:
    """That the index still names it says nothing; that it changed does."""
    gone = replace(MISSING, failures=GONE_TIMES, next_run=None)

    assert bool(arranged(link("a", modified), known=(gone,)).moved) is lives


def test_one_without_news_for_half_a_year_makes_room() -> None:
    """It costs a reading a week else: an election's list sleeps for years."""
    barren = replace(CHILD, found_at=NOW - 181 * DAY, news=0.0)
    others = tuple(replace(CHILD, id=n, key=str(n)) for n in range(2, MOST + 1))

    with_room = arranged(link("a"), known=(barren,)).moved
    moved = only(arranged(link("a"), known=(barren, *others), are_all=False))

    assert list(with_room) == []
    assert (moved.state, moved.reason, moved.next_run) == (
        LinkState.TOO_OLD,
        BARREN,
        None,
    )


def test_an_index_whose_names_go_tells_how_long_they_last() -> None:
    """It is read often enough to see each; one that only grows can wait."""
    rolling = arranged(link("b"), known=(CHILD,))
    growing = arranged(link("a"), link("b"), known=(CHILD,))

    assert (rolling.lasts, growing.lasts) == (2 * DAY, None)
