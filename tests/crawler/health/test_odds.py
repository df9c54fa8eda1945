"""Odds: sums of distributions, by what is known of them."""

from math import comb, exp

import pytest

from crawler.health.odds import count_at_most, share_at_least, share_at_most


def test_of_even_counts_the_odds_are_those_of_poisson() -> None:
    poisson = sum(exp(-4) * 4**k / [1, 1, 2][k] for k in range(3))

    assert count_at_most(2, 4, 1e7) == pytest.approx(poisson, rel=1e-4)


def test_uneven_counts_make_few_likelier() -> None:
    assert count_at_most(0, 10, 2) == pytest.approx((2 / 12) ** 2)
    assert count_at_most(0, 10, 2) > 500 * count_at_most(0, 10, 1e6)


def test_all_counts_together_are_certain() -> None:
    assert count_at_most(2_000, 5, 3) == pytest.approx(1)


def test_where_nothing_is_expected_nothing_is_odd() -> None:
    assert count_at_most(0, 0, 2) == 1


def test_of_a_share_known_well_the_odds_are_binomial() -> None:
    binomial = sum(comb(10, k) * 0.9**k * 0.1 ** (10 - k) for k in range(6))

    assert share_at_most(5, 10, 0.9, 1e7) == pytest.approx(binomial, rel=1e-3)


def test_a_share_known_little_makes_the_odd_likelier() -> None:
    assert share_at_most(0, 10, 0.9, 5) > 100 * share_at_most(0, 10, 0.9, 1e6)


def test_at_least_and_at_most_meet() -> None:
    at_most, above = share_at_most(3, 9, 0.4, 50), share_at_least(4, 9, 0.4, 50)

    assert at_most + above == pytest.approx(1)


def test_of_large_numbers_the_share_counts() -> None:
    assert share_at_most(500, 1_000, 0.9, 200) == share_at_most(100, 200, 0.9, 200)
    assert share_at_most(0, 0, 0.9, 200) == 1
