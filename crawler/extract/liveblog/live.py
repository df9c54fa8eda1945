"""Live blogs: where their entries begin and end on a page, and when each was written.

An entry is one of several stretches of the text that a time opens: containers of one
shape under one parent, or headings and lines of time in one flow. Only pages that
call themselves live are looked at, and only entries with prose of their own count:
headlines of other stories, and comments, have times as well.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from crawler.extract.layout.blocks import Layout
from crawler.extract.page import Page
from storage.model.article import BlockKind

_LIVE = re.compile(
    r"live|ticker|minute[-_ ]by|en[-_ ]?direct|direct(?:o|e)?\b|en[-_ ]?vivo|ao[-_ ]?vivo"
    r"|minuto[-_ ]a|diretta|canl[iı]|langsung|онлайн|трансляц|эфир|na[-_ ]zywo|relacja"
    r"|ライブ|速報|実況|直播|실시간|مباشر|לייב",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?<![\d.:])([01]?\d|2[0-4])\s?[:.hH時٫]\s?([0-5]\d)(?![\d])")
_HEAD = re.compile(r"^\W*(?:\w{1,12}\W+)?(?:[01]?\d|2[0-4])[:.hH時]\s?[0-5]\d(?!\d)")
_FOREIGN = frozenset(
    {
        "comments",
        "related",
        "sidebar",
        "navigation",
        "footer",
        "ad",
        "cookies",
        "dialog",
    }
)
_LONGEST_STAMP = 60
_MOST_STAMPS = 2000
_LEAST = 3
_LEAST_FLAT = 4
_LEAST_STATED = 2
_PROSE = 40.0
_LEAD_REACH = 25
_LINKED = 0.3
_SHARE = 0.4
# Midnight, and a pinned entry at the top, are out of order.
_OUT_OF_ORDER = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One entry: page blocks `start` up to but not `stop`.

    Attributes:
        clock: Its time as shown, in minutes of the day, or None.
        stated: Its time as an attribute states it, or nothing.
        anchor: The id of its element, or nothing.
    """

    start: int
    stop: int
    clock: int | None = None
    stated: str = ""
    anchor: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A page's entries in page order, and the blocks that hold a time and no more."""

    spans: tuple[Span, ...]
    stamps: frozenset[int]


def calls_itself_live(
    page: Page, layout: Layout, kept: Sequence[int], title: str
) -> bool:
    """Tell a page whose address, headline or containers speak of live coverage."""
    if _LIVE.search(page.url) or _LIVE.search(title):
        return True
    if not kept:
        return False
    chain = layout.chain(layout.blocks[kept[0]].container)
    return any(_LIVE.search(layout.containers[i].label) for i in chain)


def find_live(
    page: Page, layout: Layout, kept: Sequence[int], *, stated: bool
) -> Live | None:
    """Return a live blog's entries, or None where the page has no shape of one.

    Args:
        page: The parsed page.
        layout: Its blocks.
        kept: Indexes of the blocks that are the story, in order.
        stated: Whether structured data says that it is one.
    """
    if not kept:
        return None
    search = _Search(page, layout, kept, stated=stated)
    spans = search.nested() or search.flat()
    if spans is None:
        return None
    return Live(
        spans=tuple(spans),
        stamps=frozenset(i for i in search.stamps if search.is_bare(i)),
    )


def lead_before(layout: Layout, kept: Sequence[int], live: Live) -> list[int]:
    """Return the prose above the first entry that the choice of entries left out."""
    known = set(kept)
    start = max(0, live.spans[0].start - _LEAD_REACH)
    return [
        i
        for i in range(start, live.spans[0].start)
        if i not in known
        and i not in live.stamps
        and layout.prose[i] >= _PROSE
        and layout.chrome[layout.blocks[i].container] is None
        and layout.blocks[i].link_density < _LINKED
    ]


def heads_before(layout: Layout, kept: Sequence[int], live: Live) -> list[int]:
    """Return the headings that open an entry and were left out before its text."""
    known = set(kept)
    found: list[int] = []
    for span in live.spans:
        first = next((i for i in range(span.start, span.stop) if i in known), 0)
        found += (
            i
            for i in range(span.start, first)
            if layout.blocks[i].kind is BlockKind.HEADING
            and i not in live.stamps
            and layout.chrome[layout.blocks[i].container] is None
        )
    return found


class _Search:
    """The times of one page and what they open."""

    def __init__(
        self, page: Page, layout: Layout, kept: Sequence[int], *, stated: bool
    ) -> None:
        self._layout = layout
        self._kept = set(kept)
        self._first, self._last = kept[0], kept[-1]
        self._stated = stated
        self._attributes = _stated_times(page)
        self.stamps = self._stamps()

    def is_bare(self, index: int) -> bool:
        """Tell a block that is a time and nothing else that matters."""
        text = self._layout.blocks[index].text
        rest = _CLOCK.sub("", text)
        return len(rest) <= 12 or text in self._attributes

    def nested(self) -> list[Span] | None:
        """Return entries that are containers of one shape under one parent."""
        entries = self._containers()
        if not entries:
            return None
        owner = self._owners(entries)
        blocks = self._layout.blocks
        places: dict[int, list[int]] = {}
        for index, block in enumerate(blocks):
            if (entry := owner[block.container]) >= 0:
                places.setdefault(entry, []).append(index)
        spans = [
            self._span(at[0], at[-1] + 1, entries[entry], entry)
            for entry, at in sorted(places.items())
        ]
        return self._believed(spans, _LEAST_STATED if self._stated else _LEAST)

    def flat(self) -> list[Span] | None:
        """Return entries that follow each other in one flow, each after its time."""
        heads = [i for i in sorted(self.stamps) if self._opens(i)]
        if not heads:
            return None
        ends = [*heads[1:], self._last + 1]
        spans = [
            self._span(head, end, head, -1)
            for head, end in zip(heads, ends, strict=True)
            if head < end
        ]
        return self._believed(spans, _LEAST if self._stated else _LEAST_FLAT)

    def _opens(self, index: int) -> bool:
        block = self._layout.blocks[index]
        return index <= self._last and (
            block.kind is BlockKind.HEADING
            or self.is_bare(index)
            or index in self._kept
        )

    def _stamps(self) -> dict[int, int | None]:
        """Return the blocks that a time opens, with its minute of the day."""
        found: dict[int, int | None] = {}
        layout = self._layout
        for index in range(max(0, self._first - 6), self._last + 1):
            block = layout.blocks[index]
            if layout.chrome[block.container] in _FOREIGN:
                continue
            short = len(block.text) <= _LONGEST_STAMP
            clock = _CLOCK.search(block.text[:_LONGEST_STAMP])
            if (short and block.text in self._attributes) or (
                clock and (_HEAD.match(block.text) or (short and self._is_time(index)))
            ):
                minute = int(clock[1]) * 60 + int(clock[2]) if clock else None
                found[index] = minute
                if len(found) >= _MOST_STAMPS:
                    break
        return found

    def _is_time(self, index: int) -> bool:
        text = self._layout.blocks[index].text
        return len(_CLOCK.sub("", text)) <= 30 and not text.endswith((".", "?", "!"))

    def _containers(self) -> dict[int, int]:
        """Return each entry's container with its stamp: siblings of one shape."""
        layout = self._layout
        times: Counter[int] = Counter()
        for index in self.stamps:
            times.update(layout.chain(layout.blocks[index].container))
        tops: dict[int, int] = {}
        for index in self.stamps:
            top = layout.blocks[index].container
            while (above := layout.containers[top].parent) >= 0 and times[above] == 1:
                top = above
            if times[top] == 1:
                tops[top] = index
        shapes = Counter(map(self._shape, tops))
        if not shapes:
            return {}
        shape, _ = shapes.most_common(1)[0]
        return {top: stamp for top, stamp in tops.items() if self._shape(top) == shape}

    def _shape(self, container: int) -> tuple[int, str]:
        one = self._layout.containers[container]
        return one.parent, one.tag

    def _owners(self, entries: Mapping[int, int]) -> list[int]:
        """Return for every container the entry it is in, or -1."""
        owner: list[int] = []
        for index, container in enumerate(self._layout.containers):
            above = owner[container.parent] if container.parent >= 0 else -1
            owner.append(index if index in entries else above)
        return owner

    def _span(self, start: int, stop: int, stamp: int, container: int) -> Span:
        inner = container if container >= 0 else self._layout.blocks[stamp].container
        attributes = self._layout.containers[inner].attributes
        return Span(
            start=start,
            stop=stop,
            clock=self.stamps[stamp],
            stated=self._attributes.get(self._layout.blocks[stamp].text, ""),
            anchor=attributes.get("id") or attributes.get("data-id") or "",
        )

    def _believed(self, spans: Sequence[Span], least: int) -> list[Span] | None:
        """Return the entries with prose of their own, if they make up the page."""
        prose = self._layout.prose
        own = [
            (span, size)
            for span in spans
            if (
                size := sum(
                    prose[i] for i in range(span.start, span.stop) if i in self._kept
                )
            )
            >= _PROSE
        ]
        total = sum(prose[i] for i in self._kept)
        if len(own) < least or sum(size for _, size in own) < _SHARE * total:
            return None
        found = [span for span, _ in own]
        return found if self._stated or _in_order(found) else None


def is_one_day(spans: Sequence[Span]) -> bool:
    """Tell clock times that no midnight parts; the first entry may be pinned."""
    clocks = [span.clock for span in spans[1:] if span.clock is not None]
    steps = [b - a for a, b in pairwise(clocks)]
    return all(step <= 0 for step in steps) or all(step >= 0 for step in steps)


def _in_order(spans: Sequence[Span]) -> bool:
    """Tell times that run one way, but for midnight and an entry that is pinned."""
    clocks = [span.clock for span in spans if span.clock is not None]
    steps = [b - a for a, b in pairwise(clocks) if a != b]
    down = sum(1 for step in steps if step < 0)
    return min(down, len(steps) - down) <= max(1, _OUT_OF_ORDER * len(steps))


def _stated_times(page: Page) -> dict[str, str]:
    """Return what `<time datetime>` elements state, by the text they show.

    A text that stands for two times, as "5 minutes ago" may, is left out.
    """
    found: dict[str, str] = {}
    for node in page.select("time[datetime]"):
        text = " ".join(node.text().split())
        stated = node.attributes.get("datetime") or ""
        if text and stated:
            found[text] = stated if found.get(text, stated) == stated else ""
    return {text: stated for text, stated in found.items() if stated}
