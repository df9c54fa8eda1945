"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

import json
from collections.abc import Iterator
from typing import Any

from crawler.charset import decoded
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


def read_json_feed(body: bytes, url: str) -> Feed:
    """Read a JSON Feed.

    Raises:
        NotReadable: It is not JSON, or JSON of another kind.
    """
    try:
        document = json.loads(decoded(body).lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise NotReadable("neither XML nor JSON of a feed") from error
    if not isinstance(document, dict) or "jsonfeed.org" not in _text(
        document, "version"
    ):
        raise NotReadable("JSON, but no JSON Feed")
    addresses = Addresses()
    return Feed(
        title=clean_title(_text(document, "title")),
        links=newest(_links(document, url, addresses), MAX_ITEMS),
        too_long=addresses.too_long,
        language=_text(document, "language") or None,
        hub=_hub(document, url),
        topic=as_written(_text(document, "feed_url"), url),
        home=absolute(_text(document, "home_page_url"), url),
        older=absolute(_text(document, "next_url"), url),
    )


def _links(
    document: dict[str, Any], url: str, addresses: Addresses
) -> Iterator[FoundLink]:
    for item in _objects(document, "items"):
        names = ("url", "external_url", "id")
        if address := addresses.first((_text(item, name) for name in names), url):
            yield FoundLink(
                url=address,
                kind=LinkKind.ARTICLE,
                title=clean_title(_text(item, "title")),
                published=feed_date(_text(item, "date_published")),
                modified=feed_date(_text(item, "date_modified")),
                blurb=_blurb(item, url),
                guid=guid_of(str(item.get("id") or "")),
                guid_url=guid_url_of(_text(item, "id")),
            )


def _blurb(item: dict[str, Any], url: str) -> Blurb | None:
    said = (_text(item, name) for name in ("summary", "content_text", "content_html"))
    images = (absolute(_text(item, name), url) for name in ("image", "banner_image"))
    tags = item.get("tags")
    return make_blurb(
        authors=(
            _text(author, "name")
            for author in (*_objects(item, "authors"), *_objects(item, "author"))
        ),
        summary=next(filter(None, said), None),
        image=next(filter(None, images), None),
        tags=(tag for tag in tags if isinstance(tag, str))
        if isinstance(tags, list)
        else (),
    )


def _hub(document: dict[str, Any], url: str) -> str | None:
    for hub in _objects(document, "hubs"):
        if _text(hub, "type").lower() in {"websub", "pubsubhubbub"}:
            return absolute(_text(hub, "url"), url)
    return None


def _objects(document: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    found = document.get(name)
    many = found if isinstance(found, list) else [found]
    yield from (item for item in many if isinstance(item, dict))


def _text(document: dict[str, Any], name: str) -> str:
    found = document.get(name)
    return found if isinstance(found, str) else ""
