from dataclasses import replace
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


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({"published": 31, "modified": 0}, LinkState.TOO_OLD),
        ({"published": 0, "modified": 31}, LinkState.WAITING),
        ({"modified": 31}, LinkState.TOO_OLD),
        ({"published": 30}, LinkState.WAITING),
        ({"published": -3, "modified": 31}, LinkState.TOO_OLD),
    ],
    ids=["changed since", "changed before", "changed alone", "just so old", "ahead"],
)
def test_the_age_is_that_of_publishing_where_that_is_stated(
    said: dict[str, int], state: LinkState
) -> None:
    dates = {name: NOW - timedelta(days=days) for name, days in said.items()}

    (link,) = entered(HOME + "x", **dates)

    assert link.state is state


def test_a_date_of_this_evening_is_believed() -> None:
    (link,) = entered(HOME + "x", published=NOW + timedelta(hours=23))

    assert link.published == NOW + timedelta(hours=23)


def test_a_date_ahead_is_not_kept() -> None:
    (link,) = entered(HOME + "x", published=NOW + timedelta(hours=25))

    assert link.published is None


def test_a_list_is_never_too_old() -> None:
    found = FoundLink(
        url=HOME + "2019.xml", kind=LinkKind.SITEMAP, modified=NOW - 12 * MONTH
    )
    (link,) = enter([found], sites=(HOME,), max_age=MONTH, now=NOW, any_site=())

    assert link.state is LinkState.WAITING


def test_where_no_site_is_named_all_are_in_scope() -> None:
    found = FoundLink(url="https://b.example/x", kind=LinkKind.ARTICLE)
    (link,) = enter([found], sites=(), max_age=MONTH, now=NOW, any_site=())

    assert link.state is LinkState.WAITING


def test_an_endless_address_is_entered_with_its_reason() -> None:
    (link,) = entered(HOME + "a/a/a/")

    assert (link.state, link.reason) == (LinkState.TRAP, "a again and again")


def test_the_page_that_a_guid_names_is_known_by_its_key() -> None:
    found = FoundLink(
        url=HOME + "pier", kind=LinkKind.ARTICLE, guid_url=HOME + "?p=7#top"
    )
    (link,) = enter([found], sites=(HOME,), max_age=MONTH, now=NOW, any_site=())

    assert link.guid_key == "www.a.example/?p=7"


@pytest.mark.parametrize(
    ("kind", "days"),
    [(LinkKind.SITEMAP, 40), (LinkKind.FEED, 30)],
    ids=["a sitemap", "just so old"],
)
def test_dates_are_believed_of(kind: LinkKind, days: int) -> None:
    found = FoundLink(
        url=HOME + "x", kind=LinkKind.ARTICLE, published=NOW - timedelta(days=days)
    )
    listed = replace(feed(is_read=True), kind=kind)

    assert wanted_age(listed, [found], MONTH, NOW) == MONTH
