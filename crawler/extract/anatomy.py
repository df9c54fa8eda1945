"""A page taken apart: all its blocks in page order, and what became of each. Pure.

Ordinary extraction keeps only the story and what was left out of it. To explain a
page its bytes are read once more, by the same code, which shows its blocks here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from crawler.extract.article import extract
from crawler.extract.boilerplate import Cleaned
from crawler.extract.layout.blocks import Layout
from crawler.extract.measure import fold
from crawler.extract.page import read_page
from crawler.extract.readers.rules import RuleMatch, rule_matches, rules_of
from crawler.extract.source import PageSource, SiteRules
from storage.model.article import Article, BlockKind
from storage.model.extraction import Extraction

_CAPTION = "caption"
_HEADLINE = "headline"
_EMPTY = Cleaned(blocks=(), sources=())


class Fate(StrEnum):
    """What became of a block."""

    KEPT = "kept"
    REMOVED = "removed"
    CAPTION = "caption"
    OUTSIDE = "outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """What a learned judge thinks of a block.

    Attributes:
        score: How likely it is the story, 0 to 1.
        why: What said so most, for people.
    """

    score: float
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageBlock:
    """A block of a page and what became of it.

    Attributes:
        index: Its place among the page's blocks, counted from 0.
        kind: What it is.
        level: Of a heading or list item.
        text: What it says.
        fate: What became of it.
        boilerplate: The class it was removed for; of a block outside the body, what
            its container is called. Empty where nothing says so.
        rule: The rule that removed it, or nothing.
        place: The containers it stands in, outermost first.
        link_density: Share of its characters that are link text.
        score: A learned judge's score, 0 to 1, or None where none was asked.
        why: What made the score.
    """

    index: int
    kind: BlockKind
    level: int
    text: str
    fate: Fate
    boilerplate: str = ""
    rule: str = ""
    place: str = ""
    link_density: float = 0.0
    score: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anatomy:
    """A page taken apart.

    Attributes:
        extraction: What was made of it.
        blocks: All its blocks.
        rules: What each site rule in force matched.
        plainly: What is made of it without site rules; None where none are in force.
    """

    extraction: Extraction
    blocks: tuple[PageBlock, ...] = ()
    rules: tuple[RuleMatch, ...] = ()
    plainly: Extraction | None = None


def dissect(source: PageSource) -> Anatomy:
    """Return what a capture is, its blocks, and what its site's rules matched.

    Slow or deadly on the same bytes as `extract`; `examine` runs it in a child.
    """
    seen: list[tuple[Layout, Cleaned]] = []

    def look(layout: Layout, _body: Sequence[int], cleaned: Cleaned) -> None:
        seen.append((layout, cleaned))

    extraction = extract(source, look)
    layout, cleaned = seen[-1] if seen else (None, _EMPTY)
    article = extraction.article
    blocks = (
        tuple(blocks_of(layout, cleaned, article, _scores(layout, cleaned)))
        if layout is not None and article is not None
        else ()
    )
    rules = rules_of(source)
    if rules is None:
        return Anatomy(extraction=extraction, blocks=blocks)
    return Anatomy(
        extraction=extraction,
        blocks=blocks,
        rules=tuple(_rule_matches(source, rules, layout)),
        plainly=extract(replace(source, rules=None)),
    )


def blocks_of(
    layout: Layout,
    cleaned: Cleaned,
    article: Article,
    scores: Mapping[int, Score] = MappingProxyType({}),
) -> Iterator[PageBlock]:
    """Yield all blocks of a page with what became of each.

    Args:
        layout: The page's blocks.
        cleaned: What was made of the body's.
        article: What was made of the page.
        scores: What a learned judge thinks, by the blocks' indexes.
    """
    removed = {line.index: line for line in article.removed}
    captions = {fold(caption) for caption in article.captions}
    kept = set(cleaned.sources) or _said(layout, cleaned)
    headline = fold(article.title)
    for index, block in enumerate(layout.blocks):
        chrome = layout.chrome[block.container]
        line = removed.get(index)
        fate, boilerplate, rule = Fate.OUTSIDE, chrome or "", ""
        if index in kept:
            fate, boilerplate = Fate.KEPT, ""
        elif chrome == _CAPTION and fold(block.text) in captions:
            fate, boilerplate = Fate.CAPTION, ""
        elif line is not None:
            fate, boilerplate, rule = Fate.REMOVED, line.boilerplate, line.rule
        elif headline and fold(block.text) == headline:
            boilerplate = _HEADLINE
        judged = scores.get(index)
        yield PageBlock(
            index=index,
            kind=block.kind,
            level=block.level,
            text=block.text,
            fate=fate,
            boilerplate=boilerplate,
            rule=rule,
            place=layout.path(block.container),
            link_density=round(block.link_density, 3),
            score=judged.score if judged else None,
            why=judged.why if judged else "",
        )


def _scores(layout: Layout, cleaned: Cleaned) -> dict[int, Score]:
    """Return what the block model thinks of each block, where it was asked.

    Why is beyond words but for the kind of container that the block stands in.
    """
    return {
        index: Score(score=score, why=layout.chrome[block.container] or "")
        for index, (block, score) in enumerate(
            zip(layout.blocks, cleaned.scores, strict=False)
        )
    }


def _said(layout: Layout, cleaned: Cleaned) -> set[int]:
    """Return the blocks of a text that another witness gave, found by what they say."""
    lines = {fold(block.text) for block in cleaned.blocks} - {""}
    return {i for i, block in enumerate(layout.blocks) if fold(block.text) in lines}


def _rule_matches(
    source: PageSource, rules: SiteRules, layout: Layout | None
) -> Iterator[RuleMatch]:
    page = read_page(source)
    yield from rule_matches(page, rules)
    lines = [fold(block.text) for block in layout.blocks] if layout else []
    for line in rules.drop_lines:
        yield RuleMatch(key="drop_lines", rule=line, matches=lines.count(fold(line)))
