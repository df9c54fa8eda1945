"""Lists of sites in files: OPML 1.0 and 2.0 (opml.org), tables, one URL a line."""

import re
from collections.abc import Iterable, Iterator
from xml.sax.saxutils import quoteattr

from lxml import etree

from crawler.charset import decoded
from crawler.discover.links import clean_text
from crawler.discover.markup import clean_xml, local_name, parse_xml
from crawler.discover.outline import Listed, Outline
from crawler.discover.sheet import read_sheet
from crawler.errors import NotReadable

_LONGEST_NAME = 80
_NO_NAME = re.compile(r"[^\w .&'()+-]+")
_NO_BEGIN = re.compile(r"^[^\w]+")
_BARE_AMPERSAND = re.compile(rb"&(?!(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|\w{2,8});)")


def read_outlines(body: bytes, *, feeds: bool = False) -> Listed:
    """Read the sites that a file lists.

    Args:
        body: OPML, a table with a header (CSV), or one URL a line; lines that begin
            with `#` are passed over.
        feeds: The URLs of a list without markup are feeds, not home pages.

    Raises:
        NotReadable: it is OPML that cannot be read, or lists nothing.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        found = Listed(outlines=tuple(_of_opml(body)))
    else:
        found = _of_text(decoded(body), feeds=feeds)
    if not found.outlines:
        raise NotReadable("a file that lists no site")
    return found


def write_opml(outlines: Iterable[Outline]) -> str:
    """Return OPML 2.0, of outlines with one feed each, or with their home alone."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        "<head><title>Kliping</title></head>",
        "<body>",
    ]
    for outline in outlines:
        feed = " ".join(outline.feeds)
        said = {
            "type": "rss" if feed else "link",
            "text": outline.name,
            "xmlUrl": feed,
            "htmlUrl": outline.home,
            "url": "" if feed else outline.home,
            "language": outline.language,
        }
        pairs = (f"{name}={quoteattr(text)}" for name, text in said.items() if text)
        lines.append(f"<outline {' '.join(pairs)}/>")
    return "\n".join([*lines, "</body>", "</opml>", ""])


def source_name(raw: str) -> str:
    """Return what is left of a title as a source's name; may be nothing."""
    text = " ".join(_NO_NAME.sub(" ", clean_text(raw, 500) or "").split())
    return _NO_BEGIN.sub("", text)[:_LONGEST_NAME].strip()


def _of_opml(body: bytes) -> Iterator[Outline]:
    clean = clean_xml(body)
    root = parse_xml(clean)
    if root is None:
        root = parse_xml(_BARE_AMPERSAND.sub(b"&amp;", clean))
    if root is None or local_name(root) != "opml":
        raise NotReadable("neither OPML nor a list of URLs")
    outlines = root.iter("{*}outline")
    for number, element in enumerate(outlines, 1):
        said = _attributes(element)
        feed, home = said.get("xmlurl", ""), said.get("htmlurl") or said.get("url", "")
        if feed or home:
            yield Outline(
                place=f"outline {number}",
                name=said.get("title") or said.get("text", ""),
                home=home,
                feeds=(feed,) if feed else (),
                language=said.get("language", ""),
            )


def _attributes(element: etree._Element) -> dict[str, str]:
    """Return an outline's attributes; programs do not agree on capitals."""
    return {
        str(name).lower(): str(text).strip() for name, text in element.attrib.items()
    }


def _of_text(text: str, *, feeds: bool) -> Listed:
    sheet = read_sheet(text, feeds=feeds)
    return sheet or Listed(outlines=tuple(_of_lines(text, feeds=feeds)))


def _of_lines(text: str, *, feeds: bool) -> Iterator[Outline]:
    for number, line in enumerate(text.splitlines(), 1):
        url = line.strip()
        if url and not url.startswith("#"):
            place = f"line {number}"
            if feeds:
                yield Outline(place=place, feeds=(url,))
            else:
                yield Outline(place=place, home=url)
