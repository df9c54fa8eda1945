"""What a feed, sitemap or section lists, whichever it is."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from crawler.discover.feed import Feed
from crawler.discover.feeds import read_feed
from crawler.discover.links import absolute, as_written, with_sole_guids
from crawler.discover.sections import articles_and_feeds
from crawler.discover.shapes import NO_SHAPES, Shapes
from crawler.discover.sitemaps import read_sitemap
from crawler.discover.weblinks import linked
from crawler.errors import NotReadable
from storage.model.exchange import Exchange
from storage.model.link import FoundLink
from storage.model.link_kind import LinkKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Links found; `ttl` is the least pause a feed asks for between readings.

    `hub` is whom a feed names to tell of its news, and `topic` how it is called there.
    `whole` tells that a sitemap was read to its end, `left` how many of its links were
    too many, `too_long` how many addresses were, `older` where a feed's items before these are.
    """

    links: Sequence[FoundLink]
    feeds: Sequence[FoundLink] = ()
    ttl: timedelta | None = None
    hub: str | None = None
    topic: str | None = None
    whole: bool = False
    left: int = 0
    too_long: int = 0
    older: str | None = None


def read_listing(
    answer: Exchange,
    kind: LinkKind,
    shapes: Shapes = NO_SHAPES,
    *,
    sites: Collection[str] = (),
) -> Listing:
    """Read a watched page by its kind; `feeds` are those a section announces.

    Args:
        answer: The page.
        kind: What it is.
        shapes: What the site's addresses turned out to be.
        sites: A page of each site of which a sitemap may name pages, if not of its
            own: some are kept on another host (sitemaps.org).

    Raises:
        NotReadable: it is not what its kind says.
    """
    content_type = answer.header("content-type")
    match kind:
        case LinkKind.FEED:
            feed = read_feed(answer.body, answer.url, content_type=content_type)
            hub, topic = _hub(answer, feed)
            links = with_sole_guids(feed.links)
            return Listing(
                links=links,
                ttl=feed.ttl,
                hub=hub,
                topic=topic,
                too_long=feed.too_long,
                older=feed.older,
            )
        case LinkKind.SITEMAP:
            return _sitemap(answer, sites)
        case _:
            found, feeds = articles_and_feeds(
                answer.body, answer.url, shapes, content_type
            )
            return Listing(links=found, feeds=feeds)


def _sitemap(answer: Exchange, sites: Collection[str]) -> Listing:
    """Read a sitemap; RSS and Atom may stand for one (sitemaps.org, "Other formats")."""
    try:
        sitemap = read_sitemap(answer.body, answer.url, sites=sites)
    except NotReadable as error:
        try:
            feed = read_feed(answer.body, answer.url)
        except NotReadable:
            raise error from None
        return Listing(links=feed.links, ttl=feed.ttl, too_long=feed.too_long)
    links = (*sitemap.children, *sitemap.links)
    return Listing(
        links=links,
        whole=sitemap.whole,
        left=sitemap.left,
        too_long=sitemap.too_long,
    )


def _hub(answer: Exchange, feed: Feed) -> tuple[str | None, str]:
    """Return a feed's hub and topic: headers first (WebSub, section 4).

    A feed that does not say what it is called is called as it was asked for.
    """
    hub, topic = linked(answer.headers, "hub"), linked(answer.headers, "self")
    return (
        absolute(hub, answer.url) or feed.hub,
        as_written(topic, answer.url) or feed.topic or answer.url,
    )
