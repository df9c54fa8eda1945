"""Fit the trees of the block model, write them, and score them on sites not seen.

Each fold's model is fitted without that fold's sites; the words' leanings of a
page never count its own site. What ships is fitted on all pages.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from catboost import CatBoostClassifier
from numpy.typing import NDArray

from crawler.extract.scoring.features import measure_blocks
from tests.quality.blockmodel.leanings import (
    Shares,
    count_words,
    leanings,
    without_site,
)
from tests.quality.blockmodel.pages import LabelledPage

TREES = 300
DEPTH = 6
_SEED = 1
# Of blocks that are plainly not story only so many are learned from, each for more.
_EASY_SHARE = 0.2
_EASY_LINKS = 0.8
_LEAF_UNIT = 1000.0
_FURNITURE = frozenset({"navigation", "footer"})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """A page's features: `values[block, column]`, with the rows that are learned from."""

    page: LabelledPage
    names: tuple[str, ...]
    values: NDArray[np.float32]
    rows: NDArray[np.int64]
    weights: NDArray[np.float64]


def sheets_of(pages: Sequence[LabelledPage]) -> tuple[list[Sheet], dict[str, Shares]]:
    """Return the features of pages, each measured without its own site's words."""
    counted = count_words(pages)
    random = np.random.default_rng(_SEED)
    sheets = []
    of_all = leanings(counted)
    known: dict[str, dict[str, float]] = {}
    for page in pages:
        if page.site not in known:
            known = {page.site: without_site(of_all, counted, page.site)}
        columns = measure_blocks(page.layout, page.witnesses, known[page.site])
        links = columns["link_density"] > _EASY_LINKS
        furniture = np.array(
            [page.layout.chrome[b.container] in _FURNITURE for b in page.layout.blocks]
        )
        easy = (page.labels == 0) & (links | furniture)
        rows = (page.weights > 0) & (~easy | (random.random(len(easy)) < _EASY_SHARE))
        sheets.append(
            Sheet(
                page=page,
                names=tuple(columns),
                values=np.stack(list(columns.values()), axis=1),
                rows=np.flatnonzero(rows),
                weights=np.where(easy, page.weights / _EASY_SHARE, page.weights),
            )
        )
    return sheets, counted


def fit(sheets: Sequence[Sheet], trees: int = TREES) -> CatBoostClassifier:
    """Return trees fitted to the labelled blocks of pages; the same pages give the same trees."""
    learned = [sheet for sheet in sheets if len(sheet.rows)]
    model = CatBoostClassifier(
        iterations=trees,
        depth=DEPTH,
        learning_rate=0.1,
        l2_leaf_reg=6,
        border_count=64,
        rsm=0.4,
        bootstrap_type="Bernoulli",
        subsample=0.7,
        boosting_type="Plain",
        random_seed=_SEED,
        verbose=False,
        allow_writing_files=False,
    )
    model.fit(
        np.concatenate([s.values[s.rows] for s in learned]),
        np.concatenate([s.page.labels[s.rows] for s in learned]),
        sample_weight=np.concatenate([s.weights[s.rows] for s in learned]),
    )
    return model


def model_json(
    model: CatBoostClassifier, names: Sequence[str], leaning: Mapping[str, float]
) -> str:
    """Return a model as `forest.read_forest` reads it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        saved: dict[str, Any] = json.loads(path.read_text())
    asked = sorted(
        {
            split["float_feature_index"]
            for t in saved["oblivious_trees"]
            for split in t["splits"]
        }
    )
    place = {feature: number for number, feature in enumerate(asked)}
    scale, (bias,) = saved["scale_and_bias"]
    trees = [_tree(tree, place, scale) for tree in saved["oblivious_trees"]]
    head = {
        "about": "Written by tests.quality.blockmodel; see docs/design.md.",
        "features": [names[feature] for feature in asked],
        "bias": round(bias, 6),
        "leanings": dict(sorted(leaning.items())),
    }
    lines = [json.dumps(tree, separators=(",", ":")) for tree in trees]
    body = json.dumps(head, ensure_ascii=False, indent=0)[:-2]
    return body + ',\n"trees": [\n' + ",\n".join(lines) + "\n]}\n"


def _tree(
    tree: Mapping[str, Any], place: Mapping[int, int], scale: float
) -> dict[str, list[Any]]:
    """Return a tree of full depth; a level it lacks asks what no value answers."""
    splits = tree["splits"]
    missing = DEPTH - len(splits)
    leaves = [round(leaf * scale * _LEAF_UNIT) for leaf in tree["leaf_values"]]
    return {
        "ask": [place[s["float_feature_index"]] for s in splits] + [0] * missing,
        "above": [float(f"{s['border']:.7g}") for s in splits] + [1e30] * missing,
        "leaves": leaves + [0] * (2**DEPTH - len(leaves)),
    }
