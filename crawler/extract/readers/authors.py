"""Who the page's own elements say wrote the story: rel, microdata, author links, class names.

All such elements are looked at once, in document order. Names are read from the
innermost ones. What stands in comments, cards of other stories, figures and page
furniture is left out, and of the rest the group next to the headline comes first:
a second group, further away, is a box about the author or another story's byline.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from selectolax.lexbor import LexborNode

from crawler.extract.bylines.credits import credits_another, is_label
from crawler.extract.bylines.names import is_personal
from crawler.extract.bylines.words import (
    CREDIT_LABELS,
    INTERFACE_WORDS,
    PATHS_OF_AUTHORS,
)
from crawler.extract.chrome import chrome_of
from crawler.extract.needles import Needles
from crawler.extract.page import Page
from crawler.extract.readers.draft import Draft, Field, Witness, witness
from crawler.lexicon.match import looks_like_date

NEAR = "dom:byline"
FAR = "dom:author box"
_MARKED = (
    'h1, [rel~="author"], [itemprop="author"], [class*="uthor"], '
    '[class*="yline"], [class*="writer"], a[href*="/aut"]'
)
_NAMED = re.compile(
    r"(?:^|[\s_-]|(?<=[a-z]))(?:[Aa]uthors?|[Bb]y-?[Ll]ines?|[Ww]riters?|[Aa]utor(?:en|es|zeile)?"
    r"|[Pp]enulis|[Yy]azar(?:lar)?|[Ss]kribent|[Ff]orfatter|AUTHOR|BYLINE)(?:$|[\s_-]|(?=[A-Z]))"
    r"|[Aa]uthor-?_?[Nn]ame|[Aa]uthored"
)
_NOT_NAMES = re.compile(
    r"(?:[Ii]mage|[Ii]mg|[Aa]vatar|[Pp]hoto|[Pp]ic|[Bb]io|[Dd]escription|[Dd]esc|[Ss]ocial|[Jj]ob|[Rr]ole"
    r"|[Dd]ate|[Tt]ime|[Tt]witter|[Ff]ollow|[Cc]omment|[Tt]itle|[Pp]osition|[Mm]ore|[Rr]elated|[Ll]inks?"
    r"|[Cc]ount|[Ii]con|[Ee]mail|[Aa]bout)(?:$|[\s_-]|(?=[A-Z]))"
)
_LINK = re.compile(rf"/(?:{PATHS_OF_AUTHORS})(?:[/=]|$)")
# Asked for where a page holds the word: to select for all of them costs too much.
_MORE_MARKED = {
    "yazar": '[class*="yazar"], a[href*="/yazar"]',
    "/tac-gia": 'a[href*="/tac-gia"]',
    "skribent": '[class*="skribent"], a[href*="/skribent"]',
    "forfatter": '[class*="forfatter"]',
    "/penulis": 'a[href*="/penulis"]',
}
_MORE_WORDS = Needles(_MORE_MARKED)
_OUT_OF_STORY = frozenset(
    {"comments", "related", "ad", "cookies", "dialog", "newsletter", "navigation"}
)
_WIDGETS = re.compile(
    r"(?:^|[\s_-])(?:teaser|card|promo|figure|caption|credit)s?(?:$|[\s_-])"
)
_JOINS = re.compile(
    r"\s*(?:,|&|\+|/|;|and|und|et|y|e|og|och|dan|en|ve)\s*", re.IGNORECASE
)
_JOINED = re.compile(
    r"(?:[,&/;]|\s(?:and|und|et|y|e|og|och|dan|en|ve))\s*$", re.IGNORECASE
)
_JOINING = re.compile(r"\s*(?:[,&/;]|(?:(?i:and|und|et|y|e|och)|og|dan|en|ve)\s)")
# Classes of a story that name its categories and tags.
_FILED = re.compile(r"\b(?:category|tag|format|type|status|has|post)-\S*")
_FIGURES = frozenset({"figure", "figcaption"})
_LONGEST = 160
_BOX = 260
_DEEPEST = 40
_MOST = 60


class _Candidate(NamedTuple):
    node: LexborNode
    text: str
    above: tuple[int, ...]
    after_headline: bool


def read_authors(page: Page) -> Draft:
    """Return the authors that elements name: those next to the headline, then the others."""
    candidates = list(_candidates(page))
    if not candidates:
        return ()
    first = next((c for c in candidates if c.after_headline), candidates[-1])
    box = _box_of(first)
    near: list[Witness] = []
    far: list[Witness] = []
    for candidate in candidates:
        together = candidate is first or not box.isdisjoint(candidate.above)
        group, origin = (near, NEAR) if together else (far, FAR)
        group.append(witness(Field.AUTHOR, origin, candidate.text))
    return (*near, *far[:8])


def _candidates(page: Page) -> Iterator[_Candidate]:
    more = map(_MORE_MARKED.__getitem__, _MORE_WORDS.first_places(page.encoded))
    nodes = page.select(", ".join((_MARKED, *more)))
    if len(nodes) > 400:
        nodes = nodes[:400]
    found: list[_Candidate] = []
    outer: set[int] = set()
    kinds: dict[int, str] = {}
    headlines = [n for n, node in enumerate(nodes) if node.tag == "h1"]
    headline = headlines[0] if headlines else -1
    for place in range(len(nodes) - 1, -1, -1):
        node = nodes[place]
        if node.tag == "h1" or node.mem_id in outer or not _is_marked(node):
            continue
        text = _text(node)
        if not text or credits_another(text):
            continue
        if _is_reviewer(node):
            continue
        above = _above(node, kinds)
        if above is None:
            continue
        outer.update(above)
        found.append(_Candidate(node, text, above, place > headline))
        if len(found) >= _MOST:
            break
    return reversed(found)


def _is_marked(node: LexborNode) -> bool:
    attributes = node.attributes
    if "author" in (attributes.get("rel") or "").split():
        return True
    if attributes.get("itemprop") == "author":
        return True
    names = attributes.get("class") or ""
    if names and _NAMED.search(names) and not _NOT_NAMES.search(names):
        return True
    return node.tag == "a" and bool(_LINK.search(attributes.get("href") or ""))


def _text(node: LexborNode) -> str:
    """Return the first run of names in an element, or nothing for one that holds more."""
    stated = node.attributes.get("content")
    if stated:
        return stated if len(stated) <= _LONGEST else ""
    pieces = [" ".join(p.split()) for p in node.text(separator="\n").split("\n")]
    pieces = [p for p in pieces if p]
    if not pieces or sum(map(len, pieces)) > _LONGEST:
        return ""
    return _first_run(pieces) if len(pieces) > 1 else pieces[0]


def _first_run(pieces: list[str]) -> str:
    """Return the pieces up to the end of the first list of names.

    A piece goes on with the list if a joining mark stands between, or if both
    are full names; a rank or a paper below a name ends it.
    """
    run = ""
    for piece in pieces:
        if _is_filler(piece):
            if run and _JOINS.fullmatch(piece):
                run += f" {piece} "
            elif run:
                break
            continue
        if run and not (_JOINED.search(run) or _JOINING.match(piece)):
            if not (is_personal(piece) and is_personal(_last(run))):
                break
            run += ", "
        run += piece if not run else f" {piece}"
    return " ".join(run.split())


def _last(run: str) -> str:
    return run.rsplit(",", 1)[-1].strip()


def _is_filler(piece: str) -> bool:
    folded = piece.casefold().strip(" :|·•-–,")
    return (
        not folded
        or bool(_JOINS.fullmatch(piece))
        or folded in CREDIT_LABELS
        or is_label(piece)
        or folded in INTERFACE_WORDS
        or looks_like_date(piece)
    )


def _above(node: LexborNode, kinds: dict[int, str]) -> tuple[int, ...] | None:
    """Return the `mem_id` of an element and all around it; None if it is not the story's.

    A menu is not, except where the element is marked as what only bylines are:
    papers build the line under the headline as `nav` too.
    """
    above: list[int] = []
    current: LexborNode | None = node
    while current is not None and len(above) < _DEEPEST and current.tag != "body":
        key = current.mem_id
        kind = kinds.get(key)
        if kind is None:
            kind = kinds[key] = _foreign_kind(current, innermost=not above)
        if kind and (kind != "navigation" or not _is_surely_byline(node)):
            return None
        above.append(key)
        current = current.parent
    return tuple(above)


def _is_surely_byline(node: LexborNode) -> bool:
    attributes = node.attributes
    return (
        "author" in (attributes.get("rel") or "").split()
        or attributes.get("itemprop") == "author"
        or "yline" in (attributes.get("class") or "")
    )


def _is_reviewer(node: LexborNode) -> bool:
    """Tell a name that stands behind "Reviewed by"."""
    previous = node.prev
    if previous is None and node.parent is not None:
        previous = node.parent.prev
    for _ in range(2):
        if previous is None:
            return False
        text = (
            previous.text() if previous.tag != "-text" else previous.text_content or ""
        )
        if text.strip():
            return len(text) < 60 and credits_another(text)
        previous = previous.prev
    return False


def _foreign_kind(node: LexborNode, *, innermost: bool) -> str:
    """Return what part of the page an element is that is not the story's, or nothing."""
    tag = node.tag or ""
    if tag in _FIGURES:
        return tag
    attributes: Mapping[str, str | None] = node.attributes
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".strip()
    if tag == "article":
        names = _FILED.sub("", names)
    kind = chrome_of(tag, names, attributes.get("role") or "")
    if kind in _OUT_OF_STORY:
        return kind or ""
    return "card" if not innermost and names and _WIDGETS.search(names) else ""


def _box_of(candidate: _Candidate) -> frozenset[int]:
    """Return the elements around a byline that hold little more than it."""
    node: LexborNode | None = candidate.node.parent
    box: set[int] = set()
    for _ in range(4):
        if node is None or node.tag in {"body", "article", "main", "html"}:
            break
        if len(" ".join(node.text(separator=" ").split())) > _BOX:
            break
        box.add(node.mem_id)
        node = node.parent
    return frozenset(box)
