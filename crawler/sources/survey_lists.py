"""The lists of a site that is surveyed: found, read, each with what it names now.

Usual places of feeds and sitemaps are tried only where the site names none itself.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin

from crawler.discover.feeds import read_feed
from crawler.discover.likely import looks_like_article
from crawler.discover.sections import article_links, section_links
from crawler.discover.sitemaps import Sitemap, read_sitemap
from crawler.errors import CrawlError
from crawler.extract.source import PageSource
from crawler.sources.asking import Asker
from crawler.sources.prospect import Given, ListSeen
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction
from storage.model.link import FoundLink
from storage.model.link_kind import LinkKind

_FEED_PLACES = ("/feed/", "/rss.xml", "/feed.xml", "/rss", "/atom.xml", "/index.xml")
_SITEMAP_PLACES = ("/sitemap.xml", "/sitemap_index.xml", "/news-sitemap.xml")
#: At most so many lists of a kind are read.
_MOST = 5
_DEEPEST_INDEX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyor:
    """Who asks, who reads, and who is told of each step."""

    asker: Asker
    extract: Callable[[PageSource], Awaitable[Extraction]]
    tell: Callable[[str], None]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a survey begins: the home page, and lists that were given."""

    given: Given
    home: str
    front: Exchange | None = None
    feeds: Sequence[FoundLink] = ()
    lists: Sequence[ListSeen] = ()


async def feeds_of(start: Start, by: Surveyor) -> list[ListSeen]:
    announced = list(dict.fromkeys(link.url for link in start.feeds))[:_MOST]
    if announced:
        return await _seen(LinkKind.FEED, announced, "announced by the page", by)
    return await _at_usual_places(LinkKind.FEED, _FEED_PLACES, start, by)


async def sitemaps_of(start: Start, by: Surveyor) -> list[ListSeen]:
    named = by.asker.sitemaps_of(start.home)[:_MOST]
    if named:
        return await _seen(LinkKind.SITEMAP, named, "named by robots.txt", by)
    return await _at_usual_places(LinkKind.SITEMAP, _SITEMAP_PLACES, start, by)


async def sections_of(start: Start, by: Surveyor, *, enough: bool) -> list[ListSeen]:
    """Return the front page and the sections in its menus; those are read if needed."""
    if start.front is None:
        return []
    front = await _seen(LinkKind.SECTION, [start.front], "the page itself", by)
    menu = [link.url for link in section_links(start.front.body, start.front.url)]
    if not enough:
        return front + await _seen(LinkKind.SECTION, menu[:_MOST], "in its menus", by)
    return front + [
        ListSeen(
            kind=LinkKind.SECTION,
            url=url,
            origin="in its menus",
            note="not read: not needed beside feeds and sitemaps",
        )
        for url in menu[:_MOST]
    ]


async def _at_usual_places(
    kind: LinkKind, places: Iterable[str], start: Start, by: Surveyor
) -> list[ListSeen]:
    """Return the first list that is found where sites usually have one."""
    for place in places:
        (seen,) = await _seen(
            kind, [urljoin(start.home, place)], "at a usual place", by
        )
        if seen.links:
            return [seen]
    return []


async def _seen(
    kind: LinkKind, places: Sequence[str | Exchange], origin: str, by: Surveyor
) -> list[ListSeen]:
    """Read lists that are at hand or asked for; one that cannot be read says why."""
    return [await _one_seen(kind, place, origin, by) for place in places]


async def _one_seen(
    kind: LinkKind, place: str | Exchange, origin: str, by: Surveyor
) -> ListSeen:
    url = place if isinstance(place, str) else place.url
    try:
        if isinstance(place, str):
            by.tell(f"reading {kind} {url}")
            answer = await by.asker.ask(url)
        else:
            answer = place
        seen, _ = await read_list(kind, answer, origin, by)
    except CrawlError as error:
        why = told_of(url, error)
        return ListSeen(kind=kind, url=url, origin=origin, note=why)
    return seen


def told_of(url: str, error: CrawlError) -> str:
    """Return an error in one line, without the URL that it is about."""
    return " ".join(str(error).removeprefix(f"{url}: ").split())


async def read_list(
    kind: LinkKind, answer: Exchange, origin: str, by: Surveyor
) -> tuple[ListSeen, str | None]:
    """Return a list, and the home page that it names.

    Raises:
        NotReadable: it is none of this kind.
    """
    seen = ListSeen(kind=kind, url=answer.url, origin=origin)
    content_type = answer.header("content-type")
    match kind:
        case LinkKind.FEED:
            feed = read_feed(answer.body, answer.url, content_type=content_type)
            title = feed.title or ""
            return replace(seen, links=feed.links, title=title), feed.home
        case LinkKind.SITEMAP:
            sitemap = read_sitemap(answer.body, answer.url)
            title, sitemap = await _inside(sitemap, by)
            return replace(seen, links=_articles(sitemap), title=title), None
        case _:
            links = article_links(answer.body, answer.url, content_type=content_type)
            return replace(seen, links=links), None


async def _inside(sitemap: Sitemap, by: Surveyor) -> tuple[str, Sitemap]:
    """Return the newest sitemap of an index, and what to say of it."""
    title = ""
    for _ in range(_DEEPEST_INDEX):
        if not sitemap.children:
            break
        newest = max(sitemap.children, key=_promise)
        title = f"index of {len(sitemap.children)}, of which {newest.url} was read"
        by.tell(f"reading sitemap {newest.url}")
        try:
            answer = await by.asker.ask(newest.url)
            sitemap = read_sitemap(answer.body, answer.url)
        except CrawlError as error:
            return f"{title}: {error}", Sitemap()
    return title, sitemap


def _promise(child: FoundLink) -> tuple[bool, float]:
    """Return how likely a sitemap of an index holds news."""
    changed = child.modified.timestamp() if child.modified else 0.0
    return "news" in child.url.lower(), changed


def _articles(sitemap: Sitemap) -> tuple[FoundLink, ...]:
    """Return the pages that may be articles; a sitemap names tags and authors too."""
    return tuple(
        link
        for link in sitemap.links
        if link.published or looks_like_article(link.url, link.title or "")
    )
