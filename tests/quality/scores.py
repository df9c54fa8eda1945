"""The shared scorer on the shared sets: scores by page, their means, and floors.

Sites decide, never pages: a sample is all pages of the sites of one fold, so that
nothing of a site is on both sides, and the same sites are drawn on every machine.
"""

import importlib
import importlib.util
import json
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.shared import shared_path

Extractor = Callable[[bytes, str], Mapping[str, Any]]
Scores = Mapping[str, float]

#: Set -> of how many folds a sample is one; small sets are their own sample.
SAMPLES: Mapping[str, int] = {
    "daniel": 7,
    "fundus": 1,
    "htmldate": 4,
    "indonesian": 1,
    "magic": 1,
    "mozilla": 1,
    "newspaper": 1,
    "postlight": 1,
    "trafilatura": 5,
    "wcxb_dev": 3,
    "zhce": 1,
}
#: What must not fall; the last must not rise.
METRICS = ("F1", "title", "title_near", "authF", "date", "snipF", "language", "lt50")
CEILINGS = frozenset({"lt50"})
#: What chance may take before a floor is broken.
MARGIN = 0.003
FLOORS = Path(__file__).with_name("floors.json")
_LONG_ENOUGH = 200
#: How one set names languages.
_CODES = {
    "chinese": "zh",
    "english": "en",
    "greek": "el",
    "polish": "pl",
    "russian": "ru",
}


def load(module: str) -> ModuleType:
    """Return a module of the shared scorer, by its file."""
    name = f"shared_eval_{module}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            name, shared_path("eval", f"{module}.py")
        )
        if spec is None or spec.loader is None:
            raise ImportError(name)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def peer(name: str) -> Extractor:
    """Return `module:function`, or the function of that name among the shared peers."""
    module, _, function = name.rpartition(":")
    found = importlib.import_module(module) if module else load("peers")
    extractor: Extractor = getattr(found, function)
    return extractor


def score_set(
    name: str, extract: Extractor, fold: tuple[int, int] | None = None
) -> dict[str, dict[str, Any]]:
    """Return the scores of each page of a set by its id, with its site."""
    corpora, score = load("corpora"), load("score")
    scored = {}
    for page in corpora.load(name, fold):
        out = extract(page.html, page.url) or {}
        scored[page.id] = {
            **score.score_page(page.gold, out),
            "site": corpora.site_of(page.url) or page.id,
            "page": page._replace(html=b"", gold={}),
            **_language(page.gold, out),
        }
    return scored


def _language(gold: Mapping[str, Any], out: Mapping[str, Any]) -> dict[str, float]:
    """Score the language where a text is long enough to have one for certain."""
    if not gold.get("language") or len(gold.get("text") or "") < _LONG_ENOUGH:
        return {}
    said = str(out.get("language") or "").split("-")[0].lower()
    named = gold["language"].lower()
    return {"language": float(said == _CODES.get(named, named.split("-")[0]))}


def means(scored: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return the means of the metrics that the pages have, and their number."""
    summed = dict(load("score").summary(list(scored)))
    languages = [page["language"] for page in scored if "language" in page]
    if languages:
        summed["language"] = sum(languages) / len(languages)
    found = {key: summed[key] for key in METRICS if key in summed}
    return {"n": len(scored), **found}


def sample_of(name: str, scored: Mapping[str, Mapping[str, Any]]) -> list[Any]:
    """Return the pages of a set's sample among all of its scored pages."""
    folds = SAMPLES[name]
    corpora = load("corpora")
    return [
        page for page in scored.values() if corpora.fold_of(page["page"], folds) == 0
    ]


def read_floors() -> dict[str, dict[str, dict[str, float]]]:
    """Return the floors: `sample` and `whole` -> set -> metric -> least."""
    floors: dict[str, dict[str, dict[str, float]]] = json.loads(FLOORS.read_text())
    return floors


def below(scores: Scores, floors: Scores) -> list[str]:
    """Return the metrics that are worse than their floors, or gone, in words."""
    broken = []
    for metric, floor in floors.items():
        score = scores.get(metric)
        if score is None:
            broken.append(f"{metric} is gone")
        elif score > floor if metric in CEILINGS else score < floor:
            broken.append(f"{metric} {score:.4f}, was to be {floor:.3f}")
    return broken


def raised(scores: Scores, floors: Scores) -> dict[str, float]:
    """Return floors a margin under the scores, none of them lower than it was."""
    new = dict(floors)
    for metric in METRICS:
        if metric not in scores:
            continue
        if metric in CEILINGS:
            least = math.ceil(round(1000 * (scores[metric] + MARGIN), 6)) / 1000
            new[metric] = min(least, floors.get(metric, least))
        else:
            least = max(
                0.0, math.floor(round(1000 * (scores[metric] - MARGIN), 6)) / 1000
            )
            new[metric] = max(least, floors.get(metric, least))
    return new
