"""The simulator of looks, small."""

from datetime import timedelta

from tests.bench._changes import START, Newsroom, Story, newsrooms
from tests.bench.revisits_sim import (
    COUNTED_FROM,
    DAYS,
    compare,
    figures,
    first_come,
    plan_of,
    run,
)

HOUR = timedelta(hours=1)


def test_a_seed_makes_the_same_newsrooms() -> None:
    assert newsrooms(1, 2, 7) == newsrooms(1, 2, 7)
    assert newsrooms(1, 2, 7) != newsrooms(2, 2, 7)


def test_articles_change_as_often_as_was_counted() -> None:
    """35 % of those that are no live blogs, on average of 60 newsrooms."""
    stories = [s for room in newsrooms(1, 60, 7) for s in room.stories if not s.is_live]
    day = timedelta(days=1)
    early = [sum(at - s.seen < day for at in s.changes) for s in stories]

    assert 0.25 < sum(n > 0 for n in early) / len(early) < 0.37
    assert 1.5 < sum(early) / sum(n > 0 for n in early) < 2.1


def test_a_change_is_seen_before_the_next_one() -> None:
    """Of three changes one is overwritten unseen, and one is never looked at."""
    at = COUNTED_FROM
    story = Story(seen=at, changes=(at + HOUR, at + 2 * HOUR, at + 9 * HOUR))

    all_of_it = figures([Newsroom(stories=(story,))], [[[at + 3 * HOUR]]])["all"]

    assert (all_of_it.seen, all_of_it.ever) == (0.333, 0.667)
    assert (all_of_it.in_an_hour, all_of_it.looks_that_found) == (0.333, 1.0)


def test_first_come_keeps_within_its_budget() -> None:
    room = Newsroom(stories=tuple(Story(seen=START, changes=()) for _ in range(50)))

    (made,) = run([room], first_come(plan_of(0.5), {id(room): 10.0}))

    assert (
        280 < sum(len(looks) for looks in made) <= 310
    )  # in the 30 days of their life


def test_ours_keeps_within_its_share() -> None:
    table = compare(newsrooms(1, 1, DAYS), 0.5)

    assert 0.35 < table.share_spent <= 0.5
    assert table.broken() == []
