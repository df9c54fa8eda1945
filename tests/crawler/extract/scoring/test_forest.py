"""The trees answer as a walk from node to node would."""

import json
import math
from importlib.resources import files

import numpy as np
import pytest

from crawler.extract.layout.blocks import Layout
from crawler.extract.scoring.features import Witnesses, measure_blocks
from crawler.extract.scoring.forest import block_forest, read_forest

_TREES = [
    {"ask": [0, 1], "above": [10.0, 0.5], "leaves": [-2000, 1500, -700, 40]},
    {"ask": [1, 0], "above": [0.1, 99.0], "leaves": [300, -250, 900, -1100]},
    {"ask": [0, 0], "above": [1e30, 3.0], "leaves": [5, 60, 70, 800]},
]
_MODEL = json.dumps(
    {
        "features": ["size", "link_density"],
        "bias": 0.25,
        "leanings": {"byline": -1.5},
        "trees": _TREES,
    }
)
_BLOCKS = [(0.0, 0.0), (10.0, 0.5), (10.5, 0.51), (100.0, 0.05), (4.0, 1.0)]


def _walked(block: tuple[float, float]) -> float:
    """Return a block's score as one would find it by hand."""
    odds = 0.25
    for tree in _TREES:
        leaf = 0
        for level, (column, border) in enumerate(
            zip(tree["ask"], tree["above"], strict=True)
        ):
            leaf += (block[int(column)] > border) << level
        odds += tree["leaves"][leaf] / 1000
    return 1 / (1 + math.exp(-odds))


def test_all_trees_at_once_say_what_each_says_alone() -> None:
    values = np.array(_BLOCKS, dtype=np.float32).T

    found = read_forest(_MODEL).score(values)

    assert found.tolist() == pytest.approx([_walked(b) for b in _BLOCKS], abs=1e-6)


def test_a_value_on_the_border_is_not_above_it() -> None:
    forest = read_forest(_MODEL)
    on, below = forest.score(np.array([[10.0, 9.9], [0.5, 0.4]], dtype=np.float32))

    assert on == below


def test_words_and_columns_come_with_the_trees() -> None:
    forest = read_forest(_MODEL)

    assert forest.features == ("size", "link_density")
    assert forest.leanings == {"byline": -1.5}


def test_the_shipped_trees_are_whole() -> None:
    shipped = files("crawler.extract").joinpath("data/blocks.json")
    model = json.loads(shipped.read_text("utf-8"))
    depth = len(model["trees"][0]["ask"])

    for tree in model["trees"]:
        assert len(tree["ask"]) == len(tree["above"]) == depth
        assert len(tree["leaves"]) == 2**depth
        assert all(0 <= column < len(model["features"]) for column in tree["ask"])


def test_the_shipped_trees_ask_for_what_is_measured(news: Layout) -> None:
    forest = block_forest()

    assert set(forest.features) <= set(measure_blocks(news, Witnesses(), {}))


def test_the_shipped_words_are_lower_case_and_lean() -> None:
    leanings = block_forest().leanings

    assert all(word == word.lower() for word in leanings)
    assert 0.0 not in leanings.values()
