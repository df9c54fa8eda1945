"""What of the body's blocks is the story; what is not goes with class, rule and place.

Order: exact lines of site rules, furniture containers, the headline repeated,
link lists, the line judge (`lines.judge_line`), what stands before the first and
after the last prose. Nothing is left out silently.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from crawler.dates.text import is_day_alone
from crawler.extract.calls import asking_parts
from crawler.extract.chrome import SOFT
from crawler.extract.layout.blocks import Layout, TextBlock
from crawler.extract.lines.judging import (
    Decision,
    Judgement,
    Line,
    Zone,
    judge_line,
    says_nothing,
)
from crawler.extract.lines.signals import counts_comments, labels_links
from crawler.extract.measure import ends_sentence, weight
from crawler.extract.template import HostView, Seen
from crawler.lexicon.match import Strength, match_line
from storage.model.article import Block, BlockKind, Removed

_MAX_TEXT_SHARE = 0.3
_MAX_PARAGRAPH_SHARE = 0.4
_JUDGED = 200
# Kinds of furniture that are no story however much like it they read.
_NEVER_STORY = frozenset({"caption", "factbox", "form", "rule"})
# A block that scores so high is not taken for its links or a weak phrase.
_SURE = 0.8
# What an author may write twice: headings (once as a table of contents), labels in lists.
_REPEATABLE = frozenset({BlockKind.HEADING, BlockKind.LIST_ITEM})
_LINK_LIST = 0.6
_LABELLED = 5
_SHORT = 40
_SHORT_OVER = 60
# A day and a time, as they stand beside a commenter's name.
_STAMP = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}\D{1,5}\d{1,2}[:.]\d{2}")
_LETTER = re.compile(r"\w")
_DIVIDER = re.compile(r"[\s_=*•·~#–—-]+")
_Reason = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """The story's blocks and what was taken from around and between them.

    Attributes:
        blocks: In order; `sources` holds the page index of each.
        captions: Of pictures, apart from the text.
        removed: What was left out, with the reason.
        unlikely: What the block model left out between the story's blocks.
        scores: How likely each block of the page is story, where that was asked.
        found: Facts that removed lines state, as `lines.Judgement.facts`.
        marks: Flags such as `paywalled`, `needs_review`.
    """

    blocks: tuple[Block, ...]
    sources: tuple[int, ...]
    captions: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()
    unlikely: tuple[Removed, ...] = ()
    scores: Sequence[float] = ()
    found: Mapping[str, str] = field(default_factory=dict)
    marks: tuple[str, ...] = ()


def clean(  # noqa: PLR0913 - each decides and is of another origin
    layout: Layout,
    candidates: Sequence[int],
    *,
    titles: Collection[str] = (),
    drop_lines: Collection[str] = (),
    language: str | None = None,
    view: HostView | None = None,
    scores: Sequence[float] | None = None,
) -> Cleaned:
    """Decide block by block what of the body is the story.

    Args:
        layout: The page.
        candidates: Indexes of the body's blocks, in order.
        titles: Folded titles of the page.
        drop_lines: Folded lines that site rules leave out.
        language: Of the text.
        view: What the host's other pages say of blocks, or None.
        scores: How likely each block of the page is story; the candidates were
            chosen by them. None where they are whole containers.
    """
    pass_ = _Pass(layout, candidates, titles, drop_lines, language, view, scores)
    return pass_.run()


class _Pass:
    """One pass over the candidate blocks of one page."""

    def __init__(  # noqa: PLR0913, PLR0917 - as `clean`
        self,
        layout: Layout,
        candidates: Sequence[int],
        titles: Collection[str],
        drop_lines: Collection[str],
        language: str | None,
        view: HostView | None,
        scores: Sequence[float] | None,
    ) -> None:
        self._layout = layout
        self._candidates = list(candidates)
        self._titles = titles
        self._drop_lines = drop_lines
        self._language = language
        self._scores = scores
        self._removed: list[Removed] = []
        self._captions: list[str] = []
        self._found: dict[str, str] = {}
        self._marks: dict[str, None] = {}
        prose = [
            i
            for i in self._candidates
            if self._is_prose(i) and not layout.is_headed(i, titles)
        ]
        self._first = prose[0] if prose else -1
        self._headline = self._headline_at()
        self._comments = self._comments_at()
        self._last = self._last_of([i for i in prose if i < self._comments])
        self._seen: dict[str, int] = {}
        self._elsewhere: set[int] = set()
        self._repeats = False
        self._asking = asking_parts(layout)
        self._sightings = view.look_up(layout, prose, candidates) if view else {}

    def _headline_at(self) -> int:
        """Return the block before all prose that is the headline, or -1."""
        before = [i for i in self._candidates if i < self._first]
        headed = (i for i in before if self._layout.is_headed(i, self._titles))
        return next(headed, -1)

    def _comments_at(self) -> int:
        """Return the block behind most prose that counts comments, with dated ones below it.

        Old pages set readers' comments in the story's own cell, by names that say nothing.
        """
        blocks, prose = self._layout.blocks, self._layout.prose
        total = sum(prose[i] for i in self._candidates)
        passed = 0.0
        for place, index in enumerate(self._candidates):
            text = blocks[index].text
            if 2 * passed >= total > 0 and counts_comments(text):
                below = (blocks[i].text for i in self._candidates[place:])
                return index if any(map(_is_dated, below)) else len(blocks)
            passed += prose[index]
        return len(blocks)

    def run(self) -> Cleaned:
        """Judge every candidate and put the kept ones in order."""
        kept = [i for place, i in enumerate(self._candidates) if self._keeps(place, i)]
        if self._scores is None:
            kept = self._trim(kept)
        kept = self._without_outer_dividers(kept)
        kept = self._without_first_day(kept)
        kept = self._without_lone_headings(kept)
        kept = self._guard(kept)
        blocks = self._layout.blocks
        return Cleaned(
            blocks=tuple(_block(blocks[i]) for i in kept),
            sources=tuple(kept),
            captions=tuple(dict.fromkeys(self._captions)),
            removed=tuple(sorted(self._removed, key=lambda r: r.index)),
            unlikely=tuple(self._unlikely(kept)),
            scores=self._scores or (),
            found=self._found,
            marks=tuple(self._marks),
        )

    def _unlikely(self, kept: Sequence[int]) -> Iterator[Removed]:
        """Yield what stands between the story's blocks and was not chosen."""
        if self._scores is None or not kept:
            return
        layout = self._layout
        chosen = set(self._candidates)
        for index in range(kept[0], kept[-1]):
            if index not in chosen:
                block = layout.blocks[index]
                yield Removed(
                    text=block.text,
                    boilerplate=layout.chrome[block.container] or "unlikely",
                    rule=f"score {self._scores[index]:.2f}",
                    index=index,
                )

    def _last_of(self, prose: Sequence[int]) -> int:
        """Return the last block of prose; a copyright line and its like end no story."""
        for index in reversed(prose):
            text = self._layout.blocks[index].text
            match = match_line(text)
            if match is None or match.strength is not Strength.HARD:
                return index
        return -1

    def _is_prose(self, index: int) -> bool:
        if self._scores is not None:
            return self._layout.prose[index] > 0
        chrome = self._layout.chrome[self._layout.blocks[index].container]
        return self._layout.prose[index] > 0 and (
            chrome is None or self._outweighs(index, chrome)
        )

    def _outweighs(self, index: int, chrome: str) -> bool:
        """Tell long prose in a container whose name is only soft evidence."""
        if chrome == "caption" or chrome not in SOFT:
            return False
        return (
            self._layout.prose[index] > 160
            and self._layout.blocks[index].link_density < 0.3
        )

    def _keeps(self, place: int, index: int) -> bool:
        for check in (
            self._by_site_rule,
            self._by_container,
            self._in_asking_box,
            self._over_headline,
            self._as_comment,
            self._as_headline,
            self._as_duplicate,
            self._by_template,
            self._by_line,
            self._as_link_list,
        ):
            reason = check(place, index)
            if reason is not None:
                return self._remove(index, *reason)
        return True

    def _by_site_rule(self, _place: int, index: int) -> _Reason | None:
        if not self._drop_lines:
            return None
        folded = self._layout.folded[index]
        return ("rule", "site_rule") if folded and folded in self._drop_lines else None

    def _by_container(self, place: int, index: int) -> _Reason | None:
        block = self._layout.blocks[index]
        chrome = self._layout.chrome[block.container]
        if chrome is None or self._outweighs(index, chrome):
            return None
        if self._scores is not None and chrome not in _NEVER_STORY:
            return None
        if chrome == "caption":
            self._captions.append(block.text)
        else:
            self._note(self._judge(place, index))
        return chrome, "container"

    def _in_asking_box(self, place: int, index: int) -> _Reason | None:
        if self._layout.blocks[index].container not in self._asking:
            return None
        self._note(self._judge(place, index))
        return "newsletter", "holds_form"

    def _as_comment(self, _place: int, index: int) -> _Reason | None:
        return ("comments", "below_count") if index >= self._comments else None

    def _over_headline(self, _place: int, index: int) -> _Reason | None:
        """Take short lines over a headline that stands as one of the story's blocks."""
        if index >= self._headline or self._layout.sizes[index] > _SHORT_OVER:
            return None
        says = ends_sentence(self._layout.blocks[index].text)
        return None if says else ("before_body", "over_headline")

    def _as_headline(self, _place: int, index: int) -> _Reason | None:
        """Take the headline; a standfirst stays that some tag gives as a title too."""
        folded = self._layout.folded[index]
        early = index <= max(self._first, self._candidates[0] + 3)
        if not early or not self._layout.is_headed(index, self._titles):
            return None
        if folded not in self._titles:
            return "headline", "begins_with_title"
        stands = self._is_sure(index) and self._layout.blocks[index].tag != "h1"
        return None if stands else ("headline", "equals_title")

    def _as_duplicate(self, _place: int, index: int) -> _Reason | None:
        """Take what was there before; headings and list items only in a part shown twice."""
        block = self._layout.blocks[index]
        if weight(block.text) <= _SHORT:
            return None
        first = self._seen.setdefault(self._layout.folded[index], index)
        told = first != index
        meant = block.kind is BlockKind.HEADING or self._is_sure(index)
        meant = meant and block.kind in _REPEATABLE
        self._repeats = told and (self._repeats or not meant)
        if not self._repeats:
            return None
        if self._above(index) != self._above(first):
            self._elsewhere.add(index)
        return "duplicate", "repeats_block"

    def _above(self, index: int) -> int:
        return self._layout.containers[self._layout.blocks[index].container].parent

    def _is_sure(self, index: int) -> bool:
        return self._scores is not None and self._scores[index] >= _SURE

    def _by_template(self, place: int, index: int) -> _Reason | None:
        seen = self._sightings.get(index)
        if seen is None or seen.verdict is None:
            return None
        if seen.verdict is Seen.MARK:
            self._marks["repeated_prose"] = None
            return None
        judgement = self._judge(place, index)  # what it states is kept all the same
        if judgement.decision not in {Decision.KEEP, Decision.MARK}:
            self._note(judgement)
        return "template", seen.rule

    def _by_line(self, place: int, index: int) -> _Reason | None:
        text = self._layout.blocks[index].text
        if len(text) > _JUDGED:
            nothing = match_line(text) is None  # nor is it a call
        else:
            nothing = index not in self._sightings and says_nothing(text)
        if nothing:
            return None
        judgement = self._judge(place, index)
        self._note(judgement)
        if judgement.decision in {Decision.KEEP, Decision.MARK}:
            return None
        return judgement.boilerplate or "boilerplate", judgement.rule

    def _as_link_list(self, _place: int, index: int) -> _Reason | None:
        return ("related", "link_density") if self._is_link_list(index) else None

    def _is_link_list(self, index: int) -> bool:
        block = self._layout.blocks[index]
        if block.link_density < _LINK_LIST or not block.linked:
            return False
        # A linked sub-heading stays; a sentence that is all link is a teaser.
        within = self._first < index < self._last
        stays = block.kind is BlockKind.HEADING and within
        return self._is_labelled(index) or not (stays or self._is_sure(index))

    def _is_link(self, index: int) -> bool:
        blocks = self._layout.blocks
        return index < len(blocks) and blocks[index].link_density >= _LINK_LIST

    def _is_labelled(self, index: int) -> bool:
        """Tell one of the few links below "Read also"; a list, and what a heading heads, may be the story's."""
        if self._layout.blocks[index].kind is not BlockKind.PARAGRAPH:
            return False
        for above in range(index - 1, max(-1, index - 1 - _LABELLED), -1):
            if not self._is_link(above):
                label = self._layout.blocks[above]
                heads = label.kind is BlockKind.HEADING
                return not heads and labels_links(label.text)
        return False

    def _judge(self, place: int, index: int) -> Judgement:
        layout = self._layout
        block = layout.blocks[index]
        # On the page: links below a label are often none of the candidates.
        following = layout.blocks[index + 1 : index + 4]
        return judge_line(
            Line(
                text=block.text,
                zone=self._zone(index),
                tag=block.tag,
                link_density=block.link_density,
                dom=layout.path(block.container),
                previous=layout.blocks[self._candidates[place - 1]].text
                if place
                else "",
                following=following[0].text if following else "",
                following_links=sum(
                    1 for b in following if b.link_density >= _LINK_LIST
                ),
                following_form=False,
                following_linked=self._is_link(index + 1),
                language=self._language,
                seen_on=self._sightings[index].seen_on
                if index in self._sightings
                else (0, 0),
                is_title=layout.folded[index] in self._titles,
            ),
        )

    def _zone(self, index: int) -> Zone:
        if self._first < 0 or index < self._first:
            return Zone.BEFORE_BODY
        return Zone.IN_BODY if index <= self._last else Zone.AFTER_LAST_SENTENCE

    def _note(self, judgement: Judgement) -> None:
        """Keep the facts a line states before the line goes."""
        for key, value in judgement.facts.items():
            self._found.setdefault(key, value)
        if judgement.decision is Decision.MARK and judgement.boilerplate:
            self._marks[judgement.boilerplate] = None
        for flag in ("paywalled", "multi_page"):
            if flag in judgement.facts:
                self._marks[flag] = None

    def _remove(self, index: int, boilerplate: str, rule: str) -> bool:
        text = self._layout.blocks[index].text
        self._removed.append(
            Removed(text=text, boilerplate=boilerplate, rule=rule, index=index)
        )
        return False

    def _trim(self, kept: list[int]) -> list[int]:
        """Leave out what stands before the first and after the last prose."""
        prose = [i for i in kept if self._is_prose(i)]
        if not prose:
            return kept
        first, last = prose[0], prose[-1]
        within: list[int] = []
        for index in kept:
            if index < first and not self._leads(index, first):
                self._remove(index, "before_body", "no_prose")
            elif index > last and not self._trails(index, last):
                self._remove(index, "after_body", "no_prose")
            else:
                within.append(index)
        return within

    def _leads(self, index: int, first: int) -> bool:
        """Tell a sub-heading or quote right before the first prose."""
        block = self._layout.blocks[index]
        close = first - index <= 2
        return (
            close
            and block.kind in {BlockKind.HEADING, BlockKind.QUOTE}
            and block.level != 1
        )

    def _trails(self, index: int, last: int) -> bool:
        """Tell a list, table, quote or lone mark that belongs to the last prose."""
        block = self._layout.blocks[index]
        if not _LETTER.search(block.text):
            return index == last + 1
        same = (
            block.container == self._layout.blocks[last].container and index == last + 1
        )
        belongs = block.kind in {
            BlockKind.QUOTE,
            BlockKind.TABLE,
            BlockKind.PREFORMATTED,
        }
        listed = (
            block.kind is BlockKind.LIST_ITEM
            and block.link_density < 0.3
            and weight(block.text) > 25
        )
        return belongs or listed or (same and block.link_density < 0.3)

    def _without_outer_dividers(self, kept: list[int]) -> list[int]:
        """Leave out dashes and stars at the text's ends: they part nothing there."""
        for place in (0, -1):
            while kept and _DIVIDER.fullmatch(self._layout.blocks[kept[place]].text):
                self._remove(kept.pop(place), "divider", "parts_nothing")
        return kept

    def _without_first_day(self, kept: list[int]) -> list[int]:
        """Leave out the day over a story; that of a chronicle's first entry stays."""
        if (
            len(kept) < 2
            or not self._is_day(kept[0])
            or any(map(self._is_day, kept[1:]))
        ):
            return kept
        self._remove(kept[0], "published_at", "over_the_story")
        return kept[1:]

    def _is_day(self, index: int) -> bool:
        block = self._layout.blocks[index]
        is_line = block.kind is BlockKind.PARAGRAPH
        return is_line and is_day_alone(block.text, self._language)

    def _without_lone_headings(self, kept: list[int]) -> list[int]:
        """Leave out a heading with nothing of the story below it."""
        blocks = self._layout.blocks
        result: list[int] = []
        has_text = False
        for index in reversed(kept):
            if blocks[index].kind is BlockKind.HEADING and not has_text:
                self._remove(index, "heading", "nothing_below")
                continue
            has_text = True
            result.append(index)
        return result[::-1]

    def _without_apart(self, prose: Sequence[int]) -> list[int]:
        """Leave out boxes of facts, and captions but for a story told in pictures."""
        if self._scores is None:
            return list(prose)
        weigh = self._layout.sizes.__getitem__
        rules = {r.index: r.boilerplate for r in self._removed if r.rule == "container"}
        left_out = self._elsewhere | {i for i in prose if rules.get(i) == "factbox"}
        captions = {i for i in prose if rules.get(i) == "caption"}
        rest = [i for i in prose if i not in left_out | captions]
        if 2 * sum(map(weigh, captions)) <= sum(map(weigh, rest)):
            left_out |= captions
        return [i for i in prose if i not in left_out]

    def _guard(self, kept: list[int]) -> list[int]:
        """Mark a page for review where too much of its prose was taken.

        What stands apart is no loss, nor is a day, and a part that stood in two places
        is there once.
        """
        blocks = self._layout.blocks
        prose = [i for i in self._candidates if self._is_prose(i)]
        prose = self._without_apart(prose)
        lost = {i for i in set(prose) - set(kept) if not self._is_day(i)}
        text = sum(weight(blocks[i].text) for i in prose)
        gone = sum(weight(blocks[i].text) for i in lost)
        too_much = gone > _MAX_TEXT_SHARE * text or len(
            lost
        ) > _MAX_PARAGRAPH_SHARE * len(prose)
        if not prose or not too_much:
            return kept
        self._marks["needs_review"] = None
        self._removed = [r for r in self._removed if r.index not in lost]
        return sorted({*kept, *lost})


def _block(block: TextBlock) -> Block:
    return Block(kind=block.kind, text=block.text, level=block.level)


def _is_dated(text: str) -> bool:
    """Tell a text in which a line of its own, or the rest of one, is a day with its time."""
    return any(_STAMP.search(line) for line in text.split("\n") if len(line) <= _SHORT)
