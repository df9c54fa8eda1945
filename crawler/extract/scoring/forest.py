"""Decision trees over block features, read from a file of numbers.

The trees are oblivious: every node of a level asks the same question, so the
answers are the bits of a leaf's number and all blocks and trees are answered at once.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MODEL = "data/blocks.json"
_LEAF_UNIT = 1000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Whether a value is above a border; many trees ask the same, so each is answered once.

    Attributes:
        column: Of the value, by question.
        border: By question.
        of_level: The question of each tree, level by level; the first is the
            lowest bit of a leaf's number.
    """

    column: NDArray[np.intp]
    border: NDArray[np.float32]
    of_level: NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Forest:
    """A trained block model.

    Attributes:
        features: The columns it looks at, by name.
        questions: What its trees ask.
        leaves: Thousandths of log odds by leaf number, shape (trees, 2 ** depth).
        bias: Log odds before any tree.
        leanings: How words of classes and ids lean, see `features`.
    """

    features: tuple[str, ...]
    questions: Questions
    leaves: NDArray[np.int32]
    bias: float
    leanings: Mapping[str, float]

    def score(self, values: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return how likely each block is story, 0 to 1.

        Args:
            values: Shape (features, blocks), rows in the order of `features`.
        """
        trees, leaves = self.leaves.shape
        asked = self.questions
        answers = values.take(asked.column, axis=0) > asked.border[:, None]
        bits = answers.view(np.uint8)
        leaf = bits.take(asked.of_level[0], axis=0)
        for level, of_tree in enumerate(asked.of_level[1:], start=1):
            leaf |= bits.take(of_tree, axis=0) << level
        starts = np.arange(0, trees * leaves, leaves, dtype=np.intp)
        odds = self.leaves.ravel().take(leaf + starts[:, None]).sum(axis=0)
        likely: NDArray[np.float64] = 1.0 / (
            1.0 + np.exp(-(odds / _LEAF_UNIT + self.bias))
        )
        return likely


@cache
def block_forest() -> Forest:
    """Return the model that this package ships, read at first use."""
    return read_forest(files("crawler.extract").joinpath(_MODEL).read_text("utf-8"))


def read_forest(text: str) -> Forest:
    """Read a model from JSON as `tests.quality.blockmodel.train` writes it."""
    data = json.loads(text)
    trees = data["trees"]
    return Forest(
        features=tuple(data["features"]),
        questions=_questions(trees),
        leaves=np.array([tree["leaves"] for tree in trees], dtype=np.int32),
        bias=data["bias"],
        leanings=data["leanings"],
    )


def _questions(trees: Sequence[Mapping[str, Any]]) -> Questions:
    """Number what trees ask, equal questions alike."""
    asked = [list(zip(tree["ask"], tree["above"], strict=True)) for tree in trees]
    different = sorted({question for tree in asked for question in tree})
    number = {question: place for place, question in enumerate(different)}
    return Questions(
        column=np.array([column for column, _ in different], dtype=np.intp),
        border=np.array([border for _, border in different], dtype=np.float32),
        of_level=np.array(
            [[number[question] for question in tree] for tree in asked], dtype=np.intp
        ).T.copy(),
    )
