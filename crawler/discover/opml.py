"""Lists of sites in files: OPML 1.0 and 2.0 (opml.org), and one URL a line."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from lxml import etree

from crawler.charset import decoded
from crawler.discover.links import clean_text
from crawler.discover.markup import clean_xml, local_name, parse_xml
from crawler.errors import NotReadable

_LONGEST_NAME = 80
_NO_NAME = re.compile(r"[^\w .&'()+-]+")
_NO_BEGIN = re.compile(r"^[^\w]+")
_BARE_AMPERSAND = re.compile(rb"&(?!(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|\w{2,8});)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A site in a file, as it says; `place` is where, such as `line 3`."""

    place: str
    name: str = ""
    home: str = ""
    feed: str = ""
    language: str = ""


def read_outlines(body: bytes, *, feeds: bool = False) -> list[Outline]:
    """Read the sites that a file lists.

    Args:
        body: OPML, or one URL a line; lines that begin with `#` are passed over.
        feeds: The URLs of a list without markup are feeds, not home pages.

    Raises:
        NotReadable: it is OPML that cannot be read, or lists nothing.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        found = list(_of_opml(body))
    else:
        found = list(_of_lines(decoded(body), feeds=feeds))
    if not found:
        raise NotReadable("a file that lists no site")
    return found


def write_opml(outlines: Iterable[Outline]) -> str:
    """Return OPML 2.0 with one outline a feed; one without a feed has its home only."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        "<head><title>Kliping</title></head>",
        "<body>",
    ]
    for outline in outlines:
        said = {
            "type": "rss" if outline.feed else "link",
            "text": outline.name,
            "xmlUrl": outline.feed,
            "htmlUrl": outline.home,
            "url": "" if outline.feed else outline.home,
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
                feed=feed,
                language=said.get("language", ""),
            )


def _attributes(element: etree._Element) -> dict[str, str]:
    """Return an outline's attributes; programs do not agree on capitals."""
    return {
        str(name).lower(): str(text).strip() for name, text in element.attrib.items()
    }


def _of_lines(text: str, *, feeds: bool) -> Iterator[Outline]:
    for number, line in enumerate(text.splitlines(), 1):
        url = line.strip()
        if url and not url.startswith("#"):
            place = f"line {number}"
            if feeds:
                yield Outline(place=place, feed=url)
            else:
                yield Outline(place=place, home=url)
