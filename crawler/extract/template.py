"""What the other pages of a host show as well: block keys, and what follows from them.

A story stands on one page of its host, its surroundings on many. So each block
gets a key, an archive counts on how many pages of a host a key was seen, and a
block that recurs leaves the text. Pure: the counts come in as `HostKnowledge`.

Digits are masked outside tables ("16 views" is on every page, the numbers of a
market table are the story), and a text that is a link is another key than the
same text that is none: headlines recur as links in other pages' lists.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from struct import Struct

from crawler.extract.layout.blocks import Layout, TextBlock
from crawler.extract.measure import ends_sentence, fold, weight
from crawler.extract.source import HostKnowledge
from crawler.lexicon.match import Strength, match_line
from storage.model.article import BlockKind
from storage.model.extraction import Footprint

#: Density of links from which a block counts as linked.
LINKED = 0.6
#: Other pages from which a part of them is enough to call a block repeated.
MIN_PAGES = 4
#: Prose paragraphs below which a page teaches nothing: an error or consent page.
MIN_PROSE = 3
#: Different blocks above which a page teaches nothing: no news page has so many.
MAX_KEYS = 2_000
_SHARE = 0.25
_LARGE_SHARE = 0.5
_LONG = 200
_LONG_DAYS = 3
_SENTENCE = 80
_SAMPLE = 80
_PHRASE = 80
_TITLE = 300
_NAME = 3
_SHORT = 160
_MOST_REMEMBERED = 20_000
_NO_KEY = 0
_NUMBER = Struct(">q")
_remembered: dict[str, int] = {}
#: Bytes that begin the digits of Arabic, Indian and Thai scripts in UTF-8.
_LEADS_OF_DIGITS = b"\xd9\xdb\xe0"
_MASK = bytes.maketrans(b"0123456789", b"#" * 10)
_DIGITS = re.compile(r"\d+")
_LETTER = re.compile(r"[^\W\d_]")
_DECORATION = " \t\u00a0:.,;…»«›‹→←↑↓▶►▸■●•·|–—-_*/\\[](){}<>\"'“”„’‘#+=~"


class Seen(StrEnum):
    """What the host's other pages say of a block.

    `DROP` leaves the text, `MARK` stays in it although other pages have it too.
    """

    DROP = "drop"
    MARK = "mark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What is known of one block of the page.

    Attributes:
        verdict: What becomes of it; None says nothing of it.
        rule: Why.
        seen_on: Other pages with this block and other pages known, as
            `lines.Line.seen_on` wants it: at most one page where it is not
            repeated.
    """

    verdict: Seen | None
    rule: str
    seen_on: tuple[int, int]


def block_key(block: TextBlock) -> int:
    """Return a block's key, a signed number of 64 bits; its last bit says linked.

    0 is the key of a block without a letter or digit.
    """
    linked = block.linked > 0 and block.linked >= LINKED * len(block.text)
    return _key(block.text, linked, block.kind is not BlockKind.TABLE)


def keys_of(layout: Layout) -> list[int]:
    """Return the key of each block of a page.

    Short texts are remembered: on a host's next page most of them come again.
    """
    if len(_remembered) > _MOST_REMEMBERED:
        _remembered.clear()
    keys: list[int] = []
    for block in layout.blocks:
        text = block.text
        if block.linked or len(text) > _SHORT or block.kind is BlockKind.TABLE:
            keys.append(block_key(block))
            continue
        key = _remembered.get(text)
        if key is None:
            key = _remembered[text] = _key(text, False, True)
        keys.append(key)
    return keys


def _key(text: str, linked: bool, masked: bool) -> int:  # noqa: FBT001 - as keys_of
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    plain = plain.casefold().strip(_DECORATION)
    shown = plain.encode("utf-8", "surrogatepass")
    if masked:
        is_ascii = len(shown) == len(plain)
        if not is_ascii and len(shown.translate(None, _LEADS_OF_DIGITS)) < len(shown):
            shown = _DIGITS.sub("0", plain).encode("utf-8", "surrogatepass")
        shown = shown.translate(_MASK)
        while shown.find(b"##") >= 0:  # `in` is ten times slower with bytes
            shown = shown.replace(b"##", b"#")
    if not shown:
        return _NO_KEY
    digest = blake2b(shown, digest_size=8).digest()
    number: int = _NUMBER.unpack(digest)[0]
    return (number & ~1) | linked


def footprint(
    layout: Layout, keys: Sequence[int], kept: Collection[int]
) -> Footprint | None:
    """Return what a page shows, to be counted; None where it would teach nothing.

    Args:
        layout: The page.
        keys: Of its blocks, see `keys_of`.
        kept: Indexes of the blocks that became the text.
    """
    prose = sum(1 for index in kept if layout.prose[index] > 0)
    if prose < MIN_PROSE:
        return None
    samples = {
        key: block.text[:_SAMPLE]
        for key, block in zip(keys, layout.blocks, strict=True)
        if key != _NO_KEY
    }
    if len(samples) > MAX_KEYS:
        return None
    return Footprint(
        keys=tuple(samples),
        samples=tuple(samples.values()),
        kept=tuple(dict.fromkeys(keys[i] for i in kept if keys[i] != _NO_KEY)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HostView:
    """One page as its host's other pages see it.

    Attributes:
        known: What was counted on pages of the host.
        keys: Of the page's blocks.
        titles: Folded titles of the page, which are never dropped.
        names: Names of the site.
        own: Keys that `known` counts of this page itself.
    """

    known: HostKnowledge
    keys: Sequence[int]
    titles: Collection[str]
    names: Collection[str] = ()
    own: Collection[int] = ()

    @property
    def pages(self) -> int:
        """How many other pages are known."""
        return self.known.pages - bool(self.own)

    def look_up(
        self, layout: Layout, prose: Sequence[int], candidates: Sequence[int]
    ) -> dict[int, Sighting]:
        """Return what the other pages say of the body's blocks, by their indexes.

        Args:
            layout: The page.
            prose: Indexes of the running text, in order.
            candidates: Indexes of all blocks of the body, in order.
        """
        counts = self._counts(candidates)
        spared = self._spared(layout, prose, counts)
        found: dict[int, Sighting] = {}
        for index, (df, days) in counts.items():
            block = layout.blocks[index]
            if len(block.text) <= _TITLE and layout.folded[index] in self.titles:
                continue
            if _in_span(index, prose) and not _LETTER.search(block.text):
                continue  # numbers alone are alike everywhere, chapters have some
            length = len(block.text) if _in_span(index, prose) else 0
            rule = why_repeated(block, df, days, self.pages, length=length)
            verdict = Seen.DROP if rule else None
            if rule and index in spared:
                verdict = Seen.MARK
            told = df if verdict is Seen.DROP else 1
            found[index] = Sighting(
                verdict=verdict, rule=rule, seen_on=(told, self.pages)
            )
        return found

    def _counts(self, candidates: Sequence[int]) -> dict[int, tuple[int, int]]:
        counts: dict[int, tuple[int, int]] = {}
        for index in candidates:
            key = self.keys[index]
            df, days = self.known.blocks.get(key, (0, 0))
            df -= key in self.own
            if df > 0:
                counts[index] = (df, days)
        return counts

    def _spared(
        self,
        layout: Layout,
        prose: Sequence[int],
        counts: Mapping[int, tuple[int, int]],
    ) -> set[int]:
        """Return sentences of the story's body that recurring alone does not condemn.

        A column repeats its introduction, an agency its standards, and anybody may
        repeat a true sentence on many pages to have it taken out of one.
        """
        many = {i for i, (df, _) in counts.items() if df >= _LARGE_SHARE * self.pages}
        edges = _edges(prose, many)
        names = [name for name in map(fold, self.names) if len(name) >= _NAME]
        spared: set[int] = set()
        for index in counts:
            text = layout.blocks[index].text
            if not (_in_span(index, prose) and _is_sentence(text)):
                continue
            if index not in many or not (index in edges or _names(text, names)):
                spared.add(index)
        return spared


def why_repeated(
    block: TextBlock, df: int, days: int, pages: int, *, length: int
) -> str:
    """Return the rule by which a block belongs to the template, or nothing.

    Args:
        block: The block.
        df: Other pages of the host with its key.
        days: Days on which they were seen.
        pages: Other pages known.
        length: Of the block inside the story's body; 0 outside, where a long
            notice is a notice.
    """
    if is_repeated(length, df, days, pages):
        return f"repeated:{df}/{pages}"
    if df < 1:
        return ""
    if block.linked and block.link_density >= LINKED:
        return f"linked_seen:{df}/{pages}"
    if len(block.text) <= _PHRASE:
        match = match_line(block.text)
        if match is not None and match.whole and match.strength is not Strength.WEAK:
            return f"{match.boilerplate}_seen:{df}/{pages}"
    return ""


def is_repeated(length: int, df: int, days: int, pages: int) -> bool:
    """Tell whether enough other pages of a host have a block.

    Of two or three other pages all must have it. A long block must stand on half of them and on three days: agencies and wires
    fill a day's pages with the same paragraphs.
    """
    if df < max(2, _SHARE * pages) or (pages < MIN_PAGES and df < pages):
        return False
    return length <= _LONG or (df >= _LARGE_SHARE * pages and days >= _LONG_DAYS)


def _in_span(index: int, prose: Sequence[int]) -> bool:
    return bool(prose) and prose[0] <= index <= prose[-1]


def _names(text: str, names: Collection[str]) -> bool:
    return bool(names) and any(name in fold(text) for name in names)


def _is_sentence(text: str) -> bool:
    return weight(text) >= _SENTENCE and ends_sentence(text)


def _edges(prose: Sequence[int], many: Collection[int]) -> set[int]:
    """Return the first and last of the prose, and what recurs right beside them."""
    edges: set[int] = set()
    for ordered in (prose, prose[::-1]):
        for index in ordered:
            edges.add(index)
            if index not in many:
                break
    return edges
