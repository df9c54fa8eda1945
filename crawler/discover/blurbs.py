"""What feed items say of their articles besides title and times."""

import re
from collections.abc import Iterable, Iterator, Mapping

from lxml import etree

from crawler.discover.links import absolute, clean_text, clean_title
from crawler.discover.markup import children, first_text, local_name, text_of
from storage.model.article import Blurb

#: Categories of this scheme say how an article changed, not what it is about.
_CHANGES = "urn:kliping:change"
_LONGEST_SUMMARY = 1_000
_MAX_AUTHORS = 10
_MAX_TAGS = 30
_MAX_WRITTEN = 10 * _LONGEST_SUMMARY
#: The text stands in where there is no summary.
_SUMMARIES = ("description", "summary", "abstract", "encoded", "content")
#: RSS 2.0 has an e-mail address as author, with the name in brackets behind it.
_MAIL = re.compile(r"[^\s()<>]+@[^\s()<>]+")
_NAMED = re.compile(r"^\s*\(([^()]+)\)\s*$|^\s*([^<>]*?)\s*<>\s*$")
_PICTURES = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)(?:\?|$)", re.IGNORECASE)


def make_blurb(
    *,
    authors: Iterable[str] = (),
    summary: str | None = None,
    image: str | None = None,
    tags: Iterable[str] = (),
) -> Blurb | None:
    """Return what is left of raw values once they are plain text; None if nothing is."""
    names = tuple(dict.fromkeys(filter(None, map(_name, authors))))[:_MAX_AUTHORS]
    words = tuple(dict.fromkeys(filter(None, map(clean_title, tags))))[:_MAX_TAGS]
    text = clean_text((summary or "")[:_MAX_WRITTEN], _LONGEST_SUMMARY)
    if not (names or text or image or words):
        return None
    return Blurb(authors=names, summary=text, image=image, tags=words)


def item_blurb(
    item: etree._Element, fields: Mapping[str, etree._Element], base: str
) -> Blurb | None:
    """Return what an RSS item or Atom entry says, with Dublin Core and Media RSS.

    Args:
        item: The item.
        fields: Its first child of each name, without those of its media.
        base: The base URL in force.
    """
    named = [(local_name(child), child) for child in children(item)]
    images = (absolute(url, base) for url in _images(item))
    return make_blurb(
        authors=_authors(named),
        summary=first_text(fields, *_SUMMARIES),
        image=next(filter(None, images), None),
        tags=(
            child.get("label") or child.get("term") or text_of(child) or ""
            for name, child in named
            if name in {"category", "subject"}
            and child.get("scheme") != _CHANGES  # another Kliping's
        ),
    )


def _authors(named: Iterable[tuple[str, etree._Element]]) -> Iterator[str]:
    for name, child in named:
        if name in {"creator", "author"}:
            inner = (c for c in children(child) if local_name(c) == "name")
            yield text_of(next(inner, child)) or ""


def _name(raw: str) -> str | None:
    """Return an author's name; an address alone is none."""
    bare = _MAIL.sub("", raw)
    found = _NAMED.match(bare) if bare != raw else None
    return clean_title((found[1] or found[2]) if found else bare)


def _images(item: etree._Element) -> Iterator[str]:
    """Yield the addresses of an item's pictures, the most deliberate first."""
    inside = [e for e in item.iter() if isinstance(e.tag, str)]
    for element in inside:
        url = element.get("url") or ""
        kind = element.get("medium") or element.get("type") or ""
        match local_name(element):
            case "content" | "enclosure" if url and (
                kind.startswith("image") or (not kind and _PICTURES.search(url))
            ):
                yield url
    for element in inside:
        match local_name(element):
            case "thumbnail":
                yield element.get("url") or ""
            case "link" if element.get("rel") == "enclosure" and (
                element.get("type") or ""
            ).startswith("image"):
                yield element.get("href") or ""
            case "image":
                yield element.get("href") or text_of(element) or ""
