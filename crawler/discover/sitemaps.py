"""Sitemap bytes -> the links in them (sitemaps.org, Google News extension)."""

import re
import zlib
from collections.abc import Collection
from dataclasses import dataclass

from lxml import etree

from crawler.discover.dates import feed_date
from crawler.discover.links import Addresses, clean_title, of_site, without_repeats
from crawler.discover.markup import clean_xml, local_name, pull_parser, without_dtd
from crawler.errors import NotReadable
from crawler.urls import same_site
from storage.model.link import FoundLink
from storage.model.link_kind import LinkKind

#: Of a sitemap, unpacked (sitemaps.org).
MAX_BYTES = 50 * 1024 * 1024
_MAX_LINKS = 50_000
#: Some have more entries than they may: of these the newest are taken.
_MAX_ENTRIES = 250_000
_PIECE = 64 * 1024
_GZIP = b"\x1f\x8b"
_PLAIN = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml(?![^>]{0,200}encoding)[^>]{0,200}>|"
    rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"'](?:utf-8|us-ascii)[\"']|<(?!\?xml)\S)",
    re.IGNORECASE,
)
_BARE_AMPERSAND = re.compile(
    rb"&(?!(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)"
)
_ROOTS = ("urlset", "sitemapindex")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """A sitemap or sitemap index read.

    Attributes:
        children: The sitemaps an index names, with their `lastmod`.
        links: The pages a sitemap names.
        well_formed: False when broken XML was read as far as it goes.
        whole: Whether nothing that it names was left unread.
        left: How many links over its bound were left, the oldest.
        too_long: How many of its addresses are too long.
    """

    children: tuple[FoundLink, ...] = ()
    links: tuple[FoundLink, ...] = ()
    well_formed: bool = True
    whole: bool = True
    left: int = 0
    too_long: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One `url` or `sitemap` element, as it says."""

    loc: str
    is_sitemap: bool = False
    lastmod: str | None = None
    title: str | None = None
    published: str | None = None


def read_sitemap(body: bytes, url: str, *, sites: Collection[str] = ()) -> Sitemap:
    """Read a sitemap, sitemap index or plain list of URLs, gzipped or not.

    At most 50,000 links are taken, the newest as it dates them, and 50 MiB read once
    unpacked. Pages of other sites are left out: a sitemap speaks for those of which
    `sites` has a page, or else for its own. The sitemaps that an index names may be
    anywhere, for they speak for no more than it does.

    Raises:
        NotReadable: It is none of these, too large, or declares entities.
    """
    plain = _unpacked(body)
    if plain.lstrip(b"\xef\xbb\xbf \t\r\n")[:4] == b"http":
        found = _text_list(plain)
        well_formed = True
    else:
        found, well_formed = _xml_entries(plain)
    addresses = Addresses()
    named = _links(found, url, addresses)
    mine = sites or (url,)
    pages = of_site(
        (one for one in named if one.kind is LinkKind.ARTICLE),
        url,
        lambda a, _: any(same_site(a, b) for b in mine),
    )
    own = [one for one in named if one.kind is LinkKind.SITEMAP] + pages
    taken = _newest(own)
    return Sitemap(
        children=tuple(e for e in taken if e.kind is LinkKind.SITEMAP),
        links=tuple(e for e in taken if e.kind is LinkKind.ARTICLE),
        well_formed=well_formed,
        whole=well_formed and len(taken) == len(own) and len(found) < _MAX_ENTRIES,
        left=len(own) - len(taken),
        too_long=addresses.too_long,
    )


def _newest(links: list[FoundLink]) -> list[FoundLink]:
    """Return as many links as are taken: the newest, and undated ones from both ends.

    Most sitemaps begin with the newest or end with it.
    """
    if len(links) <= _MAX_LINKS:
        return links
    middle = (len(links) - 1) / 2
    places = sorted(
        range(len(links)), key=lambda n: (-_date(links[n]), -abs(n - middle))
    )
    return [links[place] for place in sorted(places[:_MAX_LINKS])]


def _date(link: FoundLink) -> float:
    stated = link.published or link.modified
    return stated.timestamp() if stated else 0.0


def _links(entries: list[_Entry], url: str, addresses: Addresses) -> list[FoundLink]:
    found = [(addresses.first((entry.loc,), url), entry) for entry in entries]
    return without_repeats(
        FoundLink(
            url=address,
            kind=LinkKind.SITEMAP if entry.is_sitemap else LinkKind.ARTICLE,
            title=clean_title(entry.title),
            published=feed_date(entry.published),
            modified=feed_date(entry.lastmod),
        )
        for address, entry in found
        if address
    )


def _unpacked(body: bytes) -> bytes:
    """Return the body without its gzip layers; two at most are believed."""
    for _ in range(2):
        if body.startswith(_GZIP):
            body = _one_layer(body)
    if len(body) > MAX_BYTES:
        raise NotReadable("a sitemap of more than 50 MiB")
    return body


def _one_layer(body: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=31).decompress(body, MAX_BYTES + 1)
    except zlib.error as error:
        raise NotReadable("a gzip file that cannot be unpacked") from error


def _text_list(body: bytes) -> list[_Entry]:
    lines = body.decode("utf-8", "replace").lstrip("\ufeff").splitlines()
    return [_Entry(loc=line) for line in lines[:_MAX_ENTRIES] if line.strip()]


def _xml_entries(body: bytes) -> tuple[list[_Entry], bool]:
    """Read strictly; if that fails, read again as far as it goes."""
    body = without_dtd(body) if _PLAIN.match(body) else clean_xml(body)
    try:
        return _entries(body, pull_parser(recover=False)), True
    except etree.XMLSyntaxError:
        return _as_far_as_it_goes(clean_xml(body)), False


def _as_far_as_it_goes(clean: bytes) -> list[_Entry]:
    try:
        repaired = _BARE_AMPERSAND.sub(b"&amp;", clean)
        found = _entries(repaired, pull_parser(recover=True))
    except etree.XMLSyntaxError as error:
        raise NotReadable("nothing that an XML reader understands") from error
    if not found:
        raise NotReadable("broken XML without a readable link")
    return found


def _entries(body: bytes, parser: etree.XMLPullParser) -> list[_Entry]:
    """Read entry by entry, each forgotten once it is read: 8 MB for 50,000."""
    found: list[_Entry] = []
    depth = 0
    for at in range(0, len(body), _PIECE):
        parser.feed(body[at : at + _PIECE])
        for event, element in parser.read_events():
            depth += 1 if event == "start" else -1
            if depth == 1 and not isinstance(element, tuple | None):
                _see(event, element, found)
        if len(found) >= _MAX_ENTRIES:
            return found[:_MAX_ENTRIES]
    parser.close()
    return found


def _see(event: str, element: etree._Element, found: list[_Entry]) -> None:
    """Check the root when it opens; take and drop each of its children."""
    if event == "start":
        if local_name(element) not in _ROOTS:
            raise NotReadable(f"a <{local_name(element)}> document, not a sitemap")
        return
    if entry := _entry(element):
        found.append(entry)
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _entry(element: etree._Element) -> _Entry | None:
    said = _texts(element)
    news = element.find("{*}news")
    of_news = {} if news is None else _texts(news)
    if not said.get("loc"):
        return None
    return _Entry(
        loc=said["loc"],
        is_sitemap=local_name(element) == "sitemap",
        lastmod=said.get("lastmod"),
        title=of_news.get("title"),
        published=of_news.get("publication_date"),
    )


def _texts(element: etree._Element) -> dict[str, str]:
    return {
        local_name(c): (c.text or "").strip() for c in element if isinstance(c.tag, str)
    }
