"""Pages made safe to parse for their links."""

import re
from itertools import islice

from selectolax.lexbor import LexborHTMLParser

from crawler.charset import decoded
from crawler.discover.links import absolute
from crawler.errors import NotReadable

_MAX_BYTES = 5 * 1024 * 1024
_MAX_DEPTH = 1_000
_MAX_ATTRIBUTES = 2_000
_MAX_OPTIONS = 5_000

# What nests without limit; other elements close each other or stand alone.
_NESTING = re.compile(
    r"<(/?)(?:a|address|article|aside|b|big|blockquote|button|center|code|details|"
    r"dialog|div|dl|em|fieldset|figcaption|figure|font|footer|form|h[1-6]|header|"
    r"hgroup|i|main|menu|nav|nobr|object|ol|pre|s|search|section|small|span|strike|"
    r"strong|summary|svg|table|template|tt|u|ul)\b",
    re.IGNORECASE,
)
#: A tree takes 255 bytes a node; no front page has so many.
_MAX_TAGS = 50_000
_TAG = re.compile(r"<[a-zA-Z][^<>]*")


def parse_page(body: bytes, content_type: str | None = None) -> LexborHTMLParser:
    """Parse a page, of very many elements the first.

    Args:
        body: The page as it came.
        content_type: The response's Content-Type, for its charset.

    Raises:
        NotReadable: It is too large or too deep to be parsed in good time.
    """
    if len(body) > _MAX_BYTES:
        raise NotReadable("a page of more than 5 MiB")
    return LexborHTMLParser(_sound(decoded(body, content_type)))


def _sound(text: str) -> bytes:
    """Return a page to be parsed; its text is not held while it is."""
    _refuse_hostile(text)
    last = next(islice(_TAG.finditer(text), _MAX_TAGS, None), None)
    text = text[: last.start()] if last else text
    return text.encode("utf-8", "replace")


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


def base_of(tree: LexborHTMLParser, url: str) -> str:
    """Return the base URL of a page's links."""
    stated = tree.css_first("base[href]")
    return (stated and absolute(stated.attributes.get("href"), url)) or url
