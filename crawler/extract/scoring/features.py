"""What the block model looks at: one row of numbers a fact, one column a block.

Everything is counted on the page itself; no fact names a site or a language but
the interface phrases of the lexicon. A container's blocks stand together, so sums
over subtrees are differences of running totals and the work is linear in the page.
"""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crawler.extract.blocks import Layout, TextBlock
from crawler.extract.measure import ends_sentence, fold, weight
from crawler.lexicon.match import Strength, match_line
from storage.model import BlockKind

Floats = NDArray[np.float32]
AnyFloats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]

_FRAMES = ("article", "main", "table", "li", "figure")
_FURNITURE = frozenset({"navigation", "footer"})
_CHROME = ("caption", "form", "widget")
_TAGS = ("p", "div", "li", "td")
_PAUSE = re.compile(r"[,;،、，；]")
_WORD = re.compile(r"[^\W\d_]{4,}|[\u3040-\u9fff]{2}")
_NAME = re.compile(r"[a-z]{2,}|[A-Z][a-z]+|[A-Z]{2,}")
_NAMES_READ = 300
_TEXT_READ = 600
_PHRASE = 60
_FAR = 60.0
_SECTIONS = {
    "related_heading": "related", "also_read": "related", "read_more": "related",
    "most_read": "related", "prev_next": "related", "comment_heading": "comments",
    "comment_action": "comments", "comment_prompt": "comments",
    "newsletter": "call", "follow_us": "call",
}  # fmt: skip
_STRENGTHS = {Strength.HARD: 3.0, Strength.SOFT: 2.0, Strength.WEAK: 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnesses:
    """What else the page says of its text.

    Attributes:
        title: The headline, or nothing.
        titles: Folded titles of all kinds.
        descriptions: Folded descriptions.
        bodies: `articleBody` texts of structured data.
    """

    title: str = ""
    titles: Collection[str] = ()
    descriptions: Collection[str] = ()
    bodies: Sequence[str] = ()


def measure_blocks(
    layout: Layout, witnesses: Witnesses, leanings: Mapping[str, float]
) -> dict[str, Floats]:
    """Return the features of a page's blocks: by name, one value a block.

    Args:
        layout: The page; at least one block.
        witnesses: What else the page says of its text.
        leanings: How words in the attributes of containers lean: the log odds
            that text below them is story.
    """
    sheet = _Sheet(layout, witnesses, leanings)
    return sheet.columns()


def name_words(markup: str) -> set[str]:
    """Return the words of a container's attributes, in lower case."""
    return {word.lower() for word in _NAME.findall(markup[:_NAMES_READ])}


class _Sheet:
    """The features of one page on their way."""

    def __init__(
        self, layout: Layout, witnesses: Witnesses, leanings: Mapping[str, float]
    ) -> None:
        self._layout = layout
        self._witnesses = witnesses
        self._leanings = leanings
        self._blocks = layout.blocks
        self._count = len(layout.blocks)
        self._at = np.array([b.container for b in layout.blocks], dtype=np.int64)
        self._ends = np.array(layout.ends, dtype=np.int64)
        marks = [layout.chrome[b.container] for b in layout.blocks]
        self._marks = marks
        self._read = [mark not in _FURNITURE for mark in marks]
        self._columns: dict[str, Floats] = {}

    def columns(self) -> dict[str, Floats]:
        self._look_at_text()
        self._look_at_containers()
        self._look_at_place()
        self._look_at_words()
        self._look_at_phrases()
        self._look_at_levels()
        self._look_at_likes()
        self._look_at_claims()
        self._look_at_neighbours()
        return self._columns

    def _put(self, name: str, values: Sequence[float] | AnyFloats) -> Floats:
        column = np.asarray(values, dtype=np.float32)
        self._columns[name] = column
        return column

    def _look_at_text(self) -> None:
        blocks = self._blocks
        texts = [b.text for b in blocks]
        self._size = self._put("size", [weight(t) for t in texts])
        self._length = np.array([len(t) for t in texts], dtype=np.float32)
        linked = np.array([b.linked for b in blocks], dtype=np.float32)
        self._linked = np.minimum(linked, self._length)
        self._put("link_density", self._linked / self._length)
        words = self._put("words", [t.count(" ") + 1 for t in texts])
        self._put("word_length", self._size / words)
        self._put("ended", [ends_sentence(t) for t in texts])
        pauses = [len(_PAUSE.findall(t, 0, 200)) for t in texts]
        self._put("pauses", np.array(pauses) / np.minimum(self._length, 200))
        self._put("rights", ["©" in t or "@" in t for t in texts])
        self._put("lines", [t.count("\n") for t in texts])
        self._put("piece", [min(b.piece, 30) for b in blocks])
        self._prose = self._put("prose", self._layout.prose)
        heading = [b.level if b.kind is BlockKind.HEADING else 0 for b in blocks]
        self._heading = self._put("heading", heading)
        self._put("item", [b.kind is BlockKind.LIST_ITEM for b in blocks])
        for tag in _TAGS:
            self._put(f"tag_{tag}", [b.tag == tag for b in blocks])

    def _look_at_containers(self) -> None:
        """What containers are made of and called, on the way up from each block."""
        rows = self._walk_containers()
        table = np.array(rows, dtype=np.float32).T
        own = table[-1]
        at = self._at
        names = [*(f"in_{tag}" for tag in _FRAMES), "depth", "hooked"]
        names += ["lean_sum", "lean_low", "lean_high", "lean_0"]
        for name, values in zip(names, table, strict=True):
            self._put(name, values[at])
        parents = np.array(
            [max(c.parent, 0) for c in self._layout.containers], dtype=np.int64
        )
        self._put("lean_1", own[parents[at]])
        self._put("lean_2", own[parents[parents[at]]])
        for kind in _CHROME:
            self._put(f"chrome_{kind}", [mark == kind for mark in self._marks])
        self._free = self._put("no_chrome", [mark is None for mark in self._marks])

    def _walk_containers(self) -> list[tuple[float, ...]]:
        leans: dict[str, float] = {}
        rows: list[tuple[float, ...]] = []
        root = (0.0,) * (len(_FRAMES) + 6)
        for container in self._layout.containers:
            above = rows[container.parent] if container.parent >= 0 else root
            own = leans.get(container.markup)
            if own is None:
                own = leans[container.markup] = self._lean(container.markup)
            article, main, table, item, figure, depth, hooked, total, low, high, _ = (
                above
            )
            tag = container.tag
            rows.append(
                (
                    article + (tag == "article"),
                    main + (tag == "main"),
                    table + (tag == "table"),
                    item + (tag == "li"),
                    figure + (tag == "figure"),
                    depth + 1,
                    hooked or float(container.hook == "body"),
                    total + own,
                    min(low, own),
                    max(high, own),
                    own,
                )
            )
        return rows

    def _lean(self, markup: str) -> float:
        """Return how a container's own names lean: the sum of its words' log odds."""
        if len(markup) < 3:
            return 0.0
        return sum(self._leanings.get(word, 0.0) for word in name_words(markup))

    def _look_at_place(self) -> None:
        """Where a block stands: on the page and from its headline."""
        count, size = self._count, self._size
        self._put("rank", np.arange(count, dtype=np.float32) / count)
        total = max(float(size.sum()), 1.0)
        self._put("page_size", np.full(count, total))
        self._put("page_blocks", np.full(count, count))
        self._put("read", (np.cumsum(size) - size) / total)
        prose = self._prose * self._free
        sum_prose = max(float(prose.sum()), 1.0)
        self._put("page_prose", np.full(count, sum_prose))
        self._put("prose_read", (np.cumsum(prose) - prose) / sum_prose)
        self._folded = [fold(b.text) if len(b.text) < 400 else "" for b in self._blocks]
        titles = self._witnesses.titles
        is_title = np.array([bool(f) and f in titles for f in self._folded])
        headed = is_title & (self._heading > 0)
        self._put("from_title", _since(headed if headed.any() else is_title))
        self._put("from_h1", _since(self._heading == 1))
        self._put("from_heading", _since(self._heading > 0))

    def _look_at_words(self) -> None:
        """Which words a block shares with the headline and with the page's other prose."""
        words = [
            set(_WORD.findall(b.text[:_TEXT_READ].casefold())) if read else set()
            for b, read in zip(self._blocks, self._read, strict=True)
        ]
        titles = set(_WORD.findall(self._witnesses.title.casefold()))
        spread = Counter(
            word
            for own, score in zip(words, self._layout.prose, strict=True)
            if score > 0
            for word in own
        )
        common = {word for word, times in spread.items() if times > 2}
        count = np.maximum(np.array([len(own) for own in words]), 1)
        self._put("title_words", np.array([len(own & titles) for own in words]) / count)
        self._put(
            "shared_words", np.array([len(own & common) for own in words]) / count
        )

    def _look_at_phrases(self) -> None:
        """Interface phrases, and the last one above that heads a part of the page."""
        phrases = [0.0] * self._count
        under = {
            part: [False] * self._count for part in ("related", "comments", "call")
        }
        current = ""
        for index, block in enumerate(self._blocks):
            heads = block.kind is BlockKind.HEADING
            strength, part = self._phrase(index, block)
            phrases[index] = strength
            if heads or (part and strength > 1 and not block.linked):
                current = part if strength > 1 else ""
            if current:
                under[current][index] = True
        self._put("phrase", phrases)
        for part, marks in under.items():
            self._put(f"under_{part}", marks)

    def _phrase(self, index: int, block: TextBlock) -> tuple[float, str]:
        text = block.text
        if len(text) > _PHRASE or not self._read[index]:
            return 0.0, ""
        match = match_line(text)
        if match is None:
            return 0.0, ""
        return _STRENGTHS[match.strength], _SECTIONS.get(match.boilerplate, "")

    def _look_at_levels(self) -> None:
        """What a block's containers hold, level by level: each holds more than the last."""
        sizes = self._below(self._size)
        wider = self._wider(sizes)
        prose, linked = self._below(self._prose), self._below(self._linked)
        length = np.maximum(self._below(self._length), 1)
        blocks = self._below(np.ones(self._count, dtype=np.float32))
        headings = self._below((self._heading > 0).astype(np.float32))
        long = self._below((self._prose > 60).astype(np.float32))
        some = np.maximum(sizes, 1)
        total, all_prose = max(float(sizes[0]), 1.0), max(float(prose[0]), 1.0)
        shares = {
            "share": sizes / total,
            "prose": prose / all_prose,
            "proseness": prose / some,
            "links": linked / length,
            "blocks": blocks,
            "headings": headings / np.maximum(blocks, 1),
            "long": long,
        }
        at, before = self._at, self._at
        for level in range(4):
            for name, values in shares.items():
                self._put(f"{name}_{level}", values[at])
            if level:
                self._put(f"part_{level}", sizes[before] / some[at])
            before, at = at, wider[at]

    def _below(self, values: Floats) -> Floats:
        """Return each container's sum over its blocks, all below included."""
        own = np.bincount(self._at, weights=values, minlength=len(self._ends))
        total = np.concatenate(([0.0], np.cumsum(own)))
        return (total[self._ends] - total[:-1]).astype(np.float32)

    def _wider(self, sizes: Floats) -> Ints:
        """Return the nearest container around each that holds more than it does."""
        size = sizes.tolist()
        wider = [0] * len(size)
        for index, container in enumerate(self._layout.containers):
            above = container.parent
            if above >= 0:
                wider[index] = above if size[above] > size[index] else wider[above]
        return np.array(wider, dtype=np.int64)

    def _look_at_likes(self) -> None:
        """How much of the page is built like a block: same tags and classes."""
        containers = self._layout.containers
        numbers: dict[tuple[str, str, str, str], int] = {}
        of: list[int] = []
        for index in self._at.tolist():
            own = containers[index]
            around = containers[max(own.parent, 0)]
            key = (own.tag, own.names, around.tag, around.names)
            of.append(numbers.setdefault(key, len(numbers)))
        kinds = np.array(of)

        def spread(values: Floats) -> Floats:
            total = np.bincount(kinds, weights=values)
            each: Floats = total[kinds].astype(np.float32)
            return each

        prose = spread(self._prose)
        alike = self._put("like_count", spread(np.ones(self._count, dtype=np.float32)))
        self._like = self._put("like_prose", prose / max(float(self._prose.sum()), 1.0))
        self._put("like_size", spread(self._size) / alike)
        self._put(
            "like_links", spread(self._linked) / np.maximum(spread(self._length), 1)
        )
        self._put("like_most", prose / max(float(prose.max()), 1.0))

    def _look_at_claims(self) -> None:
        """What the page itself says its text is."""
        folded = self._folded
        seen = Counter(folded)
        self._put("copies", [seen[f] if f else 1 for f in folded])
        leads = [d for d in self._witnesses.descriptions if len(d) > 20]
        self._put(
            "described", [bool(leads) and _is_described(f, leads) for f in folded]
        )
        stated = "".join(fold(body) for body in self._witnesses.bodies)
        if len(stated) < 200:
            self._put("stated", np.full(self._count, -1))
            return
        whole = [f or fold(b.text) for f, b in zip(folded, self._blocks, strict=True)]
        self._put("stated", [len(f) > 3 and _is_stated(f, stated) for f in whole])

    def _look_at_neighbours(self) -> None:
        """What stands just before and after, and around."""
        density, lean = self._columns["link_density"], self._columns["lean_sum"]
        seen = {
            -1: ("size", "links", "prose", "like", "lean"),
            1: ("size", "links", "prose", "like", "lean"),
            -2: ("size", "like", "lean"),
            2: ("like", "lean"),
        }
        values = {
            "size": self._size,
            "links": density,
            "prose": self._prose,
            "like": self._like,
            "lean": lean,
        }
        for step, names in seen.items():
            side = "before" if step < 0 else "after"
            for name in names:
                self._put(f"{side}_{abs(step)}_{name}", _shift(values[name], step))
        for reach in (4, 12):
            self._put(f"around_{reach}", _window(self._prose * self._free, reach))
            self._put(
                f"around_{reach}_linked",
                _window(self._linked, reach)
                / np.maximum(_window(self._length, reach), 1),
            )


def _is_described(folded: str, leads: Sequence[str]) -> bool:
    return any(
        folded.startswith(lead[:60]) or (len(folded) > 20 and lead.startswith(folded))
        for lead in leads
    )


def _is_stated(text: str, stated: str) -> bool:
    """Tell whether a text, or the middle of a long one, is in a stated body."""
    if len(text) <= 40:
        return text in stated
    middle = len(text) // 2
    return text[:30] in stated or text[middle : middle + 30] in stated


def _since(marks: NDArray[np.bool_]) -> Floats:
    """Return how many blocks ago the nearest mark above stood.

    Below 0 the first is still to come; -61 where there is none.
    """
    places = np.flatnonzero(marks)
    order = np.arange(len(marks))
    if not len(places):
        return np.full(len(marks), -_FAR - 1, dtype=np.float32)
    at = np.searchsorted(places, order, side="right") - 1
    since = np.where(at >= 0, order - places[np.maximum(at, 0)], order - places[0])
    near: Floats = np.clip(since, -_FAR, _FAR).astype(np.float32)
    return near


def _shift(values: Floats, step: int) -> Floats:
    """Return each block's neighbour's value; -1 beyond the ends."""
    shifted = np.full(len(values), -1.0, dtype=np.float32)
    if step < 0:
        shifted[-step:] = values[:step]
    else:
        shifted[:-step] = values[step:]
    return shifted


def _window(values: Floats, reach: int) -> Floats:
    """Return the sum over so many blocks before and after, the block itself included."""
    total = np.concatenate(([0.0], np.cumsum(values)))
    order = np.arange(len(values))
    high = np.minimum(order + reach + 1, len(values))
    return (total[high] - total[np.maximum(order - reach, 0)]).astype(np.float32)
