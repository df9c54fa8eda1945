"""What the page's own elements say: headings, authors, sections and tags."""

from selectolax.lexbor import LexborNode

from crawler.extract.page import Page
from crawler.extract.readers.authors import read_authors
from crawler.extract.readers.draft import Draft, Field, Witness, witness

_MAX_AUTHOR = 120
_MAX_MATCHES = 8
_TITLES = "h1"
# Each with a word that a page must hold: to look for one is cheaper than to select.
_SECTIONS = (
    ('[itemprop="articleSection"]', b"articleSection"),
    ('[rel~="category"]', b"category"),
    ('[class*="breadcrumb"] li:last-child a', b"breadcrumb"),
)
_TAGS = (('[rel~="tag"]', b"tag"),)
_FURNITURE = frozenset({"aside", "footer", "nav"})


def read_dom(page: Page) -> Draft:
    """Return what elements made for readers say."""
    found: list[Witness] = []
    titles = page.select(_TITLES)
    if 0 < len(titles) <= _MAX_MATCHES:
        found += [
            witness(Field.TITLE, "dom:h1", text)
            for node in _best_headings(titles)
            if (text := node.text(separator="\n").strip())
        ]
    found += read_authors(page)
    found += _texts(page, _SECTIONS, Field.SECTION)
    found += _texts(page, _TAGS, Field.TAG, limit=30)
    return tuple(found)


def _best_headings(titles: list[LexborNode]) -> list[LexborNode]:
    """Return headings in the story's own parts first."""
    return sorted(titles, key=_outside)


def _outside(node: LexborNode) -> int:
    above: LexborNode | None = node.parent
    while above is not None:
        if above.tag in {"article", "main"}:
            return 0
        if above.tag in _FURNITURE:
            return 2
        above = above.parent
    return 1


def _texts(
    page: Page,
    selectors: tuple[tuple[str, bytes], ...],
    field: Field,
    limit: int = _MAX_MATCHES,
) -> list[Witness]:
    """Return the texts of the first selector that matches a few elements."""
    for selector, word in selectors:
        if page.encoded.find(word) < 0:  # with bytes, `in` is slower
            continue
        nodes = [n for n in page.select(selector) if _outside(n) < 2]
        if not 0 < len(nodes) <= limit:
            continue
        texts = [(n.attributes.get("content") or n.text(separator=" ")) for n in nodes]
        found = [
            witness(field, f"dom:{selector}", text)
            for text in texts
            if text.strip() and len(" ".join(text.split())) <= _MAX_AUTHOR
        ]
        if found:
            return found
    return []
