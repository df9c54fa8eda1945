"""Was every host treated as it is owed? Judged by what the servers noted. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from tests.torture.week.town import DAY, HOUR, Asked, Site

#: Seconds that two clocks may differ by rounding.
_SLACK = 0.01

Robots = Sequence[tuple[float, int, bytes]]


def breaches(
    log: Sequence[Asked],
    sites: dict[str, Site],
    robots: dict[str, Robots],
    delay: float,
) -> Iterator[str]:
    """Yield every breach of politeness, in words."""
    yield from _too_soon(log, lambda a: sites[a.host].domain, "domain", delay)
    yield from _too_soon(log, lambda a: a.address, "address", delay)
    for host, asked in _grouped(log, lambda a: a.host).items():
        yield from _against_crawl_delay(asked, sites[host].crawl_delay)
        yield from _before_retry_after(asked)
        yield from _against_robots(asked, robots.get(host, ()))


def _grouped(
    log: Iterable[Asked], key: Callable[[Asked], str]
) -> dict[str, list[Asked]]:
    groups: dict[str, list[Asked]] = defaultdict(list)
    for asked in sorted(log, key=lambda a: a.began):
        groups[key(asked)].append(asked)
    return groups


def _too_soon(
    log: Sequence[Asked], key: Callable[[Asked], str], what: str, delay: float
) -> Iterator[str]:
    for name, group in _grouped(log, key).items():
        for before, after in pairwise(group):
            gap = after.began - before.ended
            if gap < delay - _SLACK:
                kind = "overlap" if gap < 0 else "gap"
                yield f"{kind} at {what} {name}: {gap:.2f} s before {after.path}"


def _against_crawl_delay(asked: Sequence[Asked], crawl_delay: int) -> Iterator[str]:
    """A Crawl-delay holds from the answer that told it."""
    told = False
    for before, after in pairwise(asked):
        told = told or (before.path == "/robots.txt" and before.status == 200)
        gap = after.began - before.ended
        if told and gap < crawl_delay - _SLACK:
            yield f"crawl-delay at {after.host}: {gap:.2f} s before {after.path}"


def _before_retry_after(asked: Sequence[Asked]) -> Iterator[str]:
    for before, after in pairwise(asked):
        if before.retry_after and after.began < before.ended + before.retry_after:
            waited = after.began - before.ended
            yield f"retry-after at {after.host}: {waited:.0f} s before {after.path}"


def _against_robots(asked: Sequence[Asked], told: Robots) -> Iterator[str]:
    for one in asked:
        if one.path == "/robots.txt":
            continue
        known = [answer for answer in told if answer[0] <= one.began]
        good = [answer for answer in known if answer[1] < 500]
        if not good:
            yield f"robots.txt unknown at {one.host}: {one.path}"
        elif _forbids(good[-1][2], one.path):
            yield f"robots.txt forbids at {one.host}: {one.path}"
        elif one.began - known[-1][0] > DAY + HOUR:
            yield f"robots.txt is old at {one.host}: {one.path}"


def _forbids(body: bytes, path: str) -> bool:
    lines = body.decode().split("\n")
    rules = [line.removeprefix("Disallow: ") for line in lines if "Disallow" in line]
    return any(path.startswith(rule) for rule in rules)
