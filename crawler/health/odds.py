"""How likely counts are, where rates themselves vary; pure.

Counts of news are more uneven than chance alone makes them, so the distributions are
those of rates that vary: the negative binomial for counts, the beta-binomial for shares.
"""

from math import exp, lgamma, log

#: Of larger numbers the share is all that counts.
_MOST = 200


def count_at_most(count: float, expected: float, evenness: float) -> float:
    """Return the probability of so few where more were expected (negative binomial).

    Args:
        count: What was counted.
        expected: The mean.
        evenness: The shape: the variance is `expected + expected² / evenness`.
    """
    if expected <= 0:
        return 1.0
    scale = max(1.0, expected / _MOST)
    count, expected = int(count / scale), expected / scale
    stay, go = (
        log(evenness / (evenness + expected)),
        log(expected / (evenness + expected)),
    )
    return min(
        1.0,
        sum(
            exp(
                lgamma(k + evenness)
                - lgamma(evenness)
                - lgamma(k + 1)
                + evenness * stay
                + k * go
            )
            for k in range(count + 1)
        ),
    )


def share_at_most(hits: int, of: int, rate: float, weight: float) -> float:
    """Return the probability of so few hits of so many (beta-binomial).

    Args:
        hits: How many were hits.
        of: Of how many.
        rate: The usual share.
        weight: How many were counted for that, as far as they are alike.
    """
    if not of:
        return 1.0
    if of > _MOST:
        hits, of = round(hits * _MOST / of), _MOST
    a, b = rate * weight + 0.5, (1 - rate) * weight + 0.5
    return min(1.0, sum(exp(_log_share(k, of, a, b)) for k in range(hits + 1)))


def share_at_least(hits: int, of: int, rate: float, weight: float) -> float:
    """Return the probability of so many hits of so many; as `share_at_most`."""
    return share_at_most(of - hits, of, 1 - rate, weight)


def _log_share(hits: int, of: int, a: float, b: float) -> float:
    ways = lgamma(of + 1) - lgamma(hits + 1) - lgamma(of - hits + 1)
    return ways + _log_beta(hits + a, of - hits + b) - _log_beta(a, b)


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)
