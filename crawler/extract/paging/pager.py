"""The other pages of a multi-page article, as one of its pages names them.

Only links to the page's own address with another number count, so links to the
next article and lists of archives are none. What says that they are pages of the
story, and not of its comments or of a list beside it, is added up.
"""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import quote, unquote, urlsplit

from selectolax.lexbor import LexborNode

from crawler.extract.chrome import chrome_of
from crawler.extract.layout.blocks import Layout
from crawler.extract.page import Page
from crawler.extract.paging.page_urls import (
    ALL,
    PARAMETERS,
    SINGLE,
    WORDS,
    Numbered,
    numbered,
    plain,
)
from crawler.late_regex import late
from storage.model.extraction import Paging

_ENOUGH = 3
_LEAST_TOTAL = 2
_OCCURRENCES = 80
_ANCESTORS = 14
_MOST_LINKS = 200
_CLOSE = 5
_FOREIGN = frozenset({"comments", "related", "ad", "newsletter", "form", "sidebar"})
_OF_OTHERS = late(
    r"comment|respond|disqus|repl(?:y|ies)|calendar|archive|listing|related|recommend|latest|widget|forum|search",
    re.IGNORECASE,
)
_PAGER = late(
    r"page[-_]?(?:links?|nav|numbers?|list|break)|pagin|pager|paging|multi[-_]?(?:page|nav)"
    r"|(?:post|article|story|entry|content)[-_]*pages?|total[-_]page|wp-pagenavi|nextpage|seiten|halaman",
    re.IGNORECASE,
)
_STORY = late(
    r"(?:^|[\s_-])(?:article|story|entry|post|news|read|detail)[-_]*(?:content|body|text|main|detail|entry|article)?(?:$|[\s_-])",
    re.IGNORECASE,
)
_SINGLE_TEXT = late(
    r"single page|one page|view all|full (?:article|story)|all pages|einer seite|seule page"
    r"|semua halaman|tampilkan semua|全文|todas las páginas|una sola página|alle pagina|strona całość",
    re.IGNORECASE,
)
# The rest of a link to this page's address, from where its stem ends.
_QUERY = (
    rf"(?:\?|&(?:amp;)?)(?:[^\"'<>\s]{{0,100}}?[&;])?(?:{'|'.join((*PARAMETERS, *SINGLE))})"
    r"(?:=(?:\d{1,2}(?!\w)|[a-z])|[\"'\s>]|$)"
)
_TAIL = late(
    r"(?:\.[a-z]{3,5})?/?(?:"
    rf"[-_,./~]?(?:{'|'.join(WORDS)})?[-_/]?\d{{1,2}}(?!\w)"
    rf"|[-_/](?:all|full|single|view-?all|one-?page)|{_QUERY})",
    re.IGNORECASE,
)
# How an address begins that only says what is another page of this one.
_RELATIVE = ("?", "page", "./", *"0123456789")
_RELATIVE_STARTS = frozenset(start[0] for start in _RELATIVE)
_HREF = "href="
_HREF_REACH = 400
# Shorter ends of addresses stand everywhere in a page.
_TELLING = 6
_IN_HREF = late(r"[\"']?[^\"'<>\s]*")
_NUMBER_TAIL = late(
    rf"(?:[-_,.~](?:{'|'.join(WORDS)})?[-_]?|(?<=[a-z]))\d{{1,2}}$|^\d{{1,2}}$",
    re.IGNORECASE,
)
_HINTED_END = late(r"\.(?:[sx]?html?|php\d?|aspx?|jsp|cfm)$", re.IGNORECASE)
_COUNT = late(r"(\d{1,2})\D{1,12}?(\d{1,2})")


@dataclass(slots=True)
class _Found:
    """The links of one page to its own address with another number."""

    pages: dict[int, str] = field(default_factory=dict)
    evidence: dict[str, int] = field(default_factory=dict)
    first: str | None = None
    single: str | None = None

    @property
    def score(self) -> int:
        return sum(self.evidence.values())


def read_paging(page: Page, layout: Layout, stated: str | None = None) -> Paging | None:
    """Return where an article goes on, or None where it does not.

    Args:
        page: The parsed page.
        layout: Its blocks, whose links are looked at first: most pages have none
            to themselves with a number, and cost no more.
        stated: What a line of it says: `1/3`, or nothing.
    """
    own = _own_readings(page.url)
    stems = _stems(page.url)
    if own is None or not _is_hinted(page, layout, {r.base for r in own}, stems):
        return None
    total = _total(stated)
    pagings = (
        _paging(_gather(page, reading, stems), reading.number, total) for reading in own
    )
    found = (paging for paging in pagings if paging is not None)
    return max(found, key=lambda paging: len(paging.evidence), default=None)


def _own_readings(url: str) -> list[Numbered] | None:
    """Return what the page's own address may be: page 1, or a numbered page.

    None where it is the whole article already.
    """
    base, page = plain(url), numbered(url)
    if base is None or (page is not None and page.number == ALL):
        return None
    readings = [Numbered(base, 1)]
    if page is not None and page.base != base:
        readings.insert(0, page)
    return readings


def _paging(found: _Found, number: int, total: int | None) -> Paging | None:
    if total is not None and total > 1:
        found.evidence["says that it is one of several pages"] = 2
    if found.score < _ENOUGH or (number > 1 and found.first is None):
        return None
    following = {n: url for n, url in found.pages.items() if n > number}
    starts = number + 1 in following
    if number == 1 and not starts and found.single is None:
        return None
    known = max((*following, total or 0))
    return Paging(
        number=number,
        first=found.first if number > 1 else None,
        following=tuple(sorted(following.items())) if starts else (),
        single=found.single,
        total=known or None,
        evidence=tuple(found.evidence),
    )


def _total(stated: str | None) -> int | None:
    found = _COUNT.search(stated or "")
    if found is None:
        return None
    this, total = int(found[1]), int(found[2])
    return total if this <= total and total >= _LEAST_TOTAL else None


# ---- the cheap look --------------------------------------------------------------


def _is_hinted(
    page: Page, layout: Layout, own: AbstractSet[str], stems: AbstractSet[str]
) -> bool:
    """Tell whether a link leads to this page's address with a number."""
    return any(
        (url := page.resolve(unescape(target))) is not None
        and (found := numbered(url)) is not None
        and found.base in own
        for target in _targets(page, layout, stems)
    )


def _targets(page: Page, layout: Layout, stems: AbstractSet[str]) -> Iterator[str]:
    """Yield links that may be so: each block's first, then those in the markup."""
    for block in layout.blocks:
        if block.target and _may_be_part(block.target, stems):
            yield block.target
    markup = page.markup
    for stem in stems:
        for at in _places(markup, stem) if len(stem) >= _TELLING else ():
            if not _TAIL.match(markup, at + len(stem)):
                continue
            start = markup.rfind(_HREF, max(0, at - _HREF_REACH), at) + len(_HREF)
            found = _IN_HREF.match(markup, start)
            if start >= len(_HREF) and found is not None and found.end() > at:
                yield found[0].lstrip("\"'")


def _may_be_part(target: str, stems: AbstractSet[str]) -> bool:
    if target[0] in _RELATIVE_STARTS and target.startswith(_RELATIVE):
        return True
    for stem in stems:
        if stem in target:
            at = target.rfind(stem) + len(stem)
            if _TAIL.match(target, at):
                return True
    return False


def _places(markup: str, stem: str) -> Iterator[int]:
    at = markup.find(stem)
    for _ in range(_OCCURRENCES):
        if at < 0:
            return
        yield at
        at = markup.find(stem, at + len(stem))


def _stems(url: str) -> set[str]:
    """Return the end of the address without its number, as links may spell it."""
    parts = urlsplit(url)
    path = _HINTED_END.sub("", unquote(parts.path).rstrip("/"))
    before, _, last = path.rpartition("/")
    found = {_NUMBER_TAIL.sub("", last) or before.rpartition("/")[2]}
    if parts.query:
        found |= {last, parts.query, parts.query.replace("&", "&amp;")}
    if "%" in parts.path:
        found |= {quote(stem) for stem in found}
    return {stem for stem in found if len(stem) > 1}


# ---- the links -------------------------------------------------------------------


def _gather(page: Page, own: Numbered, stems: AbstractSet[str]) -> _Found:
    found = _Found()
    looked_at = 0
    for node in page.select("link[rel=next][href], a[href]"):
        target = (node.attributes.get("href") or "").strip()
        if not target or not (_may_be_part(target, stems) or own.number > 1):
            continue
        url = page.resolve(target)
        number = _number_of(url, own.base) if url else None
        if url is None or number is None:
            continue
        if urlsplit(url).netloc != urlsplit(page.url).netloc:
            continue  # what differs in `www.` is another host to politeness
        _note(found, node, url.partition("#")[0], number, own.number)
        looked_at += 1
        if looked_at >= _MOST_LINKS:
            break
    return found


def _number_of(url: str, base: str) -> int | None:
    page = numbered(url)
    if page is not None and page.base == base:
        return page.number
    return 1 if plain(url) == base else None


def _note(found: _Found, node: LexborNode, url: str, number: int, current: int) -> None:
    """Take a link's number and what stands for it, unless others own the place."""
    if node.tag == "link":
        found.evidence["link rel=next"] = 2
        found.pages.setdefault(current + 1 if number <= current else number, url)
        return
    text = " ".join(node.text().split())
    names = list(_names_above(node))
    if _is_foreign(names):
        return
    if number == ALL:
        found.single = found.single or url
        if _SINGLE_TEXT.search(text):
            found.evidence["link to all on one page"] = 2
    elif text.isdecimal() and len(text) <= 2 and numbered(url) is not None:
        number = int(text)  # some count pages from 0 in addresses
        if number != 1:
            found.evidence["numbered link"] = 1
    if number == 1:
        found.first = found.first or url
        return
    if number != ALL:
        found.pages.setdefault(number, url)
    _weigh(found, node, names)


def _weigh(
    found: _Found, node: LexborNode, names: Sequence[tuple[str, str, str]]
) -> None:
    """Add what a link's own marks and place say."""
    if (node.attributes.get("rel") or "").lower() == "next":
        found.evidence["link rel=next"] = 2
    if _PAGER.search(" ".join(name for _, name, _ in names[:_CLOSE])):
        found.evidence["pager"] = 2
    if any(_is_frame(tag, name) for tag, name, _ in names):
        found.evidence["in the article's frame"] = 1


def _names_above(node: LexborNode) -> Iterator[tuple[str, str, str]]:
    """Yield tag, class with id, and role of a node and those around it, inner first."""
    current: LexborNode | None = node
    for _ in range(_ANCESTORS):
        if current is None or current.tag in {"body", "html"}:
            return
        attributes = current.attributes
        names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".strip()
        yield current.tag or "", names, attributes.get("role") or ""
        current = current.parent


def _is_foreign(names: Sequence[tuple[str, str, str]]) -> bool:
    """Tell a link in comments, lists of others and the like, up to the article itself."""
    for tag, name, role in names:
        if tag in {"article", "main"}:
            return False
        if chrome_of(tag, name, role) in _FOREIGN:
            return True
        if _OF_OTHERS.search(name) and not _PAGER.search(name):
            return True
    return False


def _is_frame(tag: str, name: str) -> bool:
    return tag in {"article", "main"} or bool(_STORY.search(name))
