"""Train the block model, or score it on sites it was not trained on.

    python -m tests.quality.blockmodel train          # writes crawler/extract/data/blocks.json
    python -m tests.quality.blockmodel cross --folds 5

Both need the shared sets and the `train` extra (`pip install -e '.[dev,train]'`).
`cross` scores whole extractions: each fold of sites is read by a model that was
trained on the others. The last line is one JSON object.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from unittest.mock import patch

from tqdm import tqdm

from crawler.extract.scoring import judge
from crawler.extract.scoring.forest import read_forest
from tests.quality import adapter
from tests.quality.blockmodel.leanings import leanings
from tests.quality.blockmodel.pages import SETS, LabelledPage, labelled_pages
from tests.quality.blockmodel.train import fit, model_json, sheets_of
from tests.quality.scores import load, means, score_set

_forest = lru_cache(maxsize=1)(read_forest)
_MODEL = Path(__file__).parents[3] / "crawler/extract/data/blocks.json"


def main(argv: Sequence[str]) -> int:
    """Run a command, return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.quality.blockmodel",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=("train", "cross"))
    parser.add_argument("--set", default=",".join(SETS), help="names, by commas")
    parser.add_argument("--folds", type=int, default=5)
    args = parser.parse_args(argv)
    names = args.set.split(",")
    pages = [page for name in names for page in _shown(name)]
    pages.sort(key=lambda page: page.site)
    if args.command == "train":
        sheets, counted = sheets_of(pages)
        lean = leanings(counted)
        _MODEL.write_text(model_json(fit(sheets), sheets[0].names, lean), "utf-8")
        print(json.dumps({"pages": len(pages), "bytes": _MODEL.stat().st_size}))
        return 0
    print(json.dumps(_cross(names, pages, args.folds)))
    return 0


def _shown(name: str) -> Iterable[LabelledPage]:
    return tqdm(labelled_pages(name), desc=name, unit="page", file=sys.stderr)


def _cross(
    names: Sequence[str], pages: Sequence[LabelledPage], folds: int
) -> dict[str, dict[str, float]]:
    corpora = load("corpora")
    scored: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for fold in range(folds):
        others, counted = sheets_of(
            [p for p in pages if corpora.fold_of(p.page, folds) != fold]
        )
        text = model_json(fit(others), others[0].names, leanings(counted))
        with patch.object(judge, "block_forest", lambda text=text: _forest(text)):
            for name in names:
                found = score_set(name, adapter.extract, (fold, folds))
                scored[name] += found.values()
        _forest.cache_clear()
        print(f"fold {fold + 1} of {folds} done", file=sys.stderr)
    figures = {name: means(pages) for name, pages in scored.items()}
    for name, row in figures.items():
        print(name.ljust(12), *(f"{key} {value:.4f}" for key, value in row.items()))
    return figures


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
