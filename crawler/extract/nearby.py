"""What stands around the body in the article's own frame: byline, date, counters.

Lines there are never text, but they are metadata; related lists and comments,
which carry counters of their own, are not looked at.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extract.layout.blocks import Layout
from crawler.extract.lines.judging import Decision, Line, Zone, judge_line, says_nothing
from crawler.lexicon.match import looks_like_date
from storage.model.article import Removed

_FRAMES = frozenset({"article", "main"})
_FOREIGN = frozenset(
    {"related", "comments", "navigation", "sidebar", "ad", "cookies", "dialog"}
)
# Year, month and day in the one order that is the same in all languages.
_FULL_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}日?(?!\d)(?:\s*\d{1,2}:\d{2}(?::\d{2})?)?"
)
_LONGEST = 100
_REACH = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearby:
    """Facts read around the body.

    Attributes:
        facts: (name, value) as `lines.Judgement.facts`, in document order.
        dates: Lines that are dates and nothing else.
        captions: Of pictures beside the body.
        removed: The lines the facts came from.
    """

    facts: tuple[tuple[str, str], ...] = ()
    dates: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    removed: tuple[Removed, ...] = ()

    def get(self, name: str) -> str | None:
        """Return the first value of a fact, or None."""
        return next((value for key, value in self.facts if key == name), None)


def look_nearby(
    layout: Layout, candidates: Sequence[int], language: str | None
) -> Nearby:
    """Read the short lines around the body that belong to the same article."""
    if not candidates:
        return Nearby()
    frame = _frame(layout, candidates)
    inside = set(candidates)
    start = max(0, candidates[0] - _REACH)
    facts: list[tuple[str, str]] = []
    dates: list[str] = []
    captions: list[str] = []
    removed: list[Removed] = []
    for index in range(start, min(len(layout.blocks), candidates[-1] + _REACH)):
        block = layout.blocks[index]
        chrome = layout.chrome[block.container]
        if (
            index in inside
            or chrome in _FOREIGN
            or not layout.inside(block.container, frame)
        ):
            continue
        if chrome == "caption":
            captions.append(block.text)
            continue
        if len(block.text) > _LONGEST:
            continue
        if looks_like_date(block.text):
            dates.append(block.text)
            continue
        if index < candidates[0] and (dated := _FULL_DATE.search(block.text)):
            dates.append(dated[0])
        if says_nothing(block.text):
            continue
        judgement = judge_line(
            Line(
                text=block.text,
                zone=Zone.BEFORE_BODY if index < candidates[0] else Zone.AFTER_BODY,
                tag=block.tag,
                link_density=block.link_density,
                dom=layout.path(block.container),
                previous=layout.blocks[index - 1].text if index else "",
                following=layout.blocks[index + 1].text
                if index + 1 < len(layout.blocks)
                else "",
                language=language,
            ),
        )
        facts += judgement.facts.items()
        if judgement.decision not in {Decision.KEEP, Decision.MARK}:
            removed.append(
                Removed(
                    text=block.text,
                    boilerplate=judgement.boilerplate,
                    rule=judgement.rule,
                    index=index,
                ),
            )
    return Nearby(
        facts=tuple(facts),
        dates=tuple(dates),
        captions=tuple(captions),
        removed=tuple(removed),
    )


def _frame(layout: Layout, candidates: Sequence[int]) -> int:
    """Return the container that frames the article: hooked, `<article>`, else three above."""
    chain = layout.chain(layout.blocks[candidates[0]].container)
    for index in chain:
        if layout.containers[index].hook == "scope":
            return index
    for index in chain:
        if layout.containers[index].tag in _FRAMES:
            return index
    return chain[min(len(chain) - 1, 6)]
