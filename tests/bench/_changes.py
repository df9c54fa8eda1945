"""Newsrooms whose articles change, made from a seed.

What is known of real ones: of 291,666 articles of six newsrooms, asked for every 15
minutes for a day, 35 % changed (20 to 60 % by newsroom), those 1.94 times on average,
more than 80 % of them once or twice and some 5 % more than nine times, live blogs
aside (Timmerman and Bronselaer, "News in motion", 2023; its talk of the same year). In
nine months, 27.5 % of 600,000 articles changed (Tsoukaladelis et al., "The Times, They
Are A-Changin'"). Assumed, for no figures were found: changes of the first day have
a median age of an hour and a half (log-normal, sigma 1.2), one article in a hundred is
a live blog, and one in fifty is corrected once more, between a day and 25 days later.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

START = datetime(2026, 2, 2, tzinfo=UTC)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
#: Share of a day's news by hour: nights are quiet.
_HOURS = (1, 1, 1, 1, 2, 3, 5, 7, 8, 8, 8, 7, 7, 7, 7, 7, 6, 5, 4, 4, 3, 2, 2, 1)
_FIRST_AGE, _SIGMA = 1.5, 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An article: when it was first archived, and when it changed after that."""

    seen: datetime
    changes: tuple[datetime, ...]
    is_live: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsroom:
    """A source's articles in the order in which they were archived."""

    stories: tuple[Story, ...]


def newsrooms(seed: int, count: int, days: int) -> list[Newsroom]:
    """Return newsrooms of 3 to 150 articles a day."""
    return [_newsroom(Random(f"{seed} {n}"), days) for n in range(count)]


def _newsroom(rng: Random, days: int) -> Newsroom:
    a_day = math.exp(rng.uniform(math.log(3), math.log(150)))
    changing = min(max(rng.gauss(0.35, 0.12), 0.1), 0.65)
    stories = []
    for day in range(days):
        busy = 0.5 if day % 7 > 4 else 1.2
        for _ in range(round(a_day * busy * rng.uniform(0.8, 1.2))):
            hour = rng.choices(range(24), _HOURS)[0] + rng.random()
            stories.append(_story(rng, START + day * _DAY + hour * _HOUR, changing))
    stories.sort(key=lambda story: story.seen)
    return Newsroom(stories=tuple(stories))


def _story(rng: Random, published: datetime, changing: float) -> Story:
    seen = published + rng.uniform(0, 0.75) * _HOUR
    is_live = rng.random() < 0.01
    ages = _live(rng) if is_live else _ages(rng, changing)
    times = sorted(published + age * _HOUR for age in ages)
    return Story(
        seen=seen,
        changes=tuple(at for at in times if at > seen),
        is_live=is_live,
    )


def _ages(rng: Random, changing: float) -> list[float]:
    """Return the ages at which an ordinary article changes, in hours."""
    times = _times(rng) if rng.random() < changing else 0
    middle = math.log(_FIRST_AGE)
    ages = [min(rng.lognormvariate(middle, _SIGMA), 24.0) for _ in range(times)]
    if rng.random() < 0.02:
        ages.append(24 * math.exp(rng.uniform(0, math.log(25))))
    return ages


def _times(rng: Random) -> int:
    """Return how often a changing article changes: once or twice, a few very often."""
    kind = rng.random()
    if kind < 0.82:
        return 1 + (rng.random() < 0.3)
    return rng.randint(3, 5) if kind < 0.96 else rng.randint(6, 12)


def _live(rng: Random) -> list[float]:
    end, at, ages = rng.uniform(3, 12), 0.0, []
    while at < end:
        at += rng.expovariate(3.0)
        ages.append(at)
    return ages
