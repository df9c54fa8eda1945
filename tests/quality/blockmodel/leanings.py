"""How words in the attributes of containers lean, counted over sites.

A site counts once per word however many pages it has, and a word must stand on
several sites: no site's own names get a weight.
"""

import math
from collections.abc import Mapping, Sequence

from crawler.extract.scoring.features import name_words
from tests.quality.blockmodel.pages import LabelledPage

_SITES = 5
_LEAST = 0.3
_PRIOR = 0.5

#: Site -> shares of its story and of its other text that stand below a word.
Shares = dict[str, tuple[float, float]]


def count_words(pages: Sequence[LabelledPage]) -> dict[str, Shares]:
    """Return for each word and site the largest shares of text below it."""
    counted: dict[str, Shares] = {}
    for page in pages:
        if (page.labels < 0).any():
            continue
        for word, (story, other) in _below(page).items():
            sites = counted.setdefault(word, {})
            known = sites.get(page.site, (0.0, 0.0))
            sites[page.site] = (
                max(known[0], min(1.0, story)),
                max(known[1], min(1.0, other)),
            )
    return counted


def leanings(counted: Mapping[str, Shares]) -> dict[str, float]:
    """Return the log odds of words that stand on several sites."""
    found = {word: _odds(list(sites.values())) for word, sites in counted.items()}
    return {word: odds for word, odds in found.items() if odds is not None}


def without_site(
    known: Mapping[str, float], counted: Mapping[str, Shares], site: str
) -> dict[str, float]:
    """Return leanings as they are without a site: it must not witness about its own pages.

    Args:
        known: Of all sites, as `leanings` returns them.
        counted: As `count_words` returns it.
        site: What to leave out.
    """
    found = dict(known)
    for word, sites in counted.items():
        if site in sites:
            odds = _odds([share for other, share in sites.items() if other != site])
            if odds is None:
                found.pop(word, None)
            else:
                found[word] = odds
    return found


def _odds(shares: Sequence[tuple[float, float]]) -> float | None:
    """Return log odds, or None where too few sites or too little speak."""
    if len(shares) < _SITES:
        return None
    story = sum(share[0] for share in shares) + _PRIOR
    other = sum(share[1] for share in shares) + _PRIOR
    odds = round(math.log(story / other), 2)
    return odds if abs(odds) >= _LEAST else None


def _below(page: LabelledPage) -> dict[str, tuple[float, float]]:
    containers = page.layout.containers
    story = [0.0] * len(containers)
    other = [0.0] * len(containers)
    sizes = [float(len(block.text)) for block in page.layout.blocks]
    labels = page.labels.tolist()
    total = [
        max(1.0, sum(s for s, label in zip(sizes, labels, strict=True) if label == is_))
        for is_ in (0, 1)
    ]
    for block, label, size in zip(page.layout.blocks, labels, sizes, strict=True):
        (story if label else other)[block.container] += size / total[label]
    for index in range(len(containers) - 1, 0, -1):
        above = containers[index].parent
        story[above] += story[index]
        other[above] += other[index]
    found: dict[str, tuple[float, float]] = {}
    for container, own, rest in zip(containers, story, other, strict=True):
        for word in name_words(container.markup):
            known = found.get(word, (0.0, 0.0))
            found[word] = (known[0] + own, known[1] + rest)
    return found
