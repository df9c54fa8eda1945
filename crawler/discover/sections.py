"""Front and section pages -> the articles and feeds they link to."""

import re
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.discover.likely import looks_like_article, looks_like_section
from crawler.discover.links import absolute, clean_title, of_site, without_repeats
from crawler.discover.pages import base_of, parse_page
from crawler.discover.shapes import NO_SHAPES, Shapes
from crawler.urls import same_site as on_one_site
from storage.model.link import FoundLink
from storage.model.link_kind import LinkKind

_MAX_LINKS = 5_000

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_HEADED = ", ".join(_HEADINGS)
_FURNITURE = frozenset(("nav", "footer", "form"))
_FURNITURE_ROLES = frozenset(("navigation", "contentinfo", "search", "menu"))
_FURNITURE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|footer|breadcrumbs?|share|social|cookie)(?:$|[\s_-])",
    re.IGNORECASE,
)
_FEED_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/feed+json",
    "application/rdf+xml",
    "application/xml",
    "text/xml",
)
#: What JSON Feed 1.0 is announced as, and much else that is none.
_JSON = "application/json"
_FEED_PATH = re.compile(
    r"[./](?:rss|rdf|atom)/?$|/feeds?/?$|\b(?:rss|feed|atom|index)\.(?:xml|json|php)$",
    re.IGNORECASE,
)
#: Feeds of readers' comments, as WordPress, Blogger and others name them. A section may
#: be called Comment, and its stories are none.
_OF_COMMENTS = re.compile(
    r"/comments/(?:feed|default|rss|atom)\b|[?&]feed=comments|/comments\.(?:rss|xml|atom)\b"
    r"|\bcomments (?:feed|rss|atom)\b|^(?:recent )?comments (?:for|on|to)\b",
    re.IGNORECASE,
)


def article_links(
    body: bytes,
    url: str,
    *,
    same_site: Callable[[str, str], bool] = on_one_site,
    shapes: Shapes = NO_SHAPES,
    content_type: str | None = None,
) -> tuple[FoundLink, ...]:
    """Return the links of a front or section page that look like articles.

    `shapes` is what the site's addresses turned out to be. A link's title is the longest
    text the page gives it. Links in menus, breadcrumbs and footers, to other sites, and
    to the page itself are left out.

    Raises:
        NotReadable: It is too large or too deep to be parsed in good time.
    """
    tree = parse_page(body, content_type)
    return _article_links(tree, url, same_site, shapes)


def articles_and_feeds(
    body: bytes, url: str, shapes: Shapes, content_type: str | None = None
) -> tuple[tuple[FoundLink, ...], tuple[FoundLink, ...]]:
    """Return `article_links` of a page, and its feeds but those of comments.

    It is parsed once.

    Raises:
        NotReadable: It is too large or too deep to be parsed in good time.
    """
    tree = parse_page(body, content_type)
    feeds = tuple(feed for feed in _feed_links(tree, url) if not is_of_comments(feed))
    return _article_links(tree, url, on_one_site, shapes), feeds


def _article_links(
    tree: LexborHTMLParser,
    url: str,
    same_site: Callable[[str, str], bool],
    shapes: Shapes,
) -> tuple[FoundLink, ...]:
    base = base_of(tree, url)
    titles: dict[str, str] = {}
    headed: set[str] = set()
    for anchor in tree.css("a[href]")[:_MAX_LINKS]:
        address = absolute(anchor.attributes.get("href"), base)
        if address is None or address == url or is_furniture(anchor):
            continue
        text = words_of(anchor)
        if len(text) >= len(titles.get(address, "")):
            titles[address] = text
        if _is_headed(anchor):
            headed.add(address)
    links = (
        FoundLink(url=address, kind=LinkKind.ARTICLE, title=text or None)
        for address, text in titles.items()
        if looks_like_article(address, text, shapes, headed=address in headed)
    )
    return tuple(of_site(links, url, same_site))


def section_links(
    body: bytes, url: str, *, same_site: Callable[[str, str], bool] = on_one_site
) -> tuple[FoundLink, ...]:
    """Return the sections in a page's menus, in their order.

    Raises:
        NotReadable: It is too large or too deep to be parsed in good time.
    """
    tree = parse_page(body)
    base = base_of(tree, url)
    links = []
    for anchor in tree.css("a[href]")[:_MAX_LINKS]:
        address = absolute(anchor.attributes.get("href"), base)
        text = words_of(anchor)
        if not (address and address != url and looks_like_section(address, text)):
            continue
        if is_furniture(anchor):
            links.append(FoundLink(url=address, kind=LinkKind.SECTION, title=text))
    return tuple(of_site(without_repeats(links), url, same_site))


def feed_links(body: bytes, url: str) -> tuple[FoundLink, ...]:
    """Return the feeds a page announces with `link rel=alternate`.

    Feeds of comments come last: they are rarely what is wanted.

    Raises:
        NotReadable: It is too large or too deep to be parsed in good time.
    """
    return _feed_links(parse_page(body), url)


def _feed_links(tree: LexborHTMLParser, url: str) -> tuple[FoundLink, ...]:
    found = list(_announced(tree, base_of(tree, url)))
    found.sort(key=is_of_comments)
    return tuple(without_repeats(found))


def is_of_comments(feed: FoundLink) -> bool:
    """Tell whether an announced feed is one of readers' comments, by its names."""
    return any(_OF_COMMENTS.search(name) for name in (feed.url, feed.title or ""))


def _announced(tree: LexborHTMLParser, base: str) -> Iterator[FoundLink]:
    for link in tree.css("link[rel~=alternate i][href]"):
        kind = (link.attributes.get("type") or "").split(";")[0].strip().lower()
        address = absolute(link.attributes.get("href"), base)
        if address and (
            kind in _FEED_TYPES or (kind == _JSON and _names_feed(address))
        ):
            title = clean_title(link.attributes.get("title"))
            yield FoundLink(url=address, kind=LinkKind.FEED, title=title)


def linked_feeds(body: bytes, url: str) -> tuple[FoundLink, ...]:
    """Return the links of a page whose addresses look like feeds, but of comments.

    Pages that list a site's feeds for readers link to them, and announce none.

    Raises:
        NotReadable: It is too large or too deep to be parsed in good time.
    """
    tree = parse_page(body)
    base = base_of(tree, url)
    anchors = tree.css("a[href]")[:_MAX_LINKS]
    links = [
        FoundLink(url=address, kind=LinkKind.FEED, title=words_of(anchor) or None)
        for anchor in anchors
        if (address := absolute(anchor.attributes.get("href"), base))
        and address != url
        and _names_feed(address)
    ]
    own = of_site(without_repeats(links), url, on_one_site)
    return tuple(link for link in own if not is_of_comments(link))


def _names_feed(url: str) -> bool:
    return bool(_FEED_PATH.search(urlsplit(url).path))


def words_of(anchor: LexborNode) -> str:
    """Return the words of a link: its heading if it has one, else its text."""
    heading = anchor.css_first(_HEADED)
    said = (heading or anchor).text(separator=" ")
    named = anchor.attributes.get("title") or anchor.attributes.get("aria-label")
    return clean_title(said) or clean_title(named) or ""


def _is_headed(anchor: LexborNode) -> bool:
    """Whether a link stands in a heading, or has one: cards of articles are made so."""
    above = anchor.parent
    outer = above.parent if above is not None else None
    around = {node.tag for node in (above, outer) if node is not None}
    return not around.isdisjoint(_HEADINGS) or anchor.css_first(_HEADED) is not None


def is_furniture(anchor: LexborNode) -> bool:
    """Whether a link stands in a menu, breadcrumb, form or footer of the page."""
    node: LexborNode | None = anchor
    while node is not None and node.tag not in {"article", "main", "body"}:
        names = (
            f"{node.attributes.get('class') or ''} {node.attributes.get('id') or ''}"
        )
        if (
            node.tag in _FURNITURE
            or node.attributes.get("role") in _FURNITURE_ROLES
            or _FURNITURE_CLASS.search(names)
        ):
            return True
        node = node.parent
    return False
