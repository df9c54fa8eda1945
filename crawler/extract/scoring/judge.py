"""The block model at work: scores for a page's blocks, and which of them are its story."""

from collections.abc import Sequence

import numpy as np

from crawler.extract.blocks import Layout
from crawler.extract.scoring.features import Witnesses, measure_blocks
from crawler.extract.scoring.forest import block_forest

# A block is story from here on; on a page that convinces nowhere, from the lower bound.
LIKELY = 0.5
_POSSIBLE = 0.2
_ENOUGH = 250.0


def score_blocks(layout: Layout, witnesses: Witnesses) -> list[float]:
    """Return how likely each block is part of the story, 0 to 1."""
    if not layout.blocks:
        return []
    forest = block_forest()
    columns = measure_blocks(layout, witnesses, forest.leanings)
    values = np.stack([columns[name] for name in forest.features])
    return [round(score, 3) for score in forest.score(values).tolist()]


def choose_blocks(layout: Layout, scores: Sequence[float]) -> list[int]:
    """Return the indexes of the blocks that are likely the story, in page order."""
    likely = [i for i, score in enumerate(scores) if score >= LIKELY]
    if sum(layout.prose[i] for i in likely) >= _ENOUGH:
        return likely
    return [i for i, score in enumerate(scores) if score >= _POSSIBLE]
