"""What no list names is estimated from what two name both."""

from collections import Counter
from random import Random

import pytest

from storage.coverage import chapman, coverage_of
from storage.model.link_kind import Way


def drawn(total: int, shares: dict[Way, float], seed: int) -> Counter[Way]:
    """Return the articles that lists name at random, each with its share."""
    dice = Random(seed)
    counts: Counter[Way] = Counter()
    for _ in range(total):
        ways = Way.NONE
        for way, share in shares.items():
            ways |= way if dice.random() < share else Way.NONE
        counts[ways] += 1
    del counts[Way.NONE]
    return counts


@pytest.mark.parametrize("seed", range(20))
def test_planted_misses_are_estimated(seed: int) -> None:
    """A feed of 80 % and a sitemap of 70 % of 1,000 articles miss 6 % of them."""
    counts = drawn(1_000, {Way.FEED: 0.8, Way.SITEMAP: 0.7}, seed)

    coverage = coverage_of(counts)

    truly = 1 - coverage.articles / 1_000
    assert coverage.missed_share == pytest.approx(truly, abs=0.03)


def test_lists_that_agree_miss_nothing() -> None:
    coverage = coverage_of({Way.FEED | Way.SITEMAP: 50})

    assert (coverage.estimated, coverage.missed_share) == (50.0, 0.0)
    assert coverage.both == {
        "feed+sitemap": 50,
        "feed+section": 0,
        "sitemap+section": 0,
    }


def test_the_pair_that_agrees_most_is_asked() -> None:
    counts = {Way.FEED | Way.SECTION: 40, Way.FEED | Way.SITEMAP: 8, Way.FEED: 12}

    coverage = coverage_of(counts)

    assert coverage.named == {"feed": 60, "sitemap": 8, "section": 40}
    assert coverage.note.startswith("by feed+section, which name 40")


@pytest.mark.parametrize(
    "counts", [{}, {Way.FEED: 900}, {Way.FEED: 90, Way.FEED | Way.SITEMAP: 6}]
)
def test_too_little_gives_no_estimate(counts: dict[Way, int]) -> None:
    coverage = coverage_of(counts)

    assert (coverage.estimated, coverage.missed_share) == (None, None)
    assert coverage.articles == sum(counts.values())


def test_chapmans_example() -> None:
    """Two catches of 10 and 15 with 5 in both: 28 and a third."""
    assert chapman(10, 15, 5) == pytest.approx(28.33, abs=0.01)
