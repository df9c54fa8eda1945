from datetime import UTC, datetime, timedelta

import pytest

from crawler.decisions.scope import enter, speaks_for, wanted_age
from storage.model.link import FoundLink, Link, NewLink
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOME = "https://www.a.example/"
MONTH = timedelta(days=30)


def entered(
    url: str, *, any_site: tuple[LinkKind, ...] = (), **said: datetime
) -> list[NewLink]:
    found = FoundLink(url=url, kind=LinkKind.ARTICLE, **said)
    return list(
        enter([found], sites=(HOME,), max_age=MONTH, now=NOW, any_site=any_site)
    )


def test_a_link_of_the_site_is_due_at_once() -> None:
    (link,) = entered("https://www.a.example/2026/story")

    assert (link.state, link.next_run, link.host) == (
        LinkState.WAITING,
        NOW,
        "www.a.example",
    )


@pytest.mark.parametrize("url", ["https://b.example/x", "https://www.a.example/x.pdf"])
def test_what_is_out_of_scope_is_entered_with_its_reason(url: str) -> None:
    (link,) = entered(url)

    assert (link.state, link.next_run) == (LinkState.SCOPE, None)
    assert link.reason


def test_a_packed_sitemap_is_in_scope() -> None:
    """An index names sitemap.xml.gz, which is a list whatever its name says."""
    found = FoundLink(url=HOME + "sitemap-1.xml.gz", kind=LinkKind.SITEMAP)
    (link,) = enter([found], sites=(HOME,), max_age=MONTH, now=NOW, any_site=())

    assert (link.state, link.next_run) == (LinkState.WAITING, NOW)


def test_a_feed_may_name_other_sites() -> None:
    (link,) = entered("https://b.example/x", any_site=(LinkKind.ARTICLE,))

    assert link.state is LinkState.WAITING


INDEX, THERE = f"{HOME}index.xml", "https://b.example/1.xml"
READ, MOVED = LinkState.WATCHED, LinkState.DUPLICATE


@pytest.mark.parametrize(
    ("before", "site"),
    [
        ([], THERE),
        ([("https://maps.b.example/index.xml", READ)], THERE),
        ([(INDEX, MOVED)], THERE),
        ([(INDEX, READ)], INDEX),
        ([("https://b.example/index.xml", READ), (INDEX, READ)], INDEX),
        (
            [("https://c.example/index.xml", READ), (INDEX, MOVED)],
            "https://c.example/index.xml",
        ),
    ],
    ids=["given", "of its own site", "moved", "kept there", "index there", "both"],
)
def test_a_list_that_is_kept_elsewhere_speaks_for_who_names_it(
    before: list[tuple[str, LinkState]], site: str
) -> None:
    assert speaks_for(THERE, before) == site


def test_an_article_that_is_too_old_is_noted_not_fetched() -> None:
    (link,) = entered(HOME + "x", published=NOW - timedelta(days=31))

    assert (link.state, link.reason) == (LinkState.TOO_OLD, "published 2026-01-29")


def test_what_is_no_url_is_left_out() -> None:
    assert entered("javascript:alert(1)") == []


@pytest.mark.parametrize("year", [1970, 2099])
def test_a_date_that_cannot_be_says_nothing(year: int) -> None:
    found = entered(HOME + "x", modified=datetime(year, 1, 1, tzinfo=UTC))

    assert [(link.state, link.modified) for link in found] == [
        (LinkState.WAITING, None)
    ]


def feed(*, is_read: bool) -> Link:
    return Link(
        id=1,
        source=1,
        host="www.a.example",
        url=HOME + "feed",
        key="//www.a.example/feed",
        kind=LinkKind.FEED,
        state=LinkState.WATCHED,
        found_at=NOW,
        first_seen=NOW,
        rhythm={} if is_read else None,
    )


@pytest.mark.parametrize(
    ("days", "is_read", "is_believed"),
    [
        ((40, 50), True, False),
        ((40, 50), False, True),
        ((1, 50), True, True),
        ((), True, True),
    ],
    ids=["all old", "a first reading", "one is new", "no dates"],
)
def test_dates_of_a_feed_that_has_only_old_news_say_nothing(
    days: tuple[int, ...], *, is_read: bool, is_believed: bool
) -> None:
    found = [
        FoundLink(
            url=HOME + "x", kind=LinkKind.ARTICLE, published=NOW - timedelta(days=n)
        )
        for n in days
    ]

    age = wanted_age(feed(is_read=is_read), found, MONTH, NOW)

    assert (age == MONTH) is is_believed
