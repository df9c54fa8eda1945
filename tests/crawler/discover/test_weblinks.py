"""Links of headers (RFC 8288), and what they say of a feed's hub."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from crawler.discover.listing import read_listing
from crawler.discover.weblinks import linked
from storage.model.exchange import Exchange
from storage.model.link_kind import LinkKind

URL = "https://town.example/news/feed"
RSS = (
    "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel>"
    "{}<item><link>https://town.example/pier</link></item></channel></rss>"
)
IN_FEED = (
    "<a:link rel='hub' href='https://body.example/'/>"
    "<a:link rel='self' href='https://TOWN.example/feed?a=%c3'/>"
)


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("<https://hub.example/>; rel=hub", "https://hub.example/"),
        ('<https://hub.example/>; rel="hub"', "https://hub.example/"),
        ('<https://hub.example/>;REL="HUB"', "https://hub.example/"),
        ('<a>; rel="next", <b>; rel="x hub"; title="t"', "b"),
        ('<a>; title="; rel=hub, <c>"; rel=prev, <b>; rel=hub', "b"),
        ('<a>; title="\\"<c>; rel=hub\\""; rel=prev', None),
        ("<a,b;c>; rel=hub", "a,b;c"),
        ("<a>; rel=hub, <b>; rel=hub", "a"),
        ("<a>; rel=prev; rel=hub", None),
        ("<a>; anchor='#x'; rel=hub", None),
        ("<a>; crossorigin; rel = hub", "a"),
        ("<a>; rel", None),
        ("<a", None),
        ("a; rel=hub", None),
        ("", None),
    ],
)
def test_the_first_link_of_a_relation_is_found(value: str, target: str | None) -> None:
    assert linked([("X", "y"), ("Link", value)], "hub") == target


def test_links_may_be_in_several_headers() -> None:
    headers = [("link", "<a>; rel=self"), ("LINK", "<b>; rel=hub")]

    assert (linked(headers, "self"), linked(headers, "hub")) == ("a", "b")


@pytest.mark.parametrize("part", ['<a>;x="', "<a>;", "<", ";x=", '<a>;x="\\"', "<>;;"])
def test_hostile_headers_are_read_in_linear_time(part: str) -> None:
    began = time.process_time()

    linked([("Link", part * 100_000)], "hub")

    assert time.process_time() - began < 1


def listing(body: str, *links: str) -> tuple[str | None, str | None]:
    answer = Exchange(
        url=URL,
        started_at=datetime(2026, 11, 26, tzinfo=UTC),
        elapsed=timedelta(),
        request=b"",
        response=b"",
        status=200,
        headers=tuple(("Link", link) for link in links),
        body=body.encode(),
    )
    found = read_listing(answer, LinkKind.FEED)
    return found.hub, found.topic


def test_a_feed_says_its_hub_and_its_name_as_it_writes_it() -> None:
    assert listing(RSS.format(IN_FEED)) == (
        "https://body.example/",
        "https://TOWN.example/feed?a=%c3",
    )


def test_headers_count_before_the_feed() -> None:
    """WebSub, section 4."""
    found = listing(
        RSS.format(IN_FEED),
        "<https://head.example>; rel=hub",
        "<https://town.example/feed>; rel=self",
    )

    assert found == ("https://head.example/", "https://town.example/feed")


def test_a_feed_that_does_not_say_its_name_is_called_as_it_was_asked_for() -> None:
    assert listing(RSS.format(""), "</hub>; rel=hub") == (
        "https://town.example/hub",
        URL,
    )


def test_a_feed_without_a_hub_names_none() -> None:
    assert listing(RSS.format(""))[0] is None


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "ftp://hub.example/", "https://a:b@hub.example/"]
)
def test_what_cannot_be_asked_is_no_hub(target: str) -> None:
    assert listing(RSS.format(""), f"<{target}>; rel=hub")[0] is None


def test_broken_feeds_name_their_hub_too() -> None:
    body = RSS.format(IN_FEED).replace("</channel>", "<b></channel>")

    assert listing(body) == (
        "https://body.example/",
        "https://TOWN.example/feed?a=%c3",
    )


def test_atom_and_json_feeds_name_their_hub() -> None:
    atom = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><link rel='hub' href='/hub'/>"
        "<link rel='self' href='feed'/><entry><link href='/pier'/></entry></feed>"
    )
    json = (
        '{"version": "https://jsonfeed.org/version/1.1", "feed_url": "/feed.json",'
        ' "hubs": [{"type": "WebSub", "url": "/hub"}], "items": []}'
    )

    assert listing(atom) == ("https://town.example/hub", URL)
    assert listing(json) == (
        "https://town.example/hub",
        "https://town.example/feed.json",
    )
