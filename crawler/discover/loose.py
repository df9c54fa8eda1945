"""Feeds that are not well-formed XML, read by feedparser."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

import feedparser

from crawler.discover.blurbs import make_blurb
from crawler.discover.dates import feed_date
from crawler.discover.feed import MAX_ITEMS, Feed
from crawler.discover.links import (
    Addresses,
    absolute,
    as_written,
    clean_title,
    guid_of,
    guid_url_of,
    newest,
)
from crawler.errors import NotReadable
from storage.model.article import Blurb
from storage.model.link import FoundLink
from storage.model.link_kind import LinkKind

# feedparser takes six seconds for the worst megabyte seen, and quadratic time
# where many tags are opened and not closed.
_MAX_BYTES = 1024 * 1024
_MAX_UNCLOSED = 1_000
_HEADERS = {"content-type": "application/xml; charset=utf-8"}


def read_loose_feed(clean: bytes, url: str) -> Feed:
    """Read broken XML as well as can be.

    Args:
        clean: What `clean_xml` returned: UTF-8 without any DTD.
        url: Where it came from.

    Raises:
        NotReadable: No item can be read from it, or it is over 1 MiB.
    """
    if len(clean) > _MAX_BYTES:
        raise NotReadable("broken XML of more than 1 MiB")
    if clean.count(b"<") - clean.count(b">") > _MAX_UNCLOSED:
        raise NotReadable("broken XML with too many tags left open")
    headers = {**_HEADERS, "content-location": url}
    try:
        parsed = feedparser.parse(
            io.BytesIO(clean), response_headers=headers, sanitize_html=False
        )
    except Exception as error:
        # It raises whatever its parsers happen to raise on hostile input.
        raise NotReadable("broken XML that no reader understands") from error
    addresses = Addresses()
    links = newest(_links(parsed.get("entries", []), url, addresses), MAX_ITEMS)
    if not links and not addresses.too_long:
        raise NotReadable("broken XML without a readable item")
    about = parsed.get("feed", {})
    return Feed(
        title=clean_title(_text(about, "title")),
        links=links,
        too_long=addresses.too_long,
        language=_text(about, "language") or None,
        hub=absolute(_linked(about, "hub"), url),
        topic=as_written(_linked(about, "self"), url),
        home=absolute(_text(about, "link"), url),
        well_formed=False,
    )


def _links(
    entries: list[Mapping[str, Any]], url: str, addresses: Addresses
) -> Iterator[FoundLink]:
    for entry in map(dict, entries):  # without its aliases for other names
        named = (_text(entry, name) for name in ("link", "id"))
        if address := addresses.first(named, url):
            yield FoundLink(
                url=address,
                kind=LinkKind.ARTICLE,
                title=clean_title(_text(entry, "title")),
                published=feed_date(_text(entry, "published")),
                modified=feed_date(_text(entry, "updated")),
                blurb=_blurb(entry, url),
                guid=guid_of(_text(entry, "id")),
                guid_url=guid_url_of(_text(entry, "id")),
            )


def _blurb(entry: Mapping[str, Any], url: str) -> Blurb | None:
    media = (*_named(entry, "media_content"), *_named(entry, "media_thumbnail"))
    pictures = (
        absolute(_text(medium, "url"), url)
        for medium in media
        if _text(medium, "medium") in {"", "image"}
    )
    return make_blurb(
        authors=(_text(author, "name") for author in _named(entry, "authors")),
        summary=_text(entry, "summary"),
        image=next(filter(None, pictures), None),
        tags=(_text(tag, "term") for tag in _named(entry, "tags")),
    )


def _linked(about: Mapping[str, Any], relation: str) -> str | None:
    links = (x for x in _named(about, "links") if _text(x, "rel") == relation)
    return next((_text(link, "href") for link in links), None)


def _named(entry: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    found = entry.get(name)
    yield from (one for one in found or () if isinstance(one, Mapping))


def _text(fields: Mapping[str, Any], name: str) -> str:
    found = fields.get(name)
    return found if isinstance(found, str) else ""
