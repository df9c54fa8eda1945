"""Ask sites for pages by hand: with robots, at a polite pace, keeping nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from crawler.cli.fetching import Pace
from crawler.config import Config, Source
from crawler.discover.feeds import read_feed
from crawler.discover.sections import article_links, feed_links
from crawler.discover.sitemaps import read_sitemap
from crawler.errors import FetchError, NotReadable
from crawler.fetch.client import Client
from crawler.host_robots import HostRobots, fetch_robots, robots_of
from crawler.service import utc_now
from crawler.urls import fetch_url, host_key
from storage.model import Exchange, FoundLink, LinkKind


class HttpError(FetchError):
    """The server answered, with an error; `status` is its HTTP status."""

    def __init__(self, url: str, status: int) -> None:
        """Name the URL and the status."""
        super().__init__(url, f"HTTP {status}")
        self.status = status


@dataclass
class Asker:
    """Asks for pages, remembering each host's robots.txt."""

    config: Config
    client: Client
    pace: Pace
    robots: dict[str, HostRobots] = field(default_factory=dict)

    async def ask(self, url: str) -> Exchange:
        """Return a good answer.

        Raises:
            FetchError: there is none, or robots.txt or the guard refused.
        """
        address = fetch_url(url)
        async with self.pace.turn(address):
            answer = (await self.client.fetch(address, allow=self._allow))[-1]
        if answer.status >= 400:
            raise HttpError(answer.url, answer.status)
        return answer

    async def _allow(self, url: str) -> None:
        host = host_key(url)
        if host not in self.robots:
            copy, _ = await fetch_robots(self.client, url, None, utc_now())
            obey = self.config.policy.robots == "obey"
            self.robots[host] = robots_of(copy, obey=obey)
        self.robots[host].check(self.config.identity.name, url)


def links_in(answer: Exchange, kind: LinkKind) -> Sequence[FoundLink]:
    """Return what a feed, sitemap or section shows.

    Raises:
        NotReadable: it is none.
    """
    match kind:
        case LinkKind.FEED:
            content_type = answer.header("content-type")
            return read_feed(answer.body, answer.url, content_type=content_type).links
        case LinkKind.SITEMAP:
            sitemap = read_sitemap(answer.body, answer.url)
            return (*sitemap.children, *sitemap.links)
        case _:
            return article_links(answer.body, answer.url)


def with_feeds(source: Source, answer: Exchange) -> tuple[Source, Sequence[FoundLink]]:
    """Return the source watched at what its home page is or announces.

    Args:
        source: A source that names no feed, sitemap or section.
        answer: Its home page; may be a feed itself.

    Returns:
        The source, with the first feed, and all feeds that were found.
    """
    try:
        links_in(answer, LinkKind.FEED)
    except NotReadable:
        feeds = feed_links(answer.body, answer.url)
    else:
        feeds = (FoundLink(url=answer.url, kind=LinkKind.FEED),)
    first = tuple(feed.url for feed in feeds[:1])
    return source.model_copy(update={"feeds": first}), feeds
