"""Answer with a feed, or that it is still the same (RFC 9110, section 13)."""

import hashlib
from datetime import UTC
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response

from crawler.web.feeds.atom import MEDIA as ATOM_MEDIA
from crawler.web.feeds.atom import atom
from crawler.web.feeds.feed import Feed, FeedForm
from crawler.web.feeds.jsonfeed import MEDIA as JSON_MEDIA
from crawler.web.feeds.jsonfeed import json_feed

_FORMS = {FeedForm.ATOM: (atom, ATOM_MEDIA), FeedForm.JSON: (json_feed, JSON_MEDIA)}
#: How the API's description tells of a feed.
DESCRIBED: dict[int | str, dict[str, Any]] = {
    200: {"description": "A feed", "content": {ATOM_MEDIA: {}, JSON_MEDIA: {}}},
    304: {"description": "It is still the same"},
}


def answer_feed(request: Request, feed: Feed, form: FeedForm) -> Response:
    """Answer a request for a feed in one of its forms."""
    write, media = _FORMS[form]
    body = write(feed)
    modified = feed.updated.astimezone(UTC).replace(microsecond=0)
    headers = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()[:32]}"',
        "Last-Modified": format_datetime(modified, usegmt=True),
        "Cache-Control": "no-cache",
    }
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media)


def path_of(request: Request) -> str:
    """Return where a feed is that was asked for, in the letters of a URL (RFC 3986)."""
    query = request.url.query
    return quote(request.url.path) + (f"?{query}" if query else "")


def is_known(request: Request, etag: str) -> bool:
    """Tell whether whoever asks has what would be answered.

    `If-Modified-Since` alone is passed over, as a server may (RFC 9110, section 13.1.3
    asks for a date by which it can be told): an article that is hidden changes a feed,
    and takes the date of its newest entry back.
    """
    tags = request.headers.get("if-none-match", "")
    known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
    return bool(known & {etag, "*"})
