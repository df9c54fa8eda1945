"""Front and section pages -> the articles and feeds they link to."""

import re
from collections.abc import Callable, Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.discover.charset import decode
from crawler.discover.likely import looks_like_article
from crawler.discover.links import absolute, clean_title, of_site, without_repeats
from crawler.discover.shapes import NO_SHAPES, Shapes
from crawler.errors import NotReadable
from crawler.urls import same_site as on_one_site
from storage.model import FoundLink, LinkKind

_MAX_BYTES = 5 * 1024 * 1024
_MAX_DEPTH = 1_000
_MAX_ATTRIBUTES = 2_000
_MAX_OPTIONS = 5_000
_MAX_LINKS = 5_000

# What nests without limit; other elements close each other or stand alone.
_NESTING = re.compile(
    r"<(/?)(?:a|address|article|aside|b|big|blockquote|button|center|code|details|"
    r"dialog|div|dl|em|fieldset|figcaption|figure|font|footer|form|h[1-6]|header|"
    r"hgroup|i|main|menu|nav|nobr|object|ol|pre|s|search|section|small|span|strike|"
    r"strong|summary|svg|table|template|tt|u|ul)\b",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[a-zA-Z][^<>]*")
_FURNITURE = frozenset(("nav", "footer", "form"))
_FURNITURE_ROLES = frozenset(("navigation", "contentinfo", "search", "menu"))
_FURNITURE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|menu|footer|breadcrumbs?|share|social|cookie)(?:$|[\s_-])",
    re.IGNORECASE,
)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json")


def article_links(
    body: bytes,
    url: str,
    *,
    same_site: Callable[[str, str], bool] = on_one_site,
    shapes: Shapes = NO_SHAPES,
) -> tuple[FoundLink, ...]:
    """Return the links of a front or section page that look like articles.

    `shapes` is what the site's addresses turned out to be. A link's title is the longest text the page gives it. Links in menus,
    breadcrumbs and footers, to other sites, and to the page itself are left out.

    Raises:
        NotReadable: It is too large or too deep to be parsed in good time.
    """
    tree = _parsed(body)
    base = _base(tree, url)
    titles: dict[str, str] = {}
    for anchor in tree.css("a[href]")[:_MAX_LINKS]:
        address = absolute(anchor.attributes.get("href"), base)
        if address is None or address == url or _is_furniture(anchor):
            continue
        text = _words(anchor)
        if len(text) >= len(titles.get(address, "")):
            titles[address] = text
    links = (
        FoundLink(url=address, kind=LinkKind.ARTICLE, title=text or None)
        for address, text in titles.items()
        if looks_like_article(address, text, shapes)
    )
    return tuple(of_site(links, url, same_site))


def feed_links(body: bytes, url: str) -> tuple[FoundLink, ...]:
    """Return the feeds a page announces with `link rel=alternate`.

    Feeds of comments come last: they are rarely what is wanted.

    Raises:
        NotReadable: It is too large or too deep to be parsed in good time.
    """
    tree = _parsed(body)
    found = list(_announced(tree, _base(tree, url)))
    found.sort(key=lambda link: "comment" in (link.url + (link.title or "")).lower())
    return tuple(without_repeats(found))


def _announced(tree: LexborHTMLParser, base: str) -> Iterator[FoundLink]:
    for link in tree.css("link[rel~=alternate i][href]"):
        kind = (link.attributes.get("type") or "").split(";")[0].strip().lower()
        address = absolute(link.attributes.get("href"), base)
        if address and kind in _FEED_TYPES:
            title = clean_title(link.attributes.get("title"))
            yield FoundLink(url=address, kind=LinkKind.FEED, title=title)


def _parsed(body: bytes) -> LexborHTMLParser:
    if len(body) > _MAX_BYTES:
        raise NotReadable("a page of more than 5 MiB")
    text = decode(body)
    _refuse_hostile(text)
    return LexborHTMLParser(text.encode("utf-8", "replace"))


def _refuse_hostile(text: str) -> None:
    """Refuse shapes that cost the parser quadratic time, in linear time.

    50,000 nested elements, attributes on one tag or options hold it for 5 to
    20 seconds.
    """
    depth = 0
    for tag in _NESTING.finditer(text):
        depth = max(0, depth - 1) if tag[1] else depth + 1
        if depth > _MAX_DEPTH:
            raise NotReadable("a page nested too deep")
    if text.lower().count("<option") > _MAX_OPTIONS:
        raise NotReadable("a page with too many options")
    if any(len(tag[0].split()) > _MAX_ATTRIBUTES for tag in _TAG.finditer(text)):
        raise NotReadable("a tag with too many attributes")


def _base(tree: LexborHTMLParser, url: str) -> str:
    stated = tree.css_first("base[href]")
    return (stated and absolute(stated.attributes.get("href"), url)) or url


def _words(anchor: LexborNode) -> str:
    """Return the words of a link: its heading if it has one, else its text."""
    heading = anchor.css_first("h1, h2, h3, h4, h5, h6")
    said = (heading or anchor).text(separator=" ")
    named = anchor.attributes.get("title") or anchor.attributes.get("aria-label")
    return clean_title(said) or clean_title(named) or ""


def _is_furniture(anchor: LexborNode) -> bool:
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
