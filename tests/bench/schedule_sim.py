"""How soon is news seen, at equally many requests? Ours against three known rules.

Synthetic newsrooms (`_timelines`), or recorded ones with `--recorded FILE`, are
polled for weeks by each rule of `_polling_rules`. Each is scaled until all make
as many requests as one reading an hour of every feed, within 2 %; the first two
weeks are for learning and do not count. Lag is from the feed's showing an article
to the reading that sees it; one that rolled out of the feed unseen is lost, and
counts as the longest lag. The bound is of one who knows all times beforehand and
spends the same requests for the least summed lag.
"""

import argparse
import json
import math
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from heapq import heapify, heapreplace
from pathlib import Path
from random import Random

from tests.bench._polling_rules import (
    DuplicateShare,
    EntryFrequency,
    Fixed,
    MedianAlone,
    Ours,
    Poller,
    Reading,
    Rule,
)
from tests.bench._timelines import START, Timeline, mixed, recorded

WARM_UP = timedelta(weeks=2)
RULES: dict[str, Callable[[float], Rule]] = {
    "ours": Ours,
    "fixed": Fixed,
    "entry frequency (Miniflux)": EntryFrequency,
    "duplicate share (Media Cloud)": DuplicateShare,
}
#: What ours would be for the median alone; shown on demand, and no peer.
MEDIAN_ALONE = "ours, for the median alone"
#: How far from equal the requests of two rules may be.
EQUAL = 0.02
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Watched:
    """A feed under a rule: what was seen of it, and how late."""

    timeline: Timeline
    poller: Poller
    shown: list[datetime]
    seen: int = 0
    requests: int = 0
    lags: list[float] = field(default_factory=list)

    def read(self, now: datetime, since: datetime) -> timedelta:
        """Read the feed; return how long it is left alone. Lags count `since` then."""
        there = bisect_right(self.shown, now, lo=self.seen)
        listed = max(there - self.timeline.window, 0)
        first = max(self.seen, listed)
        if now >= since:
            self.requests += 1
            self.lags += [math.inf] * sum(
                at >= since for at in self.shown[self.seen : first]
            )
            self.lags += [
                (now - at) / _MINUTE for at in self.shown[first:there] if at >= since
            ]
        fresh = [item.stated for item in self.timeline.items[first:there]]
        self.seen = there
        return self.poller.wait(Reading(now=now, fresh=fresh, listed=there - listed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a rule came to; lags in minutes, by article unless by source."""

    requests: int
    lags: tuple[float, ...]
    by_source: tuple[float, ...]
    by_kind: dict[str, float]

    def figures(self, feed_days: float) -> dict[str, object]:
        seen = [lag for lag in self.lags if lag < math.inf]
        return {
            "requests": self.requests,
            "a_day_and_feed": round(self.requests / feed_days, 2),
            "median_min": _rounded(share_of(self.lags, 0.5)),
            "mean_min": _rounded(sum(seen) / max(len(seen), 1)),
            "p95_min": _rounded(share_of(self.lags, 0.95)),
            "lost": len(self.lags) - len(seen),
            "source_median_min": _rounded(share_of(self.by_source, 0.5)),
            "source_p90_min": _rounded(share_of(self.by_source, 0.9)),
            "median_by_kind": {k: _rounded(v) for k, v in self.by_kind.items()},
        }


def replay(timelines: Sequence[Timeline], rule: Rule, end: datetime) -> Outcome:
    """Poll all feeds by a rule from the start to the end, in the order of time."""
    rng = Random("phases")
    since = START + WARM_UP
    feeds = [
        Watched(one, rule.poller(), [item.shown for item in one.items])
        for one in timelines
    ]
    due = [(START + rng.random() * _DAY / 24, n) for n in range(len(feeds))]
    heapify(due)
    day = START
    while due[0][0] < end:
        now, n = due[0]
        while day + _DAY <= now:
            day += _DAY
            rule.day_begins()
        heapreplace(due, (now + feeds[n].read(now, since), n))
    return _outcome(feeds)


def _outcome(feeds: Sequence[Watched]) -> Outcome:
    kinds: dict[str, list[float]] = {}
    for feed in feeds:
        kinds.setdefault(feed.timeline.kind, []).extend(feed.lags)
    medians = (share_of(sorted(feed.lags), 0.5) for feed in feeds if feed.lags)
    return Outcome(
        requests=sum(feed.requests for feed in feeds),
        lags=tuple(sorted(lag for feed in feeds for lag in feed.lags)),
        by_source=tuple(sorted(medians)),
        by_kind={kind: share_of(sorted(lags), 0.5) for kind, lags in kinds.items()},
    )


def share_of(ordered: Sequence[float], share: float) -> float:
    """Return the value below which a share of the values lies; nan of none."""
    if not ordered:
        return math.nan
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def at_equal_requests(
    timelines: Sequence[Timeline],
    make: Callable[[float], Rule],
    end: datetime,
    requests: float,
) -> tuple[float, Outcome]:
    """Scale a rule until it makes so many requests; return the scale, too."""
    low, high, scale = 1 / 512, 512.0, 1.0
    while True:
        outcome = replay(timelines, make(scale), end)
        ratio = outcome.requests / requests
        if abs(ratio - 1) <= EQUAL or high / low < 1.001:
            return scale, outcome
        low, high = (scale, high) if ratio > 1 else (low, scale)
        guess = scale * ratio**1.1
        scale = guess if low < guess < high else math.sqrt(low * high)


# ---- the bound -----------------------------------------------------------------


def least_lags(timelines: Sequence[Timeline], requests: float) -> list[float]:
    """Return the lags of one who knows every time, for so many requests in all.

    Each feed's articles are cut into runs, one request at the end of each, at one
    price of a request for all feeds; the price is halved in upon.
    """
    since = START + WARM_UP
    moments = [
        [(i.shown - since) / _MINUTE for i in one.items if i.shown >= since]
        for one in timelines
    ]
    low, high, lags = 1e-3, 1e6, list[float]()
    for _ in range(14):
        price = math.sqrt(low * high)
        runs = [list(_runs(times, price)) for times in moments]
        made = sum(len(found) for found in runs)
        low, high = (price, high) if made > requests else (low, price)
        lags = [lag for found in runs for run in found for lag in run]
        if abs(made / requests - 1) <= EQUAL:
            break
    return sorted(lags)


def _runs(times: Sequence[float], price: float) -> Iterator[list[float]]:
    """Yield the lags of each run of the cheapest cut: a price a run, and its lags."""
    best, starts = [0.0], [0]
    for end in range(1, len(times) + 1):
        cheapest, start, waited = math.inf, end - 1, 0.0
        for begin in range(end - 1, -1, -1):
            waited += times[end - 1] - times[begin]
            if waited > 2 * price:
                break
            if best[begin] + waited < cheapest:
                cheapest, start = best[begin] + waited, begin
        best.append(cheapest + price)
        starts.append(start)
    end = len(times)
    while end:
        yield [times[end - 1] - at for at in times[starts[end] : end]]
        end = starts[end]


# ---- the command ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What each rule came to, what could be, and ours over the best peer's."""

    rules: dict[str, dict[str, object]]
    bound: dict[str, object]
    ratios: dict[str, float]


def compare(
    timelines: Sequence[Timeline],
    end: datetime,
    each_day: float,
    rules: Mapping[str, Callable[[float], Rule]] = RULES,
) -> Table:
    """Return the table: all rules at equal requests, and the bound."""
    feed_days = len(timelines) * ((end - START - WARM_UP) / _DAY)
    requests = each_day * feed_days
    rows: dict[str, dict[str, object]] = {}
    for name, make in rules.items():
        scale, outcome = at_equal_requests(timelines, make, end, requests)
        rows[name] = {"scale": round(scale, 4), **outcome.figures(feed_days)}
        _print_row(name, rows[name])
    bound = least_lags(timelines, requests)
    known = Outcome(
        requests=round(requests), lags=tuple(bound), by_source=(), by_kind={}
    ).figures(feed_days)
    _print_row("bound: all times known", known)
    return Table(rules=rows, bound=known, ratios=ratios(rows))


def ratios(rows: dict[str, dict[str, object]]) -> dict[str, float]:
    """Return ours over the best peer's, for each figure that is a lag."""
    figures = ("median_min", "mean_min", "p95_min", "source_median_min")
    found = {}
    for figure in figures:
        peers = [_number(rows[name][figure]) for name in RULES if name != "ours"]
        found[figure] = round(_number(rows["ours"][figure]) / min(peers), 3)
    return found


def _number(value: object) -> float:
    return math.inf if value is None else float(str(value))


def _rounded(value: float) -> float | None:
    """Return a figure for JSON, which has no infinity: None is a lost article."""
    return round(value, 2) if math.isfinite(value) else None


def _print_row(name: str, row: dict[str, object]) -> None:
    shown = ("a_day_and_feed", "median_min", "mean_min", "p95_min", "lost")
    cells = [name, *(row[key] for key in shown), row["source_median_min"]]
    print("{:30} {:>7} {!s:>8} {!s:>8} {!s:>8} {:>7} {!s:>8}".format(*cells))


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="schedule_sim", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument(
        "--weeks", type=int, default=10, help="the first 2 are not counted"
    )
    parser.add_argument(
        "--each-day", type=float, default=24, help="requests for each feed"
    )
    parser.add_argument(
        "--median-alone",
        action="store_true",
        help="also what ours would be with the exponent that serves the median alone",
    )
    parser.add_argument("--recorded", type=Path, help="JSON lines of source and at")
    parser.add_argument(
        "--smoke", action="store_true", help="small, in seconds; nothing is judged"
    )
    args = parser.parse_args(argv)
    if args.smoke:
        args.sources, args.weeks = 16, 4
    timelines = (
        recorded(args.recorded)
        if args.recorded
        else mixed(args.seed, args.sources, args.weeks)
    )
    head = ("rule", "req/day", "median", "mean", "p95", "lost", "by source")
    print("{:30} {:>7} {:>8} {:>8} {:>8} {:>7} {:>8}".format(*head))
    rules = {**RULES, MEDIAN_ALONE: MedianAlone} if args.median_alone else RULES
    end = START + timedelta(weeks=args.weeks)
    table = compare(timelines, end, args.each_day, rules)
    promised = {} if args.smoke else PROMISED
    broken = [k for k, most in promised.items() if table.ratios[k] > most]
    print(json.dumps({"benchmark": "schedule_sim", **asdict(table), "broken": broken}))
    return 1 if broken else 0


#: Ours over the best peer's, at most; see docs/design.md, "Time".
PROMISED = {
    "median_min": 0.9,
    "mean_min": 0.65,
    "p95_min": 0.85,
    "source_median_min": 0.9,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
