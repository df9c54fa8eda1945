"""A synthetic year of many sources: are faults found, how soon, and at what false alarms?

Sources of all sizes have rhythms of weekdays and hours, uneven days, holidays, slow growth,
maintenance of some hours, pages that fail now and then. Faults of every class begin at
random times and last two weeks; several times we ourselves are out. Each hour the signs
are judged and alerts made by the code of production. The first eight weeks are learned
from and have no faults.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from statistics import median

import numpy as np

from crawler.health.alerts import Judged, step
from crawler.health.signs import signs
from crawler.health.usual import WINDOW, Usual, learn, lived
from storage.alerts import Alert, Loss
from storage.source_day import FIELDS, HOURS, SourceDay, length_step

_START = date(2025, 9, 1)
_LASTS = 14
_BUDGET = 20
_SLACK = timedelta(days=2)
_ARTICLES = ("dead", "blocked", "half_blocked", "moved", "unread", "same", "third")
_QUALITY = ("authors", "truncated", "swollen")
FAULTS = (*_ARTICLES, *_QUALITY)


@dataclass(frozen=True)
class Fault:
    """What goes wrong with a source, from one hour of the year to another."""

    name: str
    since: int
    until: int

    @property
    def loss(self) -> Loss:
        """What is lost by it."""
        return Loss.ARTICLES if self.name in _ARTICLES else Loss.QUALITY


@dataclass
class Site:
    """A made-up site, and what it brought."""

    volume: float
    weekdays: np.ndarray
    hours: np.ndarray
    unevenness: float
    growth: float
    length: float
    rates: Mapping[str, float]
    walls: float
    removed: float
    faults: list[Fault] = field(default_factory=list)
    down: list[tuple[int, int]] = field(default_factory=list)
    days: list[SourceDay] = field(default_factory=list)
    last_new: datetime | None = None
    factor: float = 1.0
    usual: Usual | None = None

    def fault(self, hour: int) -> str:
        """Return the name of what is wrong in an hour, empty for nothing."""
        return next((f.name for f in self.faults if f.since <= hour < f.until), "")


def make_site(dice: np.random.Generator) -> Site:
    """Return a site with a rhythm of its own."""
    weekend = dice.uniform(0.15, 1.0)
    peak = dice.uniform(0, 24)
    width = dice.uniform(3, 9)
    away = (np.arange(HOURS) - peak + 12) % 24 - 12
    hours = np.exp(-((away / width) ** 2)) + dice.uniform(0.0, 0.15)
    volume = float(np.clip(dice.lognormal(2.2, 1.4), 0.3, 400))
    return Site(
        volume=volume,
        weekdays=np.array([1.0] * 5 + [weekend, weekend * dice.uniform(0.7, 1.3)]),
        hours=hours / hours.sum(),
        unevenness=float(dice.uniform(0.02, 0.12) + 0.5 / (volume + 2)),
        growth=float(dice.uniform(0.7, 1.5)),
        length=float(dice.lognormal(7.8, 0.4)),
        rates={name: float(dice.choice([0.0, 0.3, 0.9, 0.99])) for name in FIELDS}
        | {"published": 0.99},
        walls=float(dice.choice([0.0, 0.0, 0.01, 0.05])),
        removed=float(dice.uniform(0.05, 0.4)),
    )


def plan(site: Site, dice: np.random.Generator, days: int, faults: float) -> None:
    """Give a site its faults and its hours of maintenance."""
    for _ in range(dice.poisson(4)):
        since = int(dice.integers(0, days * HOURS))
        site.down.append((since, since + int(dice.integers(1, 9))))
    if dice.random() < faults:
        since = int(dice.integers(WINDOW * HOURS, (days - _LASTS) * HOURS))
        name = FAULTS[int(dice.integers(len(FAULTS)))]
        site.faults.append(Fault(name, since, since + _LASTS * HOURS))
        if name == "authors":  # who never has any loses none
            site.rates = {**site.rates, "authors": 0.95}


def live(
    site: Site, dice: np.random.Generator, hour: int, now: datetime, ours: bool
) -> None:
    """Let an hour pass at a site, as we see it."""
    if hour % HOURS == 0:
        site.days.append(SourceDay(day=now.date()))
        site.factor = float(dice.gamma(1 / site.unevenness, site.unevenness))
    is_down = any(since <= hour < until for since, until in site.down)
    if ours or is_down:
        return
    today = site.days[-1]
    site.days[-1] = bring(site, dice, today, now, site.fault(hour))
    if site.days[-1].new > today.new:
        site.last_new = now + timedelta(minutes=59)


def bring(
    site: Site, dice: np.random.Generator, today: SourceDay, now: datetime, fault: str
) -> SourceDay:
    """Return today after what an hour brings."""
    is_holiday = (now.month, now.day) in {(12, 25), (12, 26), (1, 1)}
    through = 1 + (site.growth - 1) * (now.date() - _START).days / 365
    rate = site.volume * site.weekdays[now.weekday()] * site.hours[now.hour]
    rate *= site.factor * through * (0.35 if is_holiday else 1.0)
    rate *= {"dead": 0.0, "third": 0.33}.get(fault, 1.0)
    found = int(dice.poisson(rate))
    if not found:
        return today
    walls = int(
        dice.binomial(
            found, {"blocked": 1.0, "half_blocked": 0.5}.get(fault, site.walls)
        )
    )
    missing = int(dice.binomial(found - walls, 0.9 if fault == "moved" else 0.01))
    read = int(
        dice.binomial(found - walls - missing, 0.1 if fault == "unread" else 0.95)
    )
    rates = dict(site.rates)
    if fault == "authors":
        rates["authors"] = 0.0
    size = {"truncated": 0.2, "swollen": 3.0}.get(fault, 1.0) * site.length
    lengths = [max(int(one), 50) for one in size * dice.lognormal(0, 0.5, read)]
    hours = list(today.hours)
    hours[now.hour] += read
    kept = sum(lengths)
    steps = [length_step(one) for one in lengths]
    return replace(
        today,
        found=today.found + found,
        asked=today.asked + found,
        walls=today.walls + walls,
        missing=today.missing + missing,
        read=today.read + read,
        new=today.new + read,
        same=today.same + (read if fault == "same" else 0),
        hours=tuple(hours),
        fields={
            n: today.fields.get(n, 0) + int(dice.binomial(read, rates[n]))
            for n in FIELDS
        },
        lengths={
            one: today.lengths.get(one, 0) + steps.count(one)
            for one in {*today.lengths, *steps}
        },
        kept=today.kept + kept,
        removed=today.removed + int(kept * site.removed / (1 - site.removed)),
    )


@dataclass
class Year:
    """What came of it."""

    delays: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    missed: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    false: list[Alert] = field(default_factory=list)
    outages: list[float] = field(default_factory=list)
    outages_missed: int = 0
    opened: int = 0
    told: int = 0


def run(count: int, days: int, seed: int, share: float) -> Year:
    """Live through a year, hour by hour."""
    dice = np.random.default_rng(seed)
    sites = [make_site(dice) for _ in range(count)]
    for site in sites:
        plan(site, dice, days, share)
    begins = sorted(int(n) for n in dice.integers(WINDOW * HOURS, days * HOURS - 48, 6))
    outages = [(since, since + int(dice.integers(3, 31))) for since in begins]
    start = datetime.combine(_START, datetime.min.time(), UTC)
    standing: list[Alert] = []
    opened: list[Alert] = []
    for hour in range(days * HOURS):
        now = start + timedelta(hours=hour)
        ours = any(since <= hour < until for since, until in outages)
        for site in sites:
            live(site, dice, hour, now, ours)
        if hour < WINDOW * HOURS:
            continue
        after = now + timedelta(hours=1)
        standing = judge(sites, standing, opened, after, hour)
        opened += [one for one in standing if one.opened_at == after]
        closed = {(one.source, one.loss, one.opened_at): one for one in standing}
        opened = [closed.get((o.source, o.loss, o.opened_at), o) for o in opened]
        standing = [one for one in standing if one.closed_at is None]
    return score(sites, outages, opened, start)


def judge(
    sites: Sequence[Site],
    standing: Sequence[Alert],
    opened: Sequence[Alert],
    now: datetime,
    hour: int,
) -> list[Alert]:
    """Judge all sites once, as the service does each hour."""
    found = {}
    ours = [one for one in (*opened, *standing) if one.loss is Loss.OURS]
    back = max(
        (one.closed_at or now for one in ours), default=now - timedelta(days=999)
    )
    for number, site in enumerate(sites):
        out = {d.day for d in site.days if any(_covers(a, d.day) for a in ours)}
        if hour % HOURS == 0:
            days = [d for d in site.days[:-1] if d.day not in out]
            site.usual = learn(
                lived(days, site.last_new.date() if site.last_new else None)
            )
        if site.usual is not None and site.last_new is not None:
            found[number] = signs(
                site.usual,
                site.days[-21:],
                last_new=max(site.last_new, back),
                now=now,
                out=out,
            )
    last = max((s.last_new for s in sites if s.last_new), default=now)
    missed = sum(s.usual.between(last, now) for s in sites if s.usual)
    recent = [a.opened_at for a in opened if a.is_told and a.opened_at]
    judged = Judged(signs=found, last_new=last, missed=missed, recent=recent)
    return step(standing, judged, now, budget=_BUDGET)


def _covers(alert: Alert, day: date) -> bool:
    return alert.bad_since.date() <= day <= (alert.closed_at or alert.bad_since).date()


def score(
    sites: Sequence[Site],
    outages: Sequence[tuple[int, int]],
    opened: Sequence[Alert],
    start: datetime,
) -> Year:
    """Compare alerts with what went wrong."""
    year = Year(opened=len(opened), told=sum(one.is_told for one in opened))

    def at(hour: int) -> datetime:
        return start + timedelta(hours=hour)

    for number, site in enumerate(sites):
        own = [one for one in opened if one.source == number and one.opened_at]
        for fault in site.faults:
            since, until = at(fault.since), at(fault.until)
            hits = [
                a.opened_at for a in own if since <= (a.opened_at or since) <= until
            ]
            if hits:
                delay = min(one for one in hits if one) - since
                year.delays[fault.name].append(delay / timedelta(hours=1))
            else:
                year.missed[fault.name] += 1
        for alert in own:
            if not any(
                at(f.since) <= (alert.opened_at or start) <= at(f.until) + _SLACK
                for f in site.faults
            ) and not any(
                at(since) <= (alert.opened_at or start) <= at(until + 1)
                for since, until in site.down
            ):
                year.false.append(alert)
    ours = [one.opened_at for one in opened if one.loss is Loss.OURS and one.opened_at]
    for since, until in outages:
        hits = [
            one for one in ours if at(since) <= one <= at(until) + timedelta(hours=2)
        ]
        if hits:
            year.outages.append((min(hits) - at(since)) / timedelta(hours=1))
        else:
            year.outages_missed += 1
    return year


def main(argv: Sequence[str]) -> int:
    """Print what was found, how soon, and what was not."""
    parser = argparse.ArgumentParser(prog="health_year", description=__doc__)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=float, default=0.6)
    args = parser.parse_args(argv)
    year = run(args.sources, args.days, args.seed, args.faults)
    weeks = (args.days - WINDOW) / 7
    for name in FAULTS:
        delays = year.delays[name]
        told = f"{median(delays):.0f} h, at most {max(delays):.0f}" if delays else "-"
        print(
            f"{name:14} found {len(delays)} of {len(delays) + year.missed[name]}: {told}"
        )
    print(
        f"our outages    found {len(year.outages)} of {len(year.outages) + year.outages_missed}: {year.outages}"
    )
    kinds: dict[str, int] = defaultdict(int)
    for alert in year.false:
        kinds[str(alert.kind)] += 1
        print(f"  {alert.opened_at:%a %m-%d %H} source {alert.source}: {alert.why}")
    print(
        f"false alarms   {len(year.false) / weeks:.2f} a week of {args.sources} sources: {dict(kinds)}"
    )
    every = [one for delays in year.delays.values() for one in delays]
    print(
        json.dumps(
            {
                "benchmark": "health_year",
                "found": len(every),
                "missed": sum(year.missed.values()),
                "median_delay_h": median(every) if every else None,
                "false_a_week": len(year.false) / weeks,
                "told": year.told,
                "opened": year.opened,
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
