"""Where the story stands on a page: the containers that hold its prose."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from crawler.extract.layout.blocks import Layout

# A container is entered when it holds this share of the prose around it…
_MOST = 0.72
# …or so many times the prose of its largest sibling, in several blocks.
_TIMES = 2.0
_SEVERAL = 3
# Direct text of this share keeps the walk where it is.
_DIRECT = 0.2
_HOOK_SHARE = 0.35
_SIBLING = 0.08
_NAMELESS_SIBLING = 0.5
_ENOUGH = 250.0
_LEAD_NAME = re.compile(
    r"(?:^|[\s._#-])_?(?:lead|lede|standfirst|stand-first|sub-?title|sub-?head(?:line)?|summary|intro(?:duction)?|excerpt"
    r"|dek|deck|chapo|abstract|perex|kicker-text|strapline|ingress|vorspann|anleser|sapo|entradilla|bajada|sommario|occhiello|preamble|synopsis|description)"
    r"(?![a-z])",
    re.IGNORECASE,
)
_LEAD_REACH = 30
_LEAD_PROSE = 50.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The containers chosen as the body.

    Attributes:
        containers: One, or several siblings, in document order.
        origin: `rule`, `hook`, `article` or `density`.
        mass: Prose in them.
        confidence: 0 to 1: how clearly they stand out.
    """

    containers: tuple[int, ...]
    origin: str
    mass: float
    confidence: float


def choose_body(layout: Layout) -> Choice | None:
    """Choose the containers of the story, or None where there is no prose."""
    if not layout.containers or layout.mass[0] <= 0:
        return _hooked(layout, "rule")
    by_rule = _hooked(layout, "rule")
    if by_rule is not None:
        return by_rule
    tree = _children(layout)
    dense = _descend(layout, tree, _start(layout))
    by_hook = _hooked(layout, "body")
    if by_hook is not None and by_hook.mass >= _HOOK_SHARE * layout.mass[dense]:
        return by_hook
    containers = _with_siblings(layout, tree, dense)
    mass = sum(layout.mass[i] for i in containers)
    return Choice(
        containers=containers,
        origin="density",
        mass=mass,
        confidence=_confidence(mass, layout.mass[0]),
    )


def _confidence(mass: float, everything: float) -> float:
    share = mass / everything if everything else 0.0
    return round(min(1.0, share) * min(1.0, mass / _ENOUGH), 3)


def _hooked(layout: Layout, role: str) -> Choice | None:
    """Return the largest container that a hook or rule calls the body."""
    marked = [i for i, c in enumerate(layout.containers) if c.hook == role]
    outer = [
        i for i in marked if not any(i != j and layout.inside(i, j) for j in marked)
    ]
    if role == "rule":
        if not outer:
            return None
        mass = sum(layout.mass[i] for i in outer)
        return Choice(containers=tuple(outer), origin=role, mass=mass, confidence=1.0)
    best = max(marked, key=lambda i: layout.mass[i], default=None)
    if best is None or layout.mass[best] < _ENOUGH / 2:
        return None
    # The innermost of nested hooks that still holds nearly all of it.
    for i in reversed(marked):
        if layout.inside(i, best) and layout.mass[i] >= 0.9 * layout.mass[best]:
            best = i
            break
    joined = tuple(i for i in outer if i == best or _continues(layout, i, best))
    containers = joined if best in joined else (best,)
    mass = sum(layout.mass[i] for i in containers)
    return Choice(
        containers=containers,
        origin="hook",
        mass=mass,
        confidence=max(0.6, _confidence(mass, layout.mass[0])),
    )


def _continues(layout: Layout, other: int, best: int) -> bool:
    """Tell a hooked container that goes on where another was cut: close by and of one name."""
    chains = layout.chain(best)[1:4], layout.chain(other)[1:4]
    close = not set(chains[0]).isdisjoint(chains[1])
    mine, its = layout.containers[best], layout.containers[other]
    alike = mine.tag == its.tag and _words(mine.label) & _words(its.label)
    return (
        close
        and bool(alike)
        and layout.mass[other] > 0
        and layout.chrome[other] is None
    )


def _words(label: str) -> set[str]:
    return set(label.replace("[", ".").split(".")[1:])


def _children(layout: Layout) -> list[list[int]]:
    children: list[list[int]] = [[] for _ in layout.containers]
    for index in range(1, len(layout.containers)):
        if layout.mass[index] > 0:
            children[layout.containers[index].parent].append(index)
    return children


def _start(layout: Layout) -> int:
    """Return `<article>` or `<main>` where one alone holds most prose, else the root."""
    total = layout.mass[0]
    start = 0
    for tag in ("main", "article"):
        found = [
            i
            for i, c in enumerate(layout.containers)
            if c.tag == tag
            and layout.mass[i] >= 0.5 * total
            and layout.chrome[i] is None
        ]
        if found:
            start = found[0] if not start or layout.inside(found[0], start) else start
    return start


def _descend(layout: Layout, tree: Sequence[Sequence[int]], start: int) -> int:
    """Go down while one child clearly holds the story."""
    current = start
    while tree[current]:
        mass = layout.mass[current]
        first, *others = sorted(tree[current], key=lambda i: -layout.mass[i])
        direct = mass - sum(layout.mass[i] for i in tree[current])
        if direct > _DIRECT * mass:
            break
        second = layout.mass[others[0]] if others else 0.0
        most = layout.mass[first] >= _MOST * mass
        stands_out = (
            layout.mass[first] >= _TIMES * second
            and layout.mass[first] >= 0.3 * mass
            and _prose_blocks(layout, first) >= _SEVERAL
        )
        if not (most or stands_out):
            break
        if most and not stands_out and _prose_blocks(layout, first) == 1 and others:
            break
        current = first
    return current


def _prose_blocks(layout: Layout, container: int) -> int:
    return sum(
        1
        for block, score in zip(layout.blocks, layout.prose, strict=True)
        if score > 0
        and layout.inside(block.container, container)
        and layout.chrome[block.container] is None
    )


def _with_siblings(
    layout: Layout, tree: Sequence[Sequence[int]], chosen: int
) -> tuple[int, ...]:
    """Add siblings that look like the same story: same tag and like prose beside it."""
    parent = layout.containers[chosen].parent
    if parent < 0:
        return (chosen,)
    mine = layout.containers[chosen]
    family = _family(mine.label)
    # Nameless siblings are alike by chance: more of them is asked for.
    least = (_SIBLING if family else _NAMELESS_SIBLING) * layout.mass[chosen]
    joined = [chosen]
    for other in tree[parent]:
        container = layout.containers[other]
        alike = container.tag == mine.tag and _family(container.label) == _family(
            mine.label
        )
        if other != chosen and alike and layout.mass[other] >= least:
            joined.append(other)
    return tuple(sorted(joined))


def _family(label: str) -> str | None:
    """Return the classes in a label, which siblings of one kind share, or None."""
    return label.split("[", 1)[0].partition(".")[2] or None


def blocks_in(layout: Layout, containers: Sequence[int]) -> list[int]:
    """Return the indexes of the blocks within containers, in document order."""
    return [
        i
        for i, block in enumerate(layout.blocks)
        if any(layout.inside(block.container, c) for c in containers)
    ]


def lead_of(
    layout: Layout,
    candidates: Sequence[int],
    titles: Collection[str],
    descriptions: Collection[str],
) -> list[int]:
    """Return the standfirst: prose between the headline and the body, outside its container.

    Args:
        layout: The page.
        candidates: The body's blocks.
        titles: Folded titles of the page.
        descriptions: Folded descriptions of the page.

    A photo's caption often stands in the same place: only a container named for
    the purpose, or the page's own description, tells them apart.
    """
    if not candidates:
        return []
    start = max(0, candidates[0] - _LEAD_REACH)
    headlines = [i for i in range(start, candidates[0]) if layout.folded[i] in titles]
    if not headlines:
        return []
    return [
        i
        for i in range(headlines[-1] + 1, candidates[0])
        if layout.prose[i] >= _LEAD_PROSE
        and layout.chrome[layout.blocks[i].container] is None
        and layout.blocks[i].link_density < 0.2
        and _is_lead(layout, i, descriptions)
    ]


def _is_lead(layout: Layout, index: int, descriptions: Collection[str]) -> bool:
    block = layout.blocks[index]
    folded = layout.folded[index]
    if any(
        folded.startswith(d[:60]) or d.startswith(folded)
        for d in descriptions
        if len(d) > 20
    ):
        return True
    names = " ".join(
        layout.containers[i].label for i in layout.chain(block.container)[:3]
    )
    return _LEAD_NAME.search(names) is not None
