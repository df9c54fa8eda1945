"""Decision trees over block features, read from a file of numbers.

The trees are oblivious: every node of a level asks the same question, so the
answers are the bits of a leaf's number and all blocks and trees are answered at once.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

_MODEL = "data/blocks.json"
_LEAF_UNIT = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """A trained block model.

    Attributes:
        features: The columns it looks at, by name.
        asked: Column of each question, shape (trees * depth,).
        borders: The question is whether the value is above, same shape.
        leaves: Log odds by leaf number, shape (trees, 2 ** depth).
        bias: Log odds before any tree.
        leanings: How words of classes and ids lean, see `features`.
    """

    features: tuple[str, ...]
    asked: NDArray[np.int64]
    borders: NDArray[np.float32]
    leaves: NDArray[np.float32]
    bias: float
    leanings: Mapping[str, float]

    def score(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return how likely each block is story, 0 to 1.

        Args:
            values: Shape (features, blocks), rows in the order of `features`.
        """
        trees = len(self.leaves)
        answers = values[self.asked] > self.borders[:, None]
        depth = len(self.asked) // trees
        bits = answers.reshape(trees, depth, values.shape[1])
        leaf = np.packbits(bits, axis=1, bitorder="little")[:, 0, :]
        odds = np.take_along_axis(self.leaves, leaf.astype(np.intp), axis=1)
        total: NDArray[np.float64] = odds.sum(axis=0, dtype=np.float64) + self.bias
        likely: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-total))
        return likely


@cache
def block_forest() -> Forest:
    """Return the model that this package ships, read at first use."""
    return read_forest(files("crawler.extract").joinpath(_MODEL).read_text("utf-8"))


def read_forest(text: str) -> Forest:
    """Read a model from JSON as `tests.quality.train` writes it."""
    data = json.loads(text)
    trees = data["trees"]
    return Forest(
        features=tuple(data["features"]),
        asked=np.array([f for tree in trees for f in tree["ask"]], dtype=np.int64),
        borders=np.array(
            [b for tree in trees for b in tree["above"]], dtype=np.float32
        ),
        leaves=np.array([tree["leaves"] for tree in trees], dtype=np.float32)
        / _LEAF_UNIT,
        bias=data["bias"],
        leanings=data["leanings"],
    )
