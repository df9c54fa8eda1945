"""The lists of a site that is surveyed: found, read, each with what it names now.

Usual places of feeds and sitemaps are tried only where the site names none itself.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urljoin

from crawler.discover.feeds import read_feed
from crawler.discover.likely import looks_like_article
from crawler.discover.sections import (
    article_links,
    is_of_comments,
    linked_feeds,
    section_links,
)
from crawler.discover.sitemaps import Sitemap, read_sitemap
from crawler.errors import CrawlError
from crawler.extract.source import PageSource
from crawler.sources.asking import Asker
from crawler.sources.prospect import Given, ListSeen
from crawler.sources.site_part import folder_of, is_inside, is_of_part
from storage.model.exchange import Exchange
from storage.model.extraction import Extraction
from storage.model.link import FoundLink
from storage.model.link_kind import LinkKind

#: In the order of how many sites have one there: WordPress and Substack; others that
#: make files; Wix; Blogger. Some redirect `/feed` to `/feed/`, some the other way.
_FEED_PLACES = (
    "/feed/",
    "/rss.xml",
    "/feed.xml",
    "/rss",
    "/feed",
    "/atom.xml",
    "/index.xml",
    "/feed.json",
    "/blog-feed.xml",
    "/feeds/posts/default",
)
_PART_PLACES = ("/feed/", "/rss.xml", "/rss")
_SITEMAP_PLACES = ("/sitemap.xml", "/sitemap_index.xml", "/news-sitemap.xml")
#: At most so many lists of a kind are read.
_MOST = 5
#: And so many sitemaps of an index, until one names articles.
_MOST_INSIDE = 5
#: Names of sitemaps of stories, and of what else systems have one of.
_OF_NEWS = re.compile(r"news|posts?\b|articles?\b|stor(?:y|ies)\b", re.IGNORECASE)
_OF_OTHERS = re.compile(
    r"author|user|tags?\b|categor|taxonom|image|video|(?<![?&])pages?\b", re.IGNORECASE
)
_BY_PAGE = "announced by the page"
_OF_WHOLE = "of more than the part that was given"
_OF_COMMENTS = "readers' comments, not articles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyor:
    """Who asks, who reads, and who is told of each step."""

    asker: Asker
    extract: Callable[[PageSource], Awaitable[Extraction]]
    tell: Callable[[str], None]
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where a survey begins: the home page, and lists that were given.

    `part` is the folder of the site that was given, nothing where it was all of it.
    """

    given: Given
    home: str
    front: Exchange | None = None
    feeds: Sequence[FoundLink] = ()
    lists: Sequence[ListSeen] = ()
    part: str = ""


async def feeds_of(start: Start, by: Surveyor) -> list[ListSeen]:
    """Return a site's feeds; those of readers' comments are named, and not read."""
    of_stories = [feed for feed in start.feeds if not is_of_comments(feed)]
    announced = list(dict.fromkeys(feed.url for feed in of_stories))[:_MOST]
    of_comments = [
        ListSeen(kind=LinkKind.FEED, url=feed.url, origin=_BY_PAGE, note=_OF_COMMENTS)
        for feed in start.feeds
        if is_of_comments(feed)
    ]
    if announced:
        return await _seen(LinkKind.FEED, announced, _BY_PAGE, by) + of_comments
    if linked := _linked_feeds(start):
        return (
            await _seen(LinkKind.FEED, linked, "linked by the page", by) + of_comments
        )
    places = (*_below(start.home), *_FEED_PLACES)
    return await _at_usual_places(LinkKind.FEED, places, start, by) + of_comments


def _below(home: str) -> list[str]:
    """Return where a part of a site may have a feed of its own: `/news/feed/`."""
    folder = folder_of(home)
    return [f"{folder}{place}" for place in _PART_PLACES] if folder else []


def _linked_feeds(start: Start) -> list[str]:
    if start.front is None:
        return []
    found = linked_feeds(start.front.body, start.front.url)
    return [link.url for link in found[:_MOST]]


async def sitemaps_of(start: Start, by: Surveyor) -> list[ListSeen]:
    """Return a site's sitemaps; of a part of it, those of all of it are not watched."""
    return [
        seen
        if seen.note or is_of_part(seen.named, start.part)
        else replace(seen, note=_OF_WHOLE)
        for seen in await _sitemaps_of(start, by)
    ]


async def _sitemaps_of(start: Start, by: Surveyor) -> list[ListSeen]:
    named = by.asker.sitemaps_of(start.home)[:_MOST]
    if named:
        origin, sites = "named by robots.txt", (start.home,)
        return await _seen(LinkKind.SITEMAP, named, origin, by, sites)
    return await _at_usual_places(LinkKind.SITEMAP, _SITEMAP_PLACES, start, by)


async def sections_of(start: Start, by: Surveyor, *, enough: bool) -> list[ListSeen]:
    """Return the front page and the sections in its menus; those are read if needed.

    Of a part of a site, other parts in its menus are left out.
    """
    if start.front is None:
        return []
    front = await _seen(LinkKind.SECTION, [start.front], "the page itself", by)
    linked = section_links(start.front.body, start.front.url)
    menu = [link.url for link in linked if is_inside(link.url, start.part)]
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
    kind: LinkKind,
    places: Sequence[str | Exchange],
    origin: str,
    by: Surveyor,
    sites: Collection[str] = (),
) -> list[ListSeen]:
    """Read lists that are at hand or asked for; one that cannot be read says why."""
    return [await _one_seen(kind, place, origin, by, sites) for place in places]


async def _one_seen(
    kind: LinkKind,
    place: str | Exchange,
    origin: str,
    by: Surveyor,
    sites: Collection[str],
) -> ListSeen:
    url = place if isinstance(place, str) else place.url
    try:
        if isinstance(place, str):
            by.tell(f"reading {kind} {url}")
            answer = await by.asker.ask(url)
        else:
            answer = place
        seen, _ = await read_list(kind, answer, origin, by, sites)
    except CrawlError as error:
        why = told_of(url, error)
        return ListSeen(kind=kind, url=url, origin=origin, note=why)
    return seen


def told_of(url: str, error: CrawlError) -> str:
    """Return an error in one line, without the URL that it is about."""
    return " ".join(str(error).removeprefix(f"{url}: ").split())


async def read_list(
    kind: LinkKind,
    answer: Exchange,
    origin: str,
    by: Surveyor,
    sites: Collection[str] = (),
) -> tuple[ListSeen, str | None]:
    """Return a list, and the home page that it names; `sites` as for `read_sitemap`.

    Raises:
        NotReadable: it is none of this kind.
    """
    seen = ListSeen(kind=kind, url=answer.url, origin=origin)
    content_type = answer.header("content-type")
    match kind:
        case LinkKind.FEED:
            feed = read_feed(answer.body, answer.url, content_type=content_type)
            title = feed.title or ""
            note = _OF_COMMENTS if feed.of_comments else ""
            return replace(seen, links=feed.links, title=title, note=note), feed.home
        case LinkKind.SITEMAP:
            sites = sites or (answer.url,)
            sitemap = read_sitemap(answer.body, answer.url, sites=sites)
            seen = replace(seen, named=sitemap.children or sitemap.links)
            title, sitemap = await _inside(sitemap, by, sites)
            return replace(seen, links=_articles(sitemap), title=title), None
        case _:
            links = article_links(answer.body, answer.url, content_type=content_type)
            return replace(seen, links=links), None


async def _inside(
    sitemap: Sitemap, by: Surveyor, sites: Collection[str]
) -> tuple[str, Sitemap]:
    """Return the likeliest sitemap of an index with articles, and what to say of it.

    Some name an index again, or themselves. Where those that are read have no article
    it is the last of them.
    """
    named, waiting = len(sitemap.children), list(sitemap.children)
    asked, title = set[str](), ""
    while waiting and len(asked) < _MOST_INSIDE and not _articles(sitemap):
        child = max(waiting, key=_promise)
        asked.add(child.url)
        title = f"index of {named}, of which {child.url} was read"
        by.tell(f"reading sitemap {child.url}")
        try:
            answer = await by.asker.ask(child.url)
            sitemap = read_sitemap(answer.body, answer.url, sites=sites)
        except CrawlError as error:
            title, sitemap = f"{title}: {error}", Sitemap()
        waiting = [one for one in (*waiting, *sitemap.children) if one.url not in asked]
    return title, sitemap


def _promise(child: FoundLink) -> tuple[int, float]:
    """Return how likely a sitemap of an index holds news."""
    changed = child.modified.timestamp() if child.modified else 0.0
    likely = 1 if _OF_NEWS.search(child.url) else 0
    return -1 if _OF_OTHERS.search(child.url) else likely, changed


def _articles(sitemap: Sitemap) -> tuple[FoundLink, ...]:
    """Return the pages that may be articles; a sitemap names tags and authors too."""
    return tuple(
        link
        for link in sitemap.links
        if link.published or looks_like_article(link.url, link.title or "")
    )
