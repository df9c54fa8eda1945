"""Feed bytes -> the links in them: RSS 0.9 to 2.0, RDF, Atom, JSON Feed.

A strict parser comes first, because it is fast and does exactly what the
document says. Only XML that is not well-formed goes to feedparser, which is
70 times slower and forgives nearly everything.
"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urljoin

from lxml import etree

from crawler.discover.blurbs import item_blurb
from crawler.discover.dates import feed_date
from crawler.discover.feed import MAX_ITEMS, Feed
from crawler.discover.jsonfeed import read_json_feed
from crawler.discover.links import (
    Addresses,
    absolute,
    as_written,
    clean_title,
    guid_of,
    guid_url_of,
    newest,
)
from crawler.discover.loose import read_loose_feed
from crawler.discover.markup import (
    Reading,
    children,
    clean_xml,
    first_text,
    local_name,
)
from crawler.errors import NotReadable
from storage.model.link import FoundLink
from storage.model.link_kind import LinkKind

__all__ = ["Feed", "read_feed"]

_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
#: Media RSS and iTunes have titles and descriptions of files.
_MEDIA = (
    "http://search.yahoo.com/mrss/",
    "http://www.itunes.com/dtds/podcast-1.0.dtd",
)
_ROOTS = ("rss", "rdf", "feed")
_ITEMS = frozenset({"item", "entry"})
_ROOT_TAG = re.compile(rb"<(?:\w{1,20}:)?(?:rss|rdf|feed)[\s>/]", re.IGNORECASE)
_HEAD = 8192
_PUBLISHED = ("pubdate", "published", "issued", "date", "created")
_MODIFIED = ("modified", "updated", "lastbuilddate")
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}
_WORDPRESS = "wordpress.org"
#: A link to a comment, as WordPress, Drupal and Blogger write it.
_COMMENT = re.compile(rb"<link\b[^<]{0,2000}(?:#comment-?\d|[?&;]showComment=)")
_LONGEST_TTL = 60 * 24 * 366


def read_feed(body: bytes, url: str, *, content_type: str | None = None) -> Feed:
    """Read a feed.

    Args:
        body: The response body, codings removed.
        url: Where it came from; relative links are resolved against it.
        content_type: The response's Content-Type, for its charset.

    Raises:
        NotReadable: It is no feed, or it declares entities, or nothing can be
            read from it.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return read_json_feed(body, url)
    clean = clean_xml(body, content_type)
    try:
        return _feed(clean, url)
    except etree.XMLSyntaxError as error:
        if not _ROOT_TAG.search(clean, 0, _HEAD):
            raise NotReadable("neither XML nor JSON of a feed") from error
        return read_loose_feed(clean, url)


def _feed(clean: bytes, url: str) -> Feed:
    reading = Reading(clean, names=_ITEMS)
    addresses = Addresses()
    found = (_link(item, url, addresses) for item in reading)
    links = newest(filter(None, found), MAX_ITEMS)
    root = reading.root
    if local_name(root) not in _ROOTS:
        raise NotReadable(f"a <{local_name(root)}> document, not a feed")
    channel = next((c for c in children(root) if local_name(c) == "channel"), root)
    about = _fields(channel)
    return Feed(
        title=clean_title(first_text(about, "title")),
        links=links,
        too_long=addresses.too_long,
        language=first_text(about, "language") or root.get(_LANG) or None,
        ttl=_ttl(about),
        hub=_stated(channel, url, "hub", absolute),
        topic=_stated(channel, url, "self", as_written),
        home=_home(channel, url),
        older=_older(channel, url, about),
        of_comments=2 * len(_COMMENT.findall(clean)) > len(links) > 0,
    )


def _fields(element: etree._Element) -> dict[str, etree._Element]:
    """Return the first child of each name; those of the item's media do not count."""
    own = (c for c in children(element) if etree.QName(c).namespace not in _MEDIA)
    return {local_name(c): c for c in reversed(list(own))}


def _link(item: etree._Element, url: str, addresses: Addresses) -> FoundLink | None:
    fields = _fields(item)
    base = _base(item, url)
    address = addresses.first(_addresses(item), base)
    if address is None:
        return None
    guid = first_text(fields, "guid", "id")
    return FoundLink(
        url=address,
        kind=LinkKind.ARTICLE,
        title=clean_title(first_text(fields, "title")),
        published=feed_date(first_text(fields, *_PUBLISHED)),
        modified=feed_date(first_text(fields, *_MODIFIED)),
        blurb=item_blurb(item, fields, base),
        guid=guid_of(guid),
        guid_url=guid_url_of(guid),
    )


def _addresses(item: etree._Element) -> Iterator[str]:
    """Yield an item's candidate links, the most trustworthy first.

    `feedburner:origLink` is the address behind a redirector. A GUID or Atom id
    stands for a link only where there is none and nothing says it is no link.
    """
    named = [(local_name(child), child) for child in children(item)]
    yield from (c.text or "" for name, c in named if name == "origlink")
    links = [c for name, c in named if name == "link"]
    links.sort(key=lambda link: "html" not in link.get("type", "html"))
    for link in links:
        if link.get("rel", "alternate") == "alternate":
            yield link.get("href") or link.text or ""
    for name, child in named:
        if name == "guid" and child.get("isPermaLink", "true").lower() != "false":
            yield _only_url(child.text)
        if name == "id":
            yield _only_url(child.text)


def _only_url(text: str | None) -> str:
    stripped = (text or "").strip()
    return stripped if stripped.startswith(("http://", "https://")) else ""


def _base(element: etree._Element, url: str) -> str:
    """Return the base URL in force at an element (`xml:base`, RFC 3986 5.1)."""
    chain = [e.get(_BASE) for e in (element, *element.iterancestors())]
    base = url
    for step in reversed([value for value in chain if value]):
        try:
            base = urljoin(base, step.strip())
        except ValueError:
            continue
    return base


def _ttl(about: dict[str, etree._Element]) -> timedelta | None:
    period = _PERIODS.get((first_text(about, "updateperiod") or "").lower(), 0) * 60
    often = _number(first_text(about, "updatefrequency")) or 1
    minutes = max(_number(first_text(about, "ttl")), period // often)
    return timedelta(minutes=minutes) if 0 < minutes <= _LONGEST_TTL else None


def _number(text: str | None) -> int:
    known = text is not None and text.isascii() and text.isdigit() and len(text) < 9
    return int(text) if known and text else 0


def _stated(
    channel: etree._Element,
    url: str,
    relation: str,
    resolve: Callable[[str | None, str], str | None],
) -> str | None:
    """Return the first address a feed names by a link relation."""
    for child in children(channel):
        if local_name(child) == "link" and child.get("rel") == relation:
            return resolve(child.get("href"), _base(child, url))
    return None


def _older(
    channel: etree._Element, url: str, about: dict[str, etree._Element]
) -> str | None:
    """Return where a feed's items before these are (RFC 5005, sections 3 and 4)."""
    for relation in ("prev-archive", "next"):
        if stated := _stated(channel, url, relation, absolute):
            return stated
    if _WORDPRESS in (first_text(about, "generator") or ""):
        return absolute(_next_of_wordpress(url), url)
    return None


def _next_of_wordpress(url: str) -> str:
    """Return a feed's address with `paged=2`, or one more than it has."""
    place, _, query = url.partition("?")
    pairs = [pair for pair in query.split("&") if pair]
    number = next((_number(p[6:]) for p in pairs if p.startswith("paged=")), 1)
    others = [pair for pair in pairs if not pair.startswith("paged=")]
    return f"{place}?{'&'.join((*others, f'paged={number + 1}'))}"


def _home(channel: etree._Element, url: str) -> str | None:
    """Return the page a feed says it is of: RSS's link, or Atom's alternate."""
    for child in children(channel):
        if local_name(child) == "link" and child.get("rel", "alternate") == "alternate":
            return absolute(child.get("href") or child.text, _base(child, url))
    return None
