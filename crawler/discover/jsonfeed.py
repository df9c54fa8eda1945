"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

import json
from collections.abc import Iterator
from typing import Any

from crawler.discover.charset import decode
from crawler.discover.dates import feed_date
from crawler.discover.feed import MAX_ITEMS, Feed
from crawler.discover.links import absolute, clean_title, newest
from crawler.errors import NotReadable
from storage.model import FoundLink, LinkKind


def read_json_feed(body: bytes, url: str) -> Feed:
    """Read a JSON Feed.

    Raises:
        NotReadable: It is not JSON, or JSON of another kind.
    """
    try:
        document = json.loads(decode(body).lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        raise NotReadable("neither XML nor JSON of a feed") from error
    if not isinstance(document, dict) or "jsonfeed.org" not in _text(
        document, "version"
    ):
        raise NotReadable("JSON, but no JSON Feed")
    return Feed(
        title=clean_title(_text(document, "title")),
        links=newest(_links(document, url), MAX_ITEMS),
        language=_text(document, "language") or None,
        hub=_hub(document, url),
    )


def _links(document: dict[str, Any], url: str) -> Iterator[FoundLink]:
    for item in _objects(document, "items"):
        names = ("url", "external_url", "id")
        found = (absolute(_text(item, name), url) for name in names)
        if address := next(filter(None, found), None):
            yield FoundLink(
                url=address,
                kind=LinkKind.ARTICLE,
                title=clean_title(_text(item, "title")),
                published=feed_date(_text(item, "date_published")),
                modified=feed_date(_text(item, "date_modified")),
            )


def _hub(document: dict[str, Any], url: str) -> str | None:
    for hub in _objects(document, "hubs"):
        if _text(hub, "type").lower() in {"websub", "pubsubhubbub"}:
            return absolute(_text(hub, "url"), url)
    return None


def _objects(document: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    found = document.get(name)
    if isinstance(found, list):
        yield from (item for item in found if isinstance(item, dict))


def _text(document: dict[str, Any], name: str) -> str:
    found = document.get(name)
    return found if isinstance(found, str) else ""
