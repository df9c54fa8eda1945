"""What the block model looks at: one row of numbers a fact, one column a block.

Everything is counted on the page itself; no fact names a site or a language but
the interface phrases of the lexicon. A container's blocks stand together, so sums
over subtrees are differences of running totals and the work is linear in the page.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crawler.extract.layout.blocks import Layout
from crawler.extract.measure import ends_sentence, fold
from crawler.lexicon.match import Strength, match_line
from storage.model.article import BlockKind

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_FRAMES = ("article", "main", "table", "li", "figure")
_FURNITURE = frozenset({"navigation", "footer"})
_CHROME = ("caption", "form", "widget")
_TAGS = ("p", "div", "li", "td")
_PAUSE = re.compile(r"[,;،、，；]")
_WORD = re.compile(r"[^\W\d_]{4,}|[\u3040-\u9fff]{2}")
_NAME = re.compile(r"[a-z]{2,}|[A-Z][a-z]+|[A-Z]{2,}")
# Letters in lower case, all else a space: for ASCII alone, several times faster.
_LETTERS = bytes(
    ord(chr(code).lower() if chr(code).isalpha() else " ") for code in range(128)
).ljust(256)
# The same for many texts at once, parted by what no page holds.
_LETTERS_BY_LINE = b"\0" + _LETTERS[1:]
_NAMES_READ = 300
_TEXT_READ = 600
_NO_WORDS: frozenset[str] = frozenset()
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
    return {word for word in _words_in(markup) if len(word) > 1}


def _words_in(markup: str) -> set[str]:
    """Do as `name_words`; single letters may be among them."""
    read = markup[:_NAMES_READ]
    if read.isascii() and read.islower():
        return set(_ascii_words(read))
    return {word.lower() for word in _NAME.findall(read)}


def _words_of_all(markups: Collection[str]) -> Iterator[tuple[str, set[str]]]:
    """Return several attributes with their words, as `_words_in` finds them."""
    plain: list[str] = []
    lines: list[str] = []
    for markup in markups:
        read = markup[:_NAMES_READ]
        if read.isascii() and read.islower():
            plain.append(markup)
            lines.append(read)
        else:
            yield markup, {word.lower() for word in _NAME.findall(read)}
    bare = "\0".join(lines).encode("ascii").translate(_LETTERS_BY_LINE)
    for markup, line in zip(plain, bare.decode("ascii").split("\0"), strict=False):
        yield markup, set(line.split())


class _Sheet:
    """The features of one page on their way."""

    def __init__(
        self, layout: Layout, witnesses: Witnesses, leanings: Mapping[str, float]
    ) -> None:
        self._layout = layout
        self._witnesses = witnesses
        self._leanings = leanings
        self._count = len(layout.blocks)
        # One field of all blocks, or containers, after the other: to ask each block
        # for each field takes three times as long.
        (
            self._kinds,
            self._texts,
            self._levels,
            self._tags,
            at,
            links,
            _,
            pieces,
            _,
            _,
        ) = zip(*layout.blocks, strict=True)
        self._parents, self._frames, self._markups, _, self._hooks, self._names = zip(
            *layout.containers, strict=True
        )
        self._of, self._links, self._pieces = at, links, pieces
        self._at = np.array(at, dtype=np.int64)
        self._ends = np.array(layout.ends, dtype=np.int64)
        # Boxes of facts go whatever the model says: they are no fact for it.
        kinds = [None if kind == "factbox" else kind for kind in layout.chrome]
        self._marks = [kinds[container] for container in at]
        self._read = [mark not in _FURNITURE for mark in self._marks]
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

    def _put(self, name: str, values: Sequence[float] | NDArray[Any]) -> Floats:
        column = np.asarray(values, dtype=np.float32)
        self._columns[name] = column
        return column

    def _look_at_text(self) -> None:
        texts = self._texts
        self._size = self._put("size", self._layout.sizes)
        self._length = np.array(list(map(len, texts)), dtype=np.float32)
        linked = np.array(self._links, dtype=np.float32)
        self._linked = np.minimum(linked, self._length)
        self._put("link_density", self._linked / self._length)
        words = self._put("words", [t.count(" ") + 1 for t in texts])
        self._put("word_length", self._size / words)
        self._put("ended", [not t[-1].isalnum() and ends_sentence(t) for t in texts])
        pauses = [
            t.count(",", 0, 200) + t.count(";", 0, 200)
            if t.isascii()
            else len(_PAUSE.findall(t, 0, 200))
            for t in texts
        ]
        self._put("pauses", np.array(pauses) / np.minimum(self._length, 200))
        self._put("rights", ["©" in t or "@" in t for t in texts])
        self._put("lines", [t.count("\n") for t in texts])
        self._put("piece", np.minimum(self._pieces, 30))
        self._prose = self._put("prose", self._layout.prose)
        heading = [
            level if kind is BlockKind.HEADING else 0
            for kind, level in zip(self._kinds, self._levels, strict=True)
        ]
        self._heading = self._put("heading", heading)
        self._put("item", [kind is BlockKind.LIST_ITEM for kind in self._kinds])
        for tag, found in zip(_TAGS, _which(_TAGS, self._tags), strict=True):
            self._put(f"tag_{tag}", found)

    def _look_at_containers(self) -> None:
        """What containers are made of and called, on the way up from each block."""
        at = self._at
        own = self._leanings_of_names()
        leans = np.array(own)
        rows = [
            *_which(_FRAMES, self._frames),
            np.ones(len(leans)),
            *_which(("body",), self._hooks),
        ]
        sums = self._down(rows)
        sums[-1] = sums[-1] > 0
        # Begins with what is above the root, whose parent is -1. A difference of
        # running totals would round otherwise, and fall on the wrong side of a border.
        total = [0.0]
        for parent, lean in zip(self._parents, own, strict=True):
            total.append(total[parent + 1] + lean)
        names = (*(f"in_{tag}" for tag in _FRAMES), "depth", "hooked")
        for name, values in zip(names, sums[:, at].astype(np.float32), strict=True):
            self._put(name, values)
        around = np.maximum(np.array(self._parents, dtype=np.int64), 0)
        low, high = _extremes(leans, around)
        self._put("lean_sum", np.array(total[1:])[at])
        self._put("lean_low", low[at])
        self._put("lean_high", high[at])
        self._put("lean_0", leans[at])
        self._put("lean_1", leans[around[at]])
        self._put("lean_2", leans[around[around[at]]])
        *marked, free = _which((*_CHROME, None), self._marks)
        for kind, found in zip(_CHROME, marked, strict=True):
            self._put(f"chrome_{kind}", found)
        self._free = self._put("no_chrome", free)

    def _down(self, rows: Sequence[NDArray[Any]]) -> NDArray[np.float64]:
        """Return, by row, each container's sum over itself and all around it."""
        values = np.stack(rows).astype(np.float64)
        count = values.shape[1]
        ended = [
            np.bincount(self._ends, weights=row, minlength=count)[:count]
            for row in values
        ]
        return np.cumsum(values - np.stack(ended), axis=1)

    def _leanings_of_names(self) -> list[float]:
        """Return how each container's own names lean: the sum of their words' log odds."""
        leaning = self._leanings
        known = {"": 0.0}
        markups = set(self._markups)
        markups.discard("")
        for markup, words in _words_of_all(markups):
            known[markup] = fsum([leaning[word] for word in words if word in leaning])
        return [known[markup] for markup in self._markups]

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
        self._folded = [
            folded if len(text) < 400 else ""
            for text, folded in zip(self._texts, self._layout.folded, strict=True)
        ]
        titles = self._witnesses.titles
        is_title = np.array([bool(f) and f in titles for f in self._folded])
        headed = is_title & (self._heading > 0)
        self._put("from_title", _since(headed if headed.any() else is_title))
        self._put("from_h1", _since(self._heading == 1))
        self._put("from_heading", _since(self._heading > 0))

    def _look_at_words(self) -> None:
        """Which words a block shares with the headline and with the page's other prose."""
        words = [
            _words_of(text[:_TEXT_READ]) if read else _NO_WORDS
            for text, read in zip(self._texts, self._read, strict=True)
        ]
        titles = _words_of(self._witnesses.title)
        spread = Counter(
            chain.from_iterable(
                own
                for own, score in zip(words, self._layout.prose, strict=True)
                if score > 0
            )
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
        blocks = zip(self._kinds, self._texts, self._links, self._read, strict=True)
        for index, (kind, text, linked, read) in enumerate(blocks):
            strength, part = 0.0, ""
            if read and len(text) <= _PHRASE:
                strength, part = _phrase(text)
                phrases[index] = strength
            if kind is BlockKind.HEADING or (part and strength > 1 and not linked):
                current = part if strength > 1 else ""
            if current:
                under[current][index] = True
        self._put("phrase", phrases)
        for part, marks in under.items():
            self._put(f"under_{part}", marks)

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
        sums: Floats = (total[self._ends] - total[:-1]).astype(np.float32)
        return sums

    def _wider(self, sizes: Floats) -> Ints:
        """Return the nearest container around each that holds more than it does."""
        size = sizes.tolist()
        wider = [0] * len(size)
        for index, above in enumerate(self._parents):
            if above >= 0:
                wider[index] = above if size[above] > size[index] else wider[above]
        return np.array(wider, dtype=np.int64)

    def _look_at_likes(self) -> None:
        """How much of the page is built like a block: same tags and classes."""
        parents = self._parents
        numbers: dict[tuple[str, str], int] = {}
        own = [
            numbers.setdefault(kind, len(numbers))
            for kind in zip(self._frames, self._names, strict=True)
        ]
        pairs: dict[tuple[int, int], int] = {}
        kinds = np.array(
            [
                pairs.setdefault((own[at], own[max(parents[at], 0)]), len(pairs))
                for at in self._of
            ]
        )

        def spread(values: Floats) -> Floats:
            sums: Floats = np.bincount(kinds, weights=values)[kinds].astype(np.float32)
            return sums

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
        whole = self._layout.folded
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


def _which(
    names: Sequence[str | None], given: Sequence[str | None]
) -> list[NDArray[np.bool_]]:
    """Return, by name, which of the given ones equal it."""
    number = dict.fromkeys(given, -1)
    number |= {name: place for place, name in enumerate(names)}
    numbers = np.array(list(map(number.__getitem__, given)), dtype=np.int64)
    return [numbers == place for place in range(len(names))]


def _extremes(
    values: NDArray[np.float64], around: Ints
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least and greatest value of each container and all around it, and 0.

    Args:
        values: By container.
        around: Where the next container around it is; its own place for the root.
    """
    low, high = np.minimum(values, 0), np.maximum(values, 0)
    while around.any():  # each time round reaches twice as far
        low, high = np.minimum(low, low[around]), np.maximum(high, high[around])
        around = around[around]
    return np.minimum(low, low[0]), np.maximum(high, high[0])


def _phrase(text: str) -> tuple[float, str]:
    """Return how strong an interface phrase a text is, and which part of a page it heads."""
    match = match_line(text)
    if match is None:
        return 0.0, ""
    return _STRENGTHS[match.strength], _SECTIONS.get(match.boilerplate, "")


def _words_of(text: str) -> set[str]:
    """Return the longer words of a text, in lower case."""
    if text.isascii():
        return {word for word in _ascii_words(text) if len(word) > 3}
    return set(_WORD.findall(text.casefold()))


def _ascii_words(text: str) -> list[str]:
    return text.encode("ascii").translate(_LETTERS).decode("ascii").split()


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
    return np.clip(since, -_FAR, _FAR).astype(np.float32)


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
