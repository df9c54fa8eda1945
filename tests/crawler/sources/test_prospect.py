"""What a survey's lists decide."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.discover.rate import articles_a_day
from crawler.sources.prospect import (
    ListSeen,
    SampleSeen,
    choose,
    language_of,
    needs_browser,
    to_sample,
)
from storage.model.link import FoundLink
from storage.model.link_kind import LinkKind

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def links(count: int, *, every: float | None = 1, first: int = 0) -> list[FoundLink]:
    """Return so many links, one each `every` hours back from now."""
    return [
        FoundLink(
            url=f"https://e.org/{n}",
            kind=LinkKind.ARTICLE,
            published=NOW - timedelta(hours=every * (n - first)) if every else None,
        )
        for n in range(first, first + count)
    ]


def seen(kind: LinkKind, found: list[FoundLink], url: str = "u") -> ListSeen:
    return ListSeen(kind=kind, url=url, origin="x", links=tuple(found))


RATES = {
    "hourly": ([links(25)], 25.0),
    "counted_once": ([links(25), links(25)], 25.0),
    "over_the_shorter_span": ([links(25), links(11, every=24)], 25.0),
    "two_feeds": ([links(25), links(25, first=100)], 50.0),
    "one_date": ([links(1)], None),
    "no_dates": ([links(9, every=None)], None),
}


@pytest.mark.parametrize("name", RATES)
def test_a_rate_is_what_lists_state(name: str) -> None:
    lists, wanted = RATES[name]

    assert articles_a_day(lists, NOW) == wanted


def test_an_old_feed_brings_nothing() -> None:
    old = [
        FoundLink(
            url=f"https://e.org/{n}",
            kind=LinkKind.ARTICLE,
            published=NOW - timedelta(days=100 + n),
        )
        for n in range(9)
    ]

    assert articles_a_day([old], NOW) == 0.0


def stamped(count: int) -> list[FoundLink]:
    """Return so many links that a sitemap says were all changed as it was made."""
    return [
        FoundLink(
            url=f"https://e.org/old/{n}",
            kind=LinkKind.ARTICLE,
            modified=NOW - timedelta(seconds=n),
        )
        for n in range(count)
    ]


FEED, SITEMAP, SECTION = LinkKind.FEED, LinkKind.SITEMAP, LinkKind.SECTION
CHOICES = {
    "a_feed_is_enough": ([seen(FEED, links(9)), seen(SECTION, links(9, every=None))], [True, False]),
    "a_dated_sitemap_too": ([seen(FEED, links(9)), seen(SITEMAP, links(9))], [True, True]),
    "an_undated_sitemap_not": ([seen(FEED, links(9)), seen(SITEMAP, links(9, every=None))], [True, False]),
    "an_undated_sitemap_alone": ([seen(SITEMAP, links(9, every=None))], [True]),
    "a_sitemap_dated_as_it_was_made_not": ([seen(FEED, links(9)), seen(SITEMAP, stamped(90))], [True, False]),
    "such_a_sitemap_alone": ([seen(SITEMAP, stamped(90))], [True]),
    "a_second_feed_of_its_own": ([seen(FEED, links(9)), seen(FEED, links(9, first=50))], [True, True]),
    "a_feed_in_a_feed": ([seen(FEED, links(9)), seen(FEED, links(5))], [True, False]),
    "sections_alone": ([seen(SECTION, links(9, every=None)), seen(SECTION, links(3, every=None))], [True, True]),
    "an_empty_feed": ([seen(FEED, []), seen(SECTION, links(3, every=None))], [False, True]),
}  # fmt: skip


@pytest.mark.parametrize("name", CHOICES)
def test_lists_are_chosen(name: str) -> None:
    lists, wanted = CHOICES[name]

    chosen = choose(lists, NOW)

    assert [one.used for one in chosen] == wanted
    assert all(one.used or one.note for one in chosen)


def test_a_silent_feed_is_not_watched() -> None:
    silent = seen(FEED, links(9, every=24)[3:])

    (chosen,) = choose([silent], NOW + timedelta(days=60))

    assert (chosen.used, chosen.note) == (False, "nothing new since 2026-11-19")


def test_watched_lists_and_the_newest_are_tried_first() -> None:
    lists = choose(
        [seen(SECTION, links(3, every=None, first=50)), seen(FEED, links(4)[::-1])], NOW
    )

    tried = [link.url for link in to_sample(lists, 5)]

    assert tried == [f"https://e.org/{n}" for n in (0, 1, 2, 3, 50)]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [(["id"] * 3, "id"), (["id", "id", "de"], "id"), (["id"] * 2, None), ([], None)],
)
def test_a_language_needs_most_of_three(said: list[str], wanted: str | None) -> None:
    samples = [SampleSeen(url="u", language=language) for language in said]

    assert language_of(samples) == wanted


@pytest.mark.parametrize(
    ("shells", "needs"),
    [
        ([], False),
        ([True], False),
        ([True, True], True),
        ([True, False], False),
        ([True, True, False], True),
    ],
)
def test_a_site_needs_a_browser_where_scripts_write_most_of_it(
    shells: list[bool], *, needs: bool
) -> None:
    samples = [SampleSeen(url="u", is_shell=is_shell) for is_shell in shells]

    assert needs_browser([*samples, SampleSeen(url="u", error="HTTP 500")]) is needs
