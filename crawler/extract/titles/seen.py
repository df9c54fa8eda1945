"""What a reader sees where a story begins: the lines and headings around its start."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from crawler.extract.layout.blocks import Layout
from crawler.extract.titles.names import key_of

_BEFORE = 80
_AFTER = 6
_LENGTHS = range(2, 260)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4"})
_ELSEWHERE = frozenset({"comments", "cookies", "footer", "related", "sidebar"})


class Heading(NamedTuple):
    """A visible heading: its text, level and distance in blocks before the story."""

    text: str
    level: int
    distance: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The visible lines before and just after the start of a story.

    Attributes:
        lines: Each line as it stands, in order, to its distance in blocks before the
            story's first block; below 0 it stands after it.
        headings: By their key, `h1` to `h4`.
    """

    lines: Mapping[str, int] = field(default_factory=dict)
    headings: Mapping[str, Heading] = field(default_factory=dict)

    def distance(self, text: str) -> int | None:
        """Return how far before the story a text stands as a whole line, or None."""
        found = self.lines.get(text)
        if found is None and (heading := self.headings.get(key_of(text))):
            return heading.distance
        return found


def look_before(layout: Layout, first: int) -> Seen:
    """Return the lines around the start of the story.

    Args:
        layout: The page.
        first: Index of the story's first block; 0 where none was found.
    """
    lines: dict[str, int] = {}
    headings: dict[str, Heading] = {}
    start = max(0, first - _BEFORE)
    for index, block in enumerate(layout.blocks[start : first + _AFTER], start):
        if len(block.text) not in _LENGTHS:
            continue
        if layout.chrome[block.container] in _ELSEWHERE:
            continue
        for line in block.text.split("\n"):  # a day may stand below in the same cell
            lines.setdefault(line, first - index)
        if block.tag in _HEADINGS:
            heading = Heading(block.text, int(block.tag[1]), first - index)
            headings[key_of(block.text)] = heading
    return Seen(lines=lines, headings=headings)
