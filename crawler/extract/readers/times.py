"""The times that elements state: `time`, microdata, hAtom's `abbr`.

Where an element stands decides what it is worth: a page has the times of its
story, of the cards around it and of its comments. Near is what shares a small
container with the headline.
"""

import re
from collections.abc import Mapping

from selectolax.lexbor import LexborNode

from crawler.extract.page import Page
from crawler.extract.readers.draft import Draft, Field, Witness, witness

_SELECTOR = 'h1, time, abbr[title], .updated[title], .published[title], relative-time, [itemprop^="date"], [itemprop*="ublished"], [property*="date"]'
_MAX_TIMES = 60
_NEAR = 6
_BESIDE = 2
_CLIMB = 14
_FURNITURE = frozenset({"aside", "footer", "nav"})
_FOREIGN = re.compile(
    r"(?<![a-z])(?:related|teaser|cards?|comments?|sidebar|widget|recommend\w*|recent|promo|popular|trending|"
    r"latest|more|similar|also|next|previous|event)(?![a-z])",
    re.IGNORECASE,
)
_MODIFIED = re.compile(r"modif|updat|edit|lastmod|revis", re.IGNORECASE)
_PUBLISHED = re.compile(r"publi|pubdate|entry-date|posted|issued|creat", re.IGNORECASE)
_OTHER = re.compile(
    r"start|end|expir|valid|birth|death|event|duration|upload", re.IGNORECASE
)
_DIGIT = re.compile(r"\d")
_STATED = ("datetime", "content", "data-published", "data-datetime", "title")


def read_times(page: Page) -> Draft:
    """Return the times of publication and change that elements state, nearest the headline first."""
    nodes = page.select(_SELECTOR)
    headings = [node for node in nodes if node.tag == "h1"]
    above = _above(headings[0]) if headings else {}
    found: list[tuple[int, Witness]] = []
    for node in [n for n in nodes if n.tag != "h1"][:_MAX_TIMES]:
        read = _read(node, above)
        if read is not None:
            found.append(read)
    found.sort(key=lambda pair: pair[0])
    return tuple(w for _, w in found)


def _above(heading: LexborNode) -> dict[int, int]:
    """Return the elements around the headline by `mem_id`, with their distance; the body only next to it."""
    found: dict[int, int] = {}
    node = heading.parent
    while node is not None and (node.tag not in {"body", "html"} or not found):
        found[node.mem_id] = len(found) + 1
        node = node.parent
    return found


def _read(node: LexborNode, above: Mapping[int, int]) -> tuple[int, Witness] | None:
    if node.tag == "meta":
        return None
    attributes = node.attributes
    names = " ".join(
        value
        for key in ("itemprop", "property", "class", "id")
        if (value := attributes.get(key))
    )
    if "pubdate" in attributes or "data-published" in attributes:
        names += " pubdate"
    raw = _raw(node, attributes)
    if raw is None or _OTHER.search(names):
        return None
    field = Field.MODIFIED if _MODIFIED.search(names) else Field.PUBLISHED
    marked = "itemprop" in attributes or "property" in attributes
    place, distance = _place(node, above)
    if marked and place != "near":
        place = "microdata" if place == "far" else place
    kind = "published" if _PUBLISHED.search(names) else "time"
    if field is Field.MODIFIED:
        kind = "modified"
    origin = f"dom:{kind} {place}"
    return distance, witness(field, origin, raw[:100])


def _raw(node: LexborNode, attributes: Mapping[str, str | None]) -> str | None:
    for key in _STATED:
        stated = attributes.get(key)
        if stated and _DIGIT.search(stated):
            return stated.strip("\\\"' ")
    text = node.text(separator=" ")
    return text if len(text) < 120 and _DIGIT.search(text) else None


def _place(node: LexborNode, above: Mapping[int, int]) -> tuple[str, int]:
    """Return where an element stands to the headline, and how far from it."""
    climbed = 0
    foreign = framed = False
    around = node.parent
    while around is not None and climbed < _CLIMB:
        climbed += 1
        common = above.get(around.mem_id)
        if common is not None:
            distance = climbed + common
            if foreign:
                return "card", 100 + distance
            within = _BESIDE if around.tag == "body" else _NEAR
            near = climbed <= within and common <= _NEAR
            return ("near" if near else "story"), distance
        attributes = around.attributes
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        foreign = foreign or (
            around.tag in _FURNITURE or _FOREIGN.search(names) is not None
        )
        framed = framed or around.tag in {"article", "main", "header"}
        around = around.parent
    if foreign:
        return "card", 200
    return ("story" if framed and not above else "far"), 50 + climbed
