"""A feed as JSON Feed 1.1 (jsonfeed.org). Pure."""

import json
from typing import Any

from crawler.web.feeds.feed import Entry, Feed, allowed, stated

MEDIA = "application/feed+json"
_VERSION = "https://jsonfeed.org/version/1.1"


def json_feed(feed: Feed) -> bytes:
    """Return a feed as a JSON Feed document."""
    said = {
        "version": _VERSION,
        "title": allowed(feed.title),
        "home_page_url": f"{feed.base}{feed.page}",
        "feed_url": f"{feed.base}{feed.path}",
        "items": [_item(entry) for entry in feed.entries],
    }
    return json.dumps(said, ensure_ascii=False).encode()


def _item(entry: Entry) -> dict[str, Any]:
    text = allowed(entry.summary)
    said: dict[str, Any] = {
        "id": entry.id,
        "url": entry.url,
        "title": allowed(entry.title),
        "summary": text,
        "date_published": stated(entry.published),
        "date_modified": stated(entry.updated),
        "authors": [{"name": allowed(name)} for name in entry.authors],
        "tags": [allowed(tag) for tag in entry.tags],
        "language": entry.language,
        "_kliping": {"page": entry.page, "change": entry.change, **entry.more},
    }
    if entry.html is None:
        said["content_text"] = text
    else:
        said["content_html"] = allowed(entry.html)
    return {name: value for name, value in said.items() if value not in ("", [])} | {
        name: said[name] for name in ("content_text", "content_html") if name in said
    }
