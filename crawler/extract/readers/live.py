"""JSON-LD of live blogs: their updates, and whether the coverage has ended."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from crawler.extract.page import Page

KIND = "liveblogposting"
_MAX_SCRIPT = 4_000_000
_MAX_UPDATES = 1000
_MAX_DEPTH = 12
_MAX_AUTHORS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One update as structured data has it; strings as it says them, or empty."""

    title: str = ""
    text: str = ""
    at: str = ""
    authors: tuple[str, ...] = ()
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """A live blog as structured data has it; `ended` is when, as it says, or empty."""

    updates: tuple[Update, ...] = ()
    ended: str = ""


def read_coverage(page: Page) -> Coverage | None:
    """Return the first live blog that a page's JSON-LD describes, or None."""
    if "LiveBlogPosting" not in page.markup:
        return None
    for script in page.select('script[type*="ld+json"]'):
        raw = script.text() or ""
        if "LiveBlogPosting" not in raw or len(raw) > _MAX_SCRIPT:
            continue
        try:
            parsed = json.loads(raw, strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(parsed, 0):
            if KIND in str(node.get("@type")).lower():
                return _coverage(node)
    return None


def _nodes(value: object, depth: int) -> Iterator[dict[str, object]]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value[:_MAX_UPDATES]:
            yield from _nodes(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        yield from _nodes(value.get("@graph"), depth + 1)
        yield from _nodes(value.get("mainEntity"), depth + 1)


def _coverage(node: dict[str, object]) -> Coverage:
    listed = node.get("liveBlogUpdate")
    updates = listed if isinstance(listed, list) else [listed]
    return Coverage(
        updates=tuple(
            _update(one) for one in updates[:_MAX_UPDATES] if isinstance(one, dict)
        ),
        ended=_text(node.get("coverageEndTime")),
    )


def _update(node: dict[str, object]) -> Update:
    place = _text(node.get("url")) or _text(node.get("@id"))
    return Update(
        title=_text(node.get("headline")) or _text(node.get("name")),
        text=_text(node.get("articleBody")) or _text(node.get("text")),
        at=_text(node.get("datePublished")) or _text(node.get("dateCreated")),
        authors=tuple(_names(node.get("author")))[:_MAX_AUTHORS],
        anchor=place.partition("#")[2],
    )


def _names(value: object) -> Iterator[str]:
    if isinstance(value, str) and value.strip():
        yield " ".join(unescape(value).split())
    elif isinstance(value, list):
        for item in value[:_MAX_AUTHORS]:
            yield from _names(item)
    elif isinstance(value, dict) and _is_person(value):
        yield from _names(value.get("name"))


def _is_person(value: dict[str, object]) -> bool:
    return "organization" not in str(value.get("@type")).lower()


def _text(value: object) -> str:
    return unescape(value).strip() if isinstance(value, str) else ""
