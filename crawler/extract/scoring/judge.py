"""The block model at work: scores for a page's blocks, and which of them are its story."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence

import numpy as np

from crawler.extract.layout.blocks import Layout
from crawler.extract.scoring.features import Witnesses, measure_blocks
from crawler.extract.scoring.forest import block_forest
from storage.model.article import BlockKind

_NUMBER = re.compile(r"\d+")
# A block is story from here on; on a page that convinces nowhere, from the lower bound.
LIKELY = 0.5
_POSSIBLE = 0.2
_ENOUGH = 250.0
_SURE = 0.7
_OUTSIDE = 0.9
# Furniture that is seldom story: what stands in it must be surer.
_ASIDE = frozenset({"comments", "footer", "newsletter", "related", "sidebar"})
# What is laid over a page is none of its story, however long its sentences, beside any other.
_OVERLAID = frozenset({"cookies", "dialog"})
_MOST = 0.6
_BEGINS = 0.65
_DOUBTFUL = 0.25
_SEVERAL = 2
_TIMES = 2.0
# Every tree answers for so many blocks at once: some 20 MB at most.
_AT_ONCE = 2048


def score_blocks(layout: Layout, witnesses: Witnesses) -> list[float]:
    """Return how likely each block is part of the story, 0 to 1."""
    if not layout.blocks:
        return []
    forest = block_forest()
    columns = measure_blocks(layout, witnesses, forest.leanings)
    values = np.concatenate([columns[name] for name in forest.features])
    values = values.reshape(len(forest.features), -1)
    scores: list[float] = []
    for start in range(0, len(layout.blocks), _AT_ONCE):
        scores += forest.score(values[:, start : start + _AT_ONCE]).tolist()
    return [round(score, 3) for score in scores]


def choose_blocks(
    layout: Layout,
    scores: Sequence[float],
    hooked: Collection[int] = (),
    carded: Mapping[int, int] | None = None,
) -> list[int]:
    """Return the indexes of the blocks that are likely the story, in page order.

    Args:
        layout: The page.
        scores: As `score_blocks` returns them.
        hooked: Blocks that the page's platform calls its story.
        carded: Prose in cards that are built alike, with its headline's index.
    """
    outside = {i: h for i, h in (carded or {}).items() if i not in hooked}
    return _chosen(layout, _without_cards(layout, scores, outside), hooked)


def _without_cards(
    layout: Layout, scores: Sequence[float], carded: Mapping[int, int]
) -> list[float]:
    """Return the scores, but none for cards behind the story: they tell of other pages.

    Those that the story goes on behind may be parts of it, as in a list of things
    with a link each; so may those whose headlines look like headings of the story.
    """
    sure = (
        i
        for i in range(len(scores) - 1, -1, -1)
        if scores[i] >= _SURE and layout.prose[i] > 0 and i not in carded
    )
    end = next(sure, len(scores))
    headings = {
        _look(layout, i)
        for i in range(min(end, len(scores)))
        if layout.blocks[i].kind is BlockKind.HEADING and scores[i] >= LIKELY
    }
    cards = {
        i
        for i, headline in carded.items()
        if i > end and scores[i] < _OUTSIDE and _look(layout, headline) not in headings
    }
    return [0.0 if i in cards else score for i, score in enumerate(scores)]


def _look(layout: Layout, index: int) -> tuple[str, str]:
    container = layout.containers[layout.blocks[index].container]
    return container.tag, container.names


def _chosen(
    layout: Layout, scores: Sequence[float], hooked: Collection[int]
) -> list[int]:
    likely = _above(layout, scores, LIKELY, hooked)
    mass = sum(layout.prose[i] for i in likely)
    if mass >= _ENOUGH:
        return likely
    possible = _above(layout, scores, _POSSIBLE, hooked)
    more = sum(layout.prose[i] for i in possible) >= _TIMES * mass
    return possible if more else likely


def without_next_story(
    layout: Layout, chosen: Sequence[int], titles: Collection[str]
) -> list[int]:
    """Return the chosen blocks up to where the page goes on with another story.

    It begins at a headline that is built like the page's own but says something
    else, each in a part of the page of its own with prose below it.

    Args:
        layout: The page.
        chosen: Indexes of the story's blocks, in order.
        titles: Folded titles of the page.
    """
    heads = [i for i, block in enumerate(layout.blocks) if block.tag == "h1"]
    own = next((i for i in heads if layout.folded[i] in titles), None)
    if own is None:
        return list(chosen)
    for other in heads:
        if (
            other > own
            and layout.folded[other] not in titles
            and _kind(layout, other) == _kind(layout, own)
            and _stand_apart(layout, own, other)
        ):
            return [i for i in chosen if i < other]
    return list(chosen)


def _kind(layout: Layout, index: int) -> str:
    return _NUMBER.sub("", layout.containers[layout.blocks[index].container].names)


def _stand_apart(layout: Layout, one: int, other: int) -> bool:
    """Tell two blocks with prose of their own each, in parts that do not hold the other."""
    chains = [layout.chain(layout.blocks[i].container) for i in (one, other)]
    shared = set(chains[0]) & set(chains[1])
    parts = [[c for c in chain if c not in shared] for chain in chains]
    return all(part and layout.mass[part[-1]] >= _ENOUGH for part in parts)


def _above(
    layout: Layout, scores: Sequence[float], least: float, hooked: Collection[int]
) -> list[int]:
    """Return the blocks that score enough; what is no prose must be surer to begin the story.

    Where most of them stand in what the platform calls the story, the others must
    be surer as well.
    """
    found = [
        i
        for i, score in enumerate(scores)
        if score >= least and (score >= _SURE or not _is_aside(layout, i))
    ]
    found = [i for i in found if not _is_overlaid(layout, i)] or found
    inside = sum(layout.prose[i] for i in found if i in hooked)
    if inside >= _MOST * sum(layout.prose[i] for i in found) > 0:
        found = [i for i in found if i in hooked or scores[i] >= _OUTSIDE]
    else:
        found = _with_alike(layout, scores, found)
    first = next((i for i in found if layout.prose[i] > 0), 0)
    return [i for i in found if i >= first or scores[i] >= _BEGINS]


def _with_alike(
    layout: Layout, scores: Sequence[float], found: Sequence[int]
) -> list[int]:
    """Add doubtful blocks that are built like others of which most were found."""
    kinds = _kinds(layout)
    chosen = Counter(kinds[i] for i in found)
    everywhere = Counter(k for i, k in enumerate(kinds) if not _is_aside(layout, i))
    usual = {
        kind
        for kind, times in chosen.items()
        if times >= _SEVERAL and times >= _MOST * everywhere[kind]
    }
    known = set(found)
    return [
        i
        for i, score in enumerate(scores)
        if i in known
        or (score >= _DOUBTFUL and kinds[i] in usual and not _is_aside(layout, i))
    ]


def _kinds(layout: Layout) -> list[tuple[str, str]]:
    """Return, by block, the tags and names of its container and of the one around."""
    containers = layout.containers
    bare: dict[tuple[str, str], str] = {}
    known: dict[int, str] = {}

    def kind(at: int) -> str:
        if at not in known:
            own = containers[at].tag, containers[at].names
            if own not in bare:
                bare[own] = f"{own[0]} {_NUMBER.sub('', own[1])}"
            known[at] = bare[own]
        return known[at]

    places = [block.container for block in layout.blocks]
    return [(kind(at), kind(max(containers[at].parent, 0))) for at in places]


def _is_overlaid(layout: Layout, index: int) -> bool:
    return layout.chrome[layout.blocks[index].container] in _OVERLAID


def _is_aside(layout: Layout, index: int) -> bool:
    return layout.chrome[layout.blocks[index].container] in _ASIDE
