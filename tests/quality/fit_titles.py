"""Fit `crawler.extract.titles.weights` on annotated pages.

EVAL_DATA=… PYTHONPATH=…/eval python -m tests.quality.fit_titles [SET,…]

Each page's candidates compete by softmax; the gold headline's share is raised, with
a penalty that keeps weights small. Sets count alike whatever their size, and so do
the sites in one. Printed: the share of exact and near titles of each set, every site
judged by weights fitted on the other folds' sites, then the weights fitted on all.
"""

import importlib
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from crawler.extract import merge
from crawler.extract.titles.choice import choose_title, weigh_titles
from crawler.extract.titles.cleaning import TitleEvidence
from crawler.extract.titles.seen import Seen
from crawler.extract.titles.weights import WEIGHTS
from storage.model.article import Claim, Provenance
from tests.quality.adapter import extract

_SETS = {
    "fundus": 2.0,
    "wcxb_dev": 1.2,
    "daniel": 1.0,
    "trafilatura": 1.0,
    "postlight": 0.6,
    "indonesian": 0.3,
    "mozilla": 0.4,
}
_BY_HAND = frozenset({"feed", "hook", "ld_news", "rule", "site"})
_FOLDS = 5
_STEPS = 400
_RATE = 8.0
_PENALTY = 0.005

Signs = dict[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """A page's candidates with how right each is: 2 exact, 1 near, 0 wrong."""

    corpus: str
    site: str
    fold: int
    candidates: tuple[tuple[Signs, int], ...]


def main(names: Sequence[str]) -> None:
    """Print how the weights do on unseen sites, then the weights."""
    contests = [contest for name in names for contest in contests_of(name)]
    unseen = []
    for fold in range(_FOLDS):
        weights = fit([c for c in contests if c.fold != fold])
        unseen += [(c, right(c, weights)) for c in contests if c.fold == fold]
    for name in names:
        scores = [score for contest, score in unseen if contest.corpus == name]
        shares = [sum(s >= least for s in scores) / len(scores) for least in (2, 1)]
        print(f"{name:12} exact {shares[0]:.3f} near {shares[1]:.3f}")
    for sign, value in sorted(fit(contests).items()):
        print(f'    "{sign}": {value:.2f},')


def contests_of(name: str) -> Iterator[Contest]:
    """Yield the candidates of each page of a set that has a gold title."""
    corpora: Any = importlib.import_module("corpora")
    score: Any = importlib.import_module("score")
    for page in corpora.load(name):
        gold = page.gold.get("title")
        if not gold:
            continue
        candidates = []
        for value, signs in _candidates(page.html, page.url):
            marks = score.score_page({"title": gold}, {"title": value})
            candidates.append((signs, int(marks["title"] + marks["title_near"])))
        yield Contest(
            corpus=name,
            site=corpora.site_of(page.url) or page.id,
            fold=corpora.fold_of(page, _FOLDS),
            candidates=tuple(candidates),
        )


def _candidates(html: bytes, url: str) -> list[tuple[str, Signs]]:
    """Return what the extractor weighs on a page."""
    heard: list[tuple[str, Signs]] = []

    def listen(
        claims: Sequence[Claim],
        evidence: TitleEvidence,
        *,
        seen: Seen,
        url: str,
        news: bool,
    ) -> Provenance | None:
        found = weigh_titles(claims, evidence, seen=seen, url=url, news=news)
        heard.extend((c.claim.value, c.signs) for c in found)
        return choose_title(claims, evidence, seen=seen, url=url, news=news)

    with patch.object(merge, "choose_title", listen):
        extract(html, url)
    return heard


def right(contest: Contest, weights: Signs) -> int:
    """Return how right the candidate with the most points is."""
    if not contest.candidates:
        return 0
    return max(contest.candidates, key=lambda c: points(c[0], weights))[1]


def points(signs: Signs, weights: Signs) -> float:
    """Return the sum of the weights of a candidate's signs."""
    return sum(weights.get(sign, 0.0) * much for sign, much in signs.items())


def fit(contests: Sequence[Contest]) -> Signs:
    """Return the weights of the signs in use, those set by hand left as they are."""
    rows = [
        (contest, best)
        for contest in contests
        if len(contest.candidates) > 1
        and (best := max(score for _, score in contest.candidates))
    ]
    sizes = Counter(contest.corpus for contest in contests)
    sites = Counter((c.corpus, c.site) for c in contests)
    shares = [
        _SETS.get(c.corpus, 1.0) / math.sqrt(sizes[c.corpus] * sites[c.corpus, c.site])
        for c, _ in rows
    ]
    total = sum(shares)
    weights = {s: WEIGHTS[s] if s in _BY_HAND else 0.0 for s in WEIGHTS}
    for step in range(_STEPS):
        slopes: defaultdict[str, float] = defaultdict(float)
        for (contest, best), share in zip(rows, shares, strict=True):
            for sign, slope in _slopes(contest, best, weights):
                slopes[sign] += slope * share / total
        rate = _RATE / (1 + step / 100)
        for sign in weights.keys() - _BY_HAND:
            weights[sign] -= rate * (slopes[sign] + _PENALTY * weights[sign])
    return weights


def _slopes(contest: Contest, best: int, weights: Signs) -> Iterator[tuple[str, float]]:
    """Yield the slope of the loss along each sign of each candidate."""
    powers = [math.exp(points(signs, weights)) for signs, _ in contest.candidates]
    everything = sum(powers)
    good = sum(
        power
        for power, (_, score) in zip(powers, contest.candidates, strict=True)
        if score == best
    )
    for power, (signs, score) in zip(powers, contest.candidates, strict=True):
        gap = power / everything - (power / good if score == best else 0.0)
        for sign, much in signs.items():
            yield sign, gap * much


if __name__ == "__main__":
    main(sys.argv[1].split(",") if len(sys.argv) > 1 else list(_SETS))
