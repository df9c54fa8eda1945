"""What a document is that is text and no page: a feed, a sitemap, data. Pure."""

import json
import re

#: What stands before the first element of XML; each is read once, never anew.
_ROOT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?>(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>)\s*)*+"
    rb"<(?:\w+:)?(rss|feed|RDF|urlset|sitemapindex|opml)[\s>]",
    re.DOTALL,
)
_HEAD = 8 * 1024
_FEED = "a feed, not a page"
_SITEMAP = "a sitemap, not a page"
#: What of these a source is watched by.
LISTS = frozenset({_FEED, _SITEMAP})
_OPML = "a list of feeds, not a page"
_DATA = "JSON, not a page"
_BY_ROOT = {
    b"rss": _FEED,
    b"feed": _FEED,
    b"RDF": _FEED,
    b"urlset": _SITEMAP,
    b"sitemapindex": _SITEMAP,
    b"opml": _OPML,
}
_JSON = re.compile(r"\s*(?:text|application)/(?:[\w.-]+\+)?json\b", re.IGNORECASE)


def other_format(body: bytes, content_type: str | None = None) -> str | None:
    """Return what a body is that is no page, None for what may be one.

    XML tells it by its first element (RSS 2.0, RSS 1.0, Atom, sitemaps.org, OPML),
    JSON by its type, or where all of it is one object or list: a story may begin
    with a brace.
    """
    if root := _ROOT.match(body[:_HEAD]):
        return _BY_ROOT[root[1]]
    if body.lstrip()[:1] not in {b"{", b"["}:
        return None
    is_json = _JSON.match(content_type or "") or _holds_data(body)
    return _DATA if is_json else None


def _holds_data(body: bytes) -> bool:
    """Tell whether a whole body is an object of JSON, or a list of such."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(data, dict) or (bool(data) and isinstance(data[0], dict))
