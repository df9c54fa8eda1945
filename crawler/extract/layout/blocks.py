"""A parsed page as a list of text blocks with their containers, in one walk.

A block is a run of text that no block-level element interrupts. Elements that
are never text (scripts, buttons, hidden parts) are not walked at all.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from crawler.extract.layout.markup import read_attributes
from crawler.extract.measure import LEAST_PROSE, fold, fold_all, prose_in, weigh_all
from storage.model.article import BlockKind

_TELLING = ("data-hook", "role", "itemprop")


class Container(NamedTuple):
    """A block-level element that may hold blocks.

    Attributes:
        parent: Index of the container around it; -1 for the root.
        tag: Tag name.
        markup: Its attributes as the parser writes them.
        chrome: What kind of page furniture its own names say it is, or None.
        hook: `body`, `scope` or `drop:KIND` where a hook or rule matched it.
        names: Its class and id, joined by a space.
    """

    parent: int
    tag: str
    markup: str
    chrome: str | None
    hook: str | None
    names: str = ""

    @property
    def attributes(self) -> Mapping[str, str]:
        """Its attributes, read anew at every call."""
        return read_attributes(self.markup)

    @property
    def label(self) -> str:
        """`tag#id.class[data-hook=…]`, shortened, for rules and people."""
        label = self.tag
        if not self.markup:
            return label
        attributes = self.attributes
        if identity := attributes.get("id"):
            label += f"#{identity[:40]}"
        if names := attributes.get("class"):
            label += "".join(f".{name[:40]}" for name in names.split()[:6])
        for key in _TELLING:
            if value := attributes.get(key):
                label += f"[{key}={value[:40]}]"
        return label


class TextBlock(NamedTuple):
    """A run of text.

    Attributes:
        kind: What it is.
        text: With white space collapsed.
        level: Of a heading or list item.
        tag: The nearest block-level tag.
        container: Index of the nearest container.
        linked: Characters inside links.
        links: How many links.
        piece: Number of this piece where `<br>` split one element, counted from 0.
        target: Where its first link leads, as the page has it, or nothing.
        apart: A short text with a bar wherever two elements meet without a space, as
            styles set a name and a date apart; nothing where none do.
    """

    kind: BlockKind
    text: str
    level: int
    tag: str
    container: int
    linked: int
    links: int
    piece: int = 0
    target: str = ""
    apart: str = ""

    @property
    def spaced(self) -> str:
        """The text with its elements told apart."""
        return self.apart or self.text

    @property
    def link_density(self) -> float:
        """Share of characters that are link text, 0 to 1."""
        return min(1.0, self.linked / len(self.text)) if self.linked else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A page's blocks and containers, with sums that the choice of a body needs.

    Attributes:
        containers: In document order; a parent stands before its children.
        blocks: In document order.
        sizes: Weight of each block, see `measure.weight`.
        folded: Letters and digits of each block in lower case, see `measure.fold`.
        prose: Prose score of each block, see `measure.prose`.
        chrome: Effective furniture kind of each container, inherited from above.
        mass: Prose of each container with all below it, furniture left out.
        ends: For each container, the index after the last container within it.
    """

    containers: Sequence[Container]
    blocks: Sequence[TextBlock]
    sizes: Sequence[int]
    folded: Sequence[str]
    prose: Sequence[float]
    chrome: Sequence[str | None]
    mass: Sequence[float]
    ends: Sequence[int]
    _labels: dict[int, str] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def chain(self, container: int) -> list[int]:
        """Return a container and all around it, innermost first."""
        found = []
        while container >= 0:
            found.append(container)
            container = self.containers[container].parent
        return found

    def inside(self, container: int, ancestor: int) -> bool:
        """Tell whether a container is, or is within, another."""
        return ancestor <= container < self.ends[ancestor]

    def is_headed(self, index: int, titles: Collection[str]) -> bool:
        """Tell a block that is one of some folded titles, alone or with short lines below.

        Old pages set the day and the writer in the headline's own cell.
        """
        if self.folded[index] in titles:
            return True
        first, below, rest = self.blocks[index].text.partition("\n")
        return bool(below) and len(rest) <= _BELOW and fold(first) in titles

    def path(self, container: int, depth: int = 4) -> str:
        """Return the labels of a container and those around it, outermost first."""
        labels: list[str] = []
        while container >= 0 and len(labels) < depth:
            label = self._labels.get(container)
            if label is None:
                label = self._labels[container] = self.containers[container].label
            labels.append(label)
            container = self.containers[container].parent
        return " > ".join(reversed(labels))


# Characters below a headline in its own block, at most.
_BELOW = 160
# A container keeps its mark unless it holds more than this share of all prose:
# themes name whole pages `content-widget` or wrap them in one form.
_MOSTLY = 0.5
# Where furniture would leave less than this share of all prose, only names that
# themes do not misuse are believed.
_LEFT_OVER = 0.15
_SURE = frozenset({"comments", "footer", "navigation", "cookies", "hidden", "caption"})
# A page has no more feet of one name than that.
_SEVERAL = 3
_MOSTLY_BY_KIND: Mapping[str, float] = {
    "comments": 0.9,
    "dialog": 0.9,
    "factbox": 0.75,
}


def measure_layout(
    containers: Sequence[Container],
    blocks: Sequence[TextBlock],
    comments: Iterable[int] = (),
) -> Layout:
    """Weigh every block and container.

    Args:
        containers: In document order.
        blocks: In document order.
        comments: Containers that are comments, whatever they are called.
    """
    texts = [b.text for b in blocks]
    sizes = weigh_all(texts)
    scores = [
        prose_in(b.kind, b.text, b.linked, size) if size >= LEAST_PROSE else 0.0
        for b, size in zip(blocks, sizes, strict=True)
    ]
    total = sum_up(containers, blocks, scores)
    ends = _ends(containers)
    chrome = _inherit(containers, total)
    for comment in comments:
        own = slice(comment, ends[comment])
        chrome[own] = [kind or "comments" for kind in chrome[own]]
    mass = _clean_mass(containers, blocks, scores, chrome)
    if total and mass[0] < _LEFT_OVER * total[0]:
        chrome = [kind if kind in _SURE else None for kind in chrome]
        mass = _clean_mass(containers, blocks, scores, chrome)
    return Layout(
        containers=containers,
        blocks=blocks,
        sizes=sizes,
        folded=fold_all(texts),
        prose=scores,
        chrome=chrome,
        mass=mass,
        ends=ends,
    )


def _ends(containers: Sequence[Container]) -> list[int]:
    """Return where each container's subtree ends; parents stand before their children."""
    ends = list(range(1, len(containers) + 1))
    for index in range(len(containers) - 1, 0, -1):
        parent, end = containers[index][0], ends[index]
        if end > ends[parent]:  # noqa: PLR1730 - twice as fast as a call of max
            ends[parent] = end
    return ends


def _clean_mass(
    containers: Sequence[Container],
    blocks: Sequence[TextBlock],
    scores: Sequence[float],
    chrome: Sequence[str | None],
) -> list[float]:
    clean = [
        0.0 if score and chrome[block.container] else score
        for block, score in zip(blocks, scores, strict=True)
    ]
    return sum_up(containers, blocks, clean)


def sum_up(
    containers: Sequence[Container],
    blocks: Sequence[TextBlock],
    scores: Sequence[float],
) -> list[float]:
    """Return each container's sum of its blocks' scores, all below it included."""
    sums = [0.0] * len(containers)
    for block, score in zip(blocks, scores, strict=True):
        if score:
            sums[block.container] += score
    for index in range(len(containers) - 1, 0, -1):
        if sums[index]:
            sums[containers[index][0]] += sums[index]
    return sums


def _inherit(
    containers: Sequence[Container], total: Sequence[float]
) -> list[str | None]:
    chrome: list[str | None] = []
    everything = total[0] if total else 0.0
    feet = Counter(c[5] for c in containers if c[3] == "footer" and c[1] != "footer")
    for (parent, _, _, marked, hook, names), mass in zip(
        containers, total, strict=True
    ):
        kind = chrome[parent] if parent >= 0 else None
        if marked == "footer" and feet[names] >= _SEVERAL:
            marked = None  # noqa: PLW2901 - a foot of items, not of the page
        if kind is None and hook is not None:
            kind = hook.removeprefix("drop:") if hook.startswith("drop:") else None
        elif kind is None and marked is not None:
            limit = _MOSTLY_BY_KIND.get(marked, _MOSTLY) * everything
            kind = marked if mass <= limit or not everything else None
        chrome.append(kind)
    return chrome


def link_share(layout: Layout) -> float:
    """Return the share of the page's text that is link text."""
    texts = sum(len(block.text) for block in layout.blocks)
    return sum(block.linked for block in layout.blocks) / texts if texts else 0.0
