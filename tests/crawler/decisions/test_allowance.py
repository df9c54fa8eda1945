"""How a source's daily links are shared by news and by what a sitemap names at first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crawler.decisions.allowance import Allowance, allot
from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def named(
    count: int,
    *,
    published: datetime | None = None,
    kind: LinkKind = LinkKind.ARTICLE,
) -> list[NewLink]:
    return [
        NewLink(
            url=f"https://a.example/{n}",
            key=f"//a.example/{n}",
            host="a.example",
            kind=kind,
            published=published,
            next_run=NOW,
        )
        for n in range(count)
    ]


def days(
    links: Sequence[NewLink],
    *,
    found: int = 0,
    waiting: int = 0,
    late: int = 0,
    is_archive: bool = False,
    known: Sequence[str] = (),
) -> dict[int, int]:
    """Return how many links are asked for on which day, today being 0."""
    allowance = Allowance(daily=8, found=found, waiting=waiting, late=late)
    allotted = allot(links, allowance, known=known, is_archive=is_archive, now=NOW)
    return dict(Counter(((one.next_run or NOW) - NOW) // DAY for one in allotted))


def test_what_is_over_waits_so_many_for_each_day() -> None:
    assert days(named(20)) == {0: 8, 1: 8, 2: 4}


def test_an_archive_leaves_a_quarter_of_the_day_to_news() -> None:
    assert days(named(20), is_archive=True) == {0: 6, 1: 8, 2: 6}
    assert days(named(2), found=6) == {0: 2}


def test_an_archive_of_many_sitemaps_is_spread_over_as_many_days() -> None:
    """A second one begins where the first one's links end."""
    assert days(named(10), found=6, waiting=12, is_archive=True) == {2: 4, 3: 6}


def test_news_over_the_allowance_does_not_wait_behind_an_archive() -> None:
    assert days(named(3), found=8, waiting=800) == {1: 3}


def test_news_over_the_allowance_of_many_readings_is_so_much_for_each_day() -> None:
    """A flood that goes on, read every hour: each reading put it all off to tomorrow."""
    assert days(named(3), found=8, late=14) == {2: 2, 3: 1}


def test_what_a_new_sitemap_dates_today_is_news() -> None:
    today = named(3, published=NOW - DAY)

    assert days(today, found=6, waiting=800, is_archive=True) == {0: 2, 1: 1}


def test_what_a_new_sitemap_dates_of_long_ago_is_no_news() -> None:
    """It leaves the day's quarter to news, and waits behind the archive's others."""
    old = named(3, published=NOW - 3 * DAY)

    assert days(old, found=6, is_archive=True) == {1: 3}
    assert days(old, found=6, waiting=16, is_archive=True) == {3: 3}


def test_news_that_waits_is_in_the_way_of_an_archive() -> None:
    news = named(9, published=NOW)

    assert days([*news, *named(8)], found=8, is_archive=True) == {1: 8, 2: 8, 3: 1}


def test_what_is_known_or_no_article_takes_no_room() -> None:
    links = named(10)
    known = [link.key for link in links[:2]]

    assert days(links, known=known) == {0: 10}
    assert days(named(20, kind=LinkKind.SITEMAP)) == {0: 20}


def test_what_is_settled_already_is_not_asked_for_later() -> None:
    """A trap that is over the allowance too would be asked for after all."""
    links = [replace(link, state=LinkState.TRAP, next_run=None) for link in named(9)]
    allowance = Allowance(daily=1, found=1)

    left = allot(links, allowance, known=(), is_archive=False, now=NOW)

    assert list(left) == links


def test_what_waits_says_why() -> None:
    allowance = Allowance(daily=1, found=1, waiting=0)
    (link,) = allot(named(1), allowance, known=(), is_archive=False, now=NOW)

    assert (link.state, link.reason) == (
        LinkState.BUDGET,
        "more news in a day than the source's daily_links",
    )
