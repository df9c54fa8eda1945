from datetime import UTC, datetime, timedelta

import pytest

from crawler.sources.wellness import lists_lost, long_unwell, why_ours, why_unwell
from storage.sql.health import SourceHealth

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NOON_BEFORE = NOW - 24 * HOUR
IN_VAIN = (
    "no new page became an article since 2026-02-28 12:00 UTC, "
    "none of the last 12: HTTP 403"
)
REFUSED = {
    "pages_in_vain": 12,
    "in_vain_since": NOON_BEFORE,
    "why_in_vain": "HTTP 403",
}
BEGUN = {"last_new_article": NOW - 76 * HOUR, "watched_since": NOW - 80 * HOUR}
STALE = "no new article since 2026-02-26, and its lists can be read"
RESTING = {
    "rests_until": NOW + 24 * HOUR,
    "lists_failing": 1,
    "why_failing": "HTTP 429; to be left alone for 1d, as it asked",
}
RESTS = f"its host rests until 2026-03-02 12:00 UTC: {RESTING['why_failing']}"


def source(**facts: object) -> SourceHealth:
    return SourceHealth(
        **{
            "name": "A",
            "state": "active",
            "last_success": NOW - HOUR,
            "last_new_article": None,
            "articles": 1,
            "articles_24h": 0,
            "waiting": 0,
            "errors": 0,
            "oldest_due": None,
            "lists": 1,
            **facts,
        }
    )


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({}, ()),
        ({"last_success": None}, ("never answered",)),
        (
            {"last_success": None, "why_failing": "HTTP 404"},
            ("never answered: HTTP 404",),
        ),
        (
            {"last_success": None, "lists": 0, "articles": 0},
            (
                "has nothing to read: each of its lists is another source's, or taken down",
            ),
        ),
        ({"last_success": NOW - 25 * HOUR}, ("silent for over a day",)),
        ({"last_success": NOW - 70 * HOUR, "interval_s": 36 * 3600.0}, ()),
        (
            {"last_success": NOW - 73 * HOUR, "interval_s": 36 * 3600.0},
            ("silent for over a day",),
        ),
        ({"oldest_due": NOW - 2 * HOUR}, ("over an hour late",)),
        (
            {"last_success": NOW + HOUR},
            ("answered in the future: restart, for the clock was ahead",),
        ),
        ({"lists": 2, "lists_failing": 1}, ()),
        ({"lists": 2, "lists_failing": 2}, ("none of its lists can be read",)),
        (
            {"lists": 2, "lists_failing": 2, "why_failing": "HTTP 410"},
            ("none of its lists can be read: HTTP 410",),
        ),
        (
            {"rests_until": NOW + 24 * HOUR, "why_failing": "HTTP 429"},
            ("its host rests until 2026-03-02 12:00 UTC: HTTP 429",),
        ),
        (
            {"rests_until": NOW + 24 * HOUR, "oldest_due": NOW - 2 * HOUR},
            ("its host rests until 2026-03-02 12:00 UTC",),
        ),
        (
            {"rests_until": NOW + HOUR / 60, "oldest_due": NOW - 2 * HOUR},
            ("over an hour late",),
        ),
        ({"rests_until": NOW + HOUR}, ()),
        (
            {"last_success": NOW - 30 * HOUR, **RESTING},
            (f"silent for over a day: {RESTS}",),
        ),
        ({"last_success": None, **RESTING}, (f"never answered: {RESTS}",)),
        ({**RESTING, "errors": 4, "articles": 0}, (RESTS,)),
        ({**RESTING, **REFUSED, "why_in_vain": "HTTP 429"}, (RESTS,)),
        ({**RESTING, **REFUSED}, (RESTS, IN_VAIN)),
        (
            {"last_success": NOW - 30 * HOUR, "lists_failing": 1},
            ("silent for over a day: none of its lists can be read",),
        ),
        (
            {"last_success": None, "lists_failing": 1, "why_failing": "HTTP 404"},
            ("never answered: HTTP 404",),
        ),
        ({**BEGUN, "named_a_day": 2.0}, (STALE,)),
        ({**BEGUN, "named_a_day": 1.5}, ()),
        ({**BEGUN, "named_a_day": 2.0, "last_success": None}, ("never answered",)),
        ({**BEGUN, "named_a_day": 9.0, "watched_since": NOW - 280 * HOUR}, ()),
        ({**BEGUN, "named_a_day": 9.0, "watched_since": NOW - 71 * HOUR}, ()),
        (
            {
                "last_new_article": NOW - 720 * HOUR,
                "watched_since": NOW - 730 * HOUR,
                "named_a_day": 0.01,
            },
            ("no new article since 2026-01-30, and its lists can be read",),
        ),
        ({**REFUSED, "errors": 4, "articles": 0}, (IN_VAIN,)),
        ({"pages_in_vain": 9, "in_vain_since": NOON_BEFORE}, ()),
        ({"pages_in_vain": 12, "in_vain_since": NOW - 5 * HOUR}, ()),
        ({"last_success": None, "state": "paused"}, ()),
        ({"errors": 2, "articles": 0}, ()),
        (
            {"errors": 3, "articles": 0},
            ("none of its pages became an article: `kliping source test` says why",),
        ),
        ({"errors": 3, "articles": 1}, ()),
        ({"articles": 0, "waiting": 1}, ()),
        (
            {"articles": 0},
            ("its lists brought no article: `kliping ledger --source` says why",),
        ),
        (
            {
                "articles": 0,
                "errors": 1,
                "lists": 2,
                "why_failing": "HTTP 404",
            },
            ("its lists brought no article, one cannot be read: HTTP 404",),
        ),
    ],
    ids=[
        "well",
        "never",
        "never, for a reason",
        "nothing to read",
        "silent",
        "seldom",
        "too seldom",
        "late",
        "clock set back",
        "one list of two",
        "no list",
        "no list, for a reason",
        "left alone",
        "late, for it is left alone",
        "late, between two requests",
        "left alone for a while",
        "left alone for days",
        "left alone from the start",
        "left alone with its first pages",
        "left alone with its pages",
        "left alone, and pages refused for another reason",
        "silent since no list can be read",
        "a list that never answered",
        "nothing new on its lists",
        "nothing new on lists of few",
        "nothing new on lists that cannot be read",
        "nothing new after a week and more",
        "nothing new since it was resumed",
        "nothing new for a month",
        "all new pages refused",
        "a few refused",
        "refused for some hours",
        "paused",
        "hardly begun",
        "no article",
        "an article",
        "its first articles wait",
        "lists that name none",
        "a feed that cannot be read beside its home page",
    ],
)
def test_a_source_is_unwell_for_a_reason(
    facts: dict[str, object], why: tuple[str, ...]
) -> None:
    assert why_unwell(source(**facts), NOW) == why


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({}, ""),
        (
            {"lists_failing": 1, "failing_since": NOW, "why_failing": "HTTP 404"},
            "1 of 5 lists cannot be read since 2026-03-01 (HTTP 404)",
        ),
        ({"lists_failing": 2}, "2 of 5 lists cannot be read"),
        ({"lists_failing": 5}, ""),
        ({"lists_failing": 1, "state": "paused"}, ""),
    ],
    ids=["none", "one", "two, no more is known", "all: unwell", "paused"],
)
def test_part_of_the_lists_of_a_source_is_told_that_cannot_be_read(
    facts: dict[str, object], said: str
) -> None:
    known = source(**{"lists": 5, **facts})

    assert lists_lost(known) == said


@pytest.mark.parametrize(
    ("days", "facts", "found"),
    [
        (2, {"last_success": None}, [("A", "never answered")]),
        (0.5, {"last_success": None}, []),
        (9, {"last_success": NOW - 30 * HOUR}, [("A", "silent for over a day")]),
        (9, {"oldest_due": NOW - 2 * HOUR}, []),
        (
            2,
            {"articles": 0},
            [("A", "its lists brought no article: `kliping ledger --source` says why")],
        ),
    ],
    ids=["never", "new", "silent", "late", "no article"],
)
def test_what_is_unwell_for_long_is_told_of(
    days: float, facts: dict[str, object], found: list[tuple[str, str]]
) -> None:
    since = {"A": NOW - days * 24 * HOUR}

    assert long_unwell([source(name="B"), source(**facts)], since, NOW) == found


def test_nobody_is_silent_for_a_stop_of_ours() -> None:
    stopped = [source(name=name, last_success=NOW - 70 * HOUR) for name in "AB"]

    assert long_unwell(stopped, dict.fromkeys("AB", NOW - 99 * HOUR), NOW) == []


@pytest.mark.parametrize(
    ("count", "failing", "ago", "is_told"),
    [(5, 3, 2, True), (4, 4, 2, False), (5, 2, 2, False), (5, 5, 1, False)],
    ids=["all at once", "a few sources", "few fail", "one answered just now"],
)
def test_where_no_source_answers_it_is_we_who_fail(
    count: int, failing: int, ago: int, *, is_told: bool
) -> None:
    before = NOW - 2 * HOUR
    all_of = [
        source(
            last_success=before if n else NOW - ago * HOUR,
            why_failing=f"no address: {n}.example" if n < failing else None,
        )
        for n in range(count)
    ]
    said = (
        "no source has answered since 2026-03-01 10:00 UTC: is our own connection "
        "down? `kliping doctor` tells; 3 of 5 sources: no address"
    )

    assert why_ours(all_of, NOW) == (said if is_told else "")


@pytest.mark.parametrize(("hours", "is_told"), [(1, True), (6, False)])
def test_sources_that_are_seldom_read_do_not_answer_every_hour(
    hours: int, *, is_told: bool
) -> None:
    """Half of them have a list that is long gone, and all else answers when asked."""
    all_of = [
        source(
            last_success=NOW - 3 * HOUR,
            interval_s=hours * 3600,
            why_failing="HTTP 404" if n % 2 else None,
        )
        for n in range(6)
    ]

    assert bool(why_ours(all_of, NOW)) is is_told


def test_an_outage_of_ours_is_told_in_place_of_all_sources() -> None:
    facts = {"lists_failing": 1, "why_failing": "no address", "last_success": None}
    names = [str(number) for number in range(1_000)]
    out = [source(name=name, **facts) for name in names]

    found = long_unwell(out, dict.fromkeys(names, NOW - 99 * HOUR), NOW)

    assert [name for name, _ in found] == ["the service"]
    assert found[0][1].startswith("no source ever answered: is our own connection down")
