"""Which changes of archived articles are seen, and how soon, at equally many looks?

Synthetic newsrooms (`_changes`) are looked at for nine weeks by our rule within its
share of requests, then by three others, each with as many looks as ours made, within
2 %:

- first come: the ladder of pauses by age, its due looks made in the order in which
  they fell due, as far as the newsroom's budget of the day goes;
- stretched: the same ladder (newsdiffs has it, too), all pauses longer by one factor;
- uniform: one pause for all articles.

Looks and changes of the third to fifth week count; what comes after them is there so
that late looks can still find those changes. A change is seen when a look comes before
the next one; its delay is until the first look after it, and endless without any.
"""

import argparse
import json
import math
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from crawler.config.plan import Plan, plan_for
from crawler.config.tree import Config, Defaults, Source
from crawler.timing.looks import first_past, looked, next_look, past_document, spend
from crawler.timing.when import rung
from storage.looks import NO_LOOKS, Tally
from storage.model.change import Change
from storage.model.link import Link
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from tests.bench._changes import START, Newsroom, Story, newsrooms

DAYS = 63
COUNTED_FROM, COUNTED_TO = START + timedelta(weeks=2), START + timedelta(weeks=5)
END = START + timedelta(days=DAYS)
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_MINUTE = timedelta(minutes=1)
_UNTIL = Defaults().revisit_until
_EQUAL = 0.02

#: Looks at a newsroom's stories, by place.
Looks = Iterator[tuple[int, datetime]]
Rule = Callable[[Newsroom], Looks]
#: The looks at each of a newsroom's stories.
Made = list[list[datetime]]


def run(rooms: Sequence[Newsroom], rule: Rule) -> list[Made]:
    """Return the looks that a rule makes."""
    all_made = []
    for room in rooms:
        made: Made = [[] for _ in room.stories]
        for n, at in rule(room):
            made[n].append(at)
        all_made.append(made)
    return all_made


def is_counted(at: datetime) -> bool:
    return COUNTED_FROM <= at < COUNTED_TO


def looks_in(all_made: Sequence[Made]) -> int:
    return sum(is_counted(at) for made in all_made for looks in made for at in looks)


# ---- the rules -----------------------------------------------------------------


def ours(plan: Plan) -> Rule:
    """Return our rule: `crawler.timing.looks`, as a visit asks it."""

    def rule(room: Newsroom) -> Looks:
        tally, links = NO_LOOKS, dict[int, Link]()
        due = [(story.seen, n) for n, story in enumerate(room.stories)]
        heapify(due)
        polled = START
        while due and due[0][0] < END:
            now, n = heappop(due)
            while polled <= now:
                tally, polled = tally.asked(polled, others=1), polled + _HOUR
            link = links.get(n)
            if link is None:
                tally = tally.asked(now, others=1)
                link = _archived(room.stories[n], tally, plan)
            else:
                before = tally
                link, tally = _attend(room.stories[n], link, tally, plan, now)
                if tally is not before:
                    yield n, now
            links[n] = link
            if link.due is not None:
                heappush(due, (link.due, n))

    return rule


def _archived(story: Story, tally: Tally, plan: Plan) -> Link:
    link = Link(
        id=1,
        source=1,
        host="a.example",
        url="https://a.example/",
        key="a",
        kind=LinkKind.ARTICLE,
        state=LinkState.ARCHIVED,
        found_at=story.seen,
        first_seen=story.seen,
        archived=True,
        fetched_at=story.seen,
        tally=tally,
    )
    past = first_past(link, story.seen, ("live_blog",) * story.is_live)
    at = next_look(link, past, plan, story.seen).at
    return replace(link, rhythm=past_document(past), due=at)


def _attend(
    story: Story, link: Link, tally: Tally, plan: Plan, now: datetime
) -> tuple[Link, Tally]:
    """Look at a due story, or put it off; the tally is another after a look."""
    link = replace(link, tally=tally)
    made, put_off = spend([link], plan, now)
    if not made:
        then = put_off[0]
        return replace(link, rhythm=then.past, due=then.next_look.at), tally
    changed = _changed(story, link.fetched_at or story.seen, now)
    past, look = looked(link, now, Change.CORRECTION if changed else Change.SAME)
    tally = tally.asked(now, looks=1).seen(look)
    link = replace(link, tally=tally, fetched_at=now)
    at = next_look(link, past, plan, now).at
    return replace(link, rhythm=past_document(past), due=at), tally


def _changed(story: Story, before: datetime, now: datetime) -> bool:
    place = bisect_right(story.changes, before)
    return place < len(story.changes) and story.changes[place] <= now


def first_come(plan: Plan, a_day: dict[int, float]) -> Rule:
    """Return the ladder in the order of falling due, within looks a day by newsroom."""

    def rule(room: Newsroom) -> Looks:
        each_day, left, at = max(a_day[id(room)], 0.01), 0.0, START
        due = [(s.seen + rung(timedelta(0), plan), n) for n, s in _placed(room)]
        heapify(due)
        while due:
            when, n = heappop(due)
            seen, now = room.stories[n].seen, max(when, at)
            left = min(left + (now - at) / _DAY * each_day, max(each_day, 1.0))
            if left < 1:
                now += (1 - left) / each_day * _DAY
                left = 1.0
            if now >= END:
                return
            at = now
            if now - seen >= _UNTIL:
                continue
            left -= 1
            yield n, now
            heappush(due, (now + rung(now - seen, plan), n))

    return rule


def stretched(plan: Plan, factor: float) -> Rule:
    """Return the ladder with all its pauses longer."""

    def rule(room: Newsroom) -> Looks:
        for n, story in _placed(room):
            at = story.seen + rung(timedelta(0), plan) * factor
            while at < min(END, story.seen + _UNTIL):
                yield n, at
                at += rung(at - story.seen, plan) * factor

    return rule


def uniform(factor: float) -> Rule:
    """Return a rule of one pause for all articles, their first ones spread over it."""

    def rule(room: Newsroom) -> Looks:
        for n, story in _placed(room):
            pause = factor * _HOUR
            at = story.seen + pause * ((n * 0.618) % 1)
            while at < min(END, story.seen + _UNTIL):
                yield n, at
                at += pause

    return rule


def _placed(room: Newsroom) -> Iterator[tuple[int, Story]]:
    return iter(enumerate(room.stories))


def scaled(
    make: Callable[[float], Rule], rooms: Sequence[Newsroom], looks: int
) -> list[Made]:
    """Return what a rule makes at so many looks, by its factor."""
    low, high, factor = 1e-3, 1e6, 10.0
    while True:
        made = run(rooms, make(factor))
        ratio = looks_in(made) / looks
        if abs(ratio - 1) <= _EQUAL or high / low < 1.001:
            return made
        low, high = (factor, high) if ratio > 1 else (low, factor)
        guess = factor * ratio
        factor = guess if low < guess < high else math.sqrt(low * high)


# ---- the figures ---------------------------------------------------------------


@dataclass(slots=True)
class Outcome:
    """What looks came to; delays in minutes."""

    looks: int = 0
    found: int = 0
    seen: int = 0
    delays: list[float] = field(default_factory=list)

    def count(self, story: Story, looks: Sequence[datetime]) -> None:
        """Count the looks at one story."""
        for n, change in enumerate(story.changes):
            if not is_counted(change):
                continue
            place = bisect_right(looks, change)
            if place == len(looks):
                self.delays.append(math.inf)
                continue
            self.delays.append((looks[place] - change) / _MINUTE)
            following = story.changes[n + 1 : n + 2]
            self.seen += not following or looks[place] < following[0]
        for before, at in zip((story.seen, *looks), looks, strict=False):
            if is_counted(at):
                self.looks += 1
                self.found += _changed(story, before, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Looks made, shares of changes, and the median delay; None is never."""

    looks: int
    seen: float
    in_an_hour: float
    in_a_day: float
    ever: float
    median_min: float | None
    looks_that_found: float

    @classmethod
    def of(cls, outcome: Outcome) -> "Figures":
        delays, total = sorted(outcome.delays), max(len(outcome.delays), 1)
        median = delays[total // 2] if delays else math.inf
        hour, day, ever = (
            bisect_right(delays, limit) / total for limit in (60, 24 * 60, 1e9)
        )
        return cls(
            looks=outcome.looks,
            seen=round(outcome.seen / total, 3),
            in_an_hour=round(hour, 3),
            in_a_day=round(day, 3),
            ever=round(ever, 3),
            median_min=round(median, 1) if math.isfinite(median) else None,
            looks_that_found=round(outcome.found / max(outcome.looks, 1), 3),
        )


def figures(rooms: Sequence[Newsroom], all_made: Sequence[Made]) -> dict[str, Figures]:
    """Return the figures of all articles, of the ordinary ones and of live blogs."""
    outcomes = {"all": Outcome(), "ordinary": Outcome(), "live": Outcome()}
    for room, made in zip(rooms, all_made, strict=True):
        for story, looks in zip(room.stories, made, strict=True):
            outcomes["all"].count(story, looks)
            outcomes["live" if story.is_live else "ordinary"].count(story, looks)
    return {name: Figures.of(outcome) for name, outcome in outcomes.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """What each rule came to, and the share of all requests that were looks."""

    share_spent: float
    rules: dict[str, dict[str, Figures]]

    def broken(self) -> list[str]:
        """Return where another rule sees more, or as much within a day."""
        mine = self.rules["ours"]["all"]
        peers = [row["all"] for name, row in self.rules.items() if name != "ours"]
        claims = {
            "seen": mine.seen >= max(peer.seen for peer in peers),
            "in_a_day": mine.in_a_day >= AHEAD * max(peer.in_a_day for peer in peers),
        }
        return [name for name, holds in claims.items() if not holds]


#: Changes noticed within a day, over the best other rule's; see docs/design.md, "Time".
AHEAD = 1.5


def plan_of(share: float) -> Plan:
    source = {"name": "A", "home": "https://a.example/", "revisit_share": share}
    return plan_for(Source.model_validate(source), Config())


def compare(rooms: Sequence[Newsroom], share: float) -> Table:
    """Return all rules' figures at the looks that ours makes."""
    plan, days = plan_of(share), (COUNTED_TO - COUNTED_FROM) / _DAY
    mine = run(rooms, ours(plan))
    looks = looks_in(mine)
    a_day = {
        id(room): looks_in([made]) / days
        for room, made in zip(rooms, mine, strict=True)
    }
    rows = {
        "ours": mine,
        "ladder, first come": run(rooms, first_come(plan, a_day)),
        "ladder, stretched": scaled(lambda by: stretched(plan, by), rooms, looks),
        "uniform": scaled(uniform, rooms, looks),
    }
    others = sum(24 * days + _archived_in(room) for room in rooms)
    return Table(
        share_spent=round(looks / (looks + others), 3),
        rules={name: figures(rooms, made) for name, made in rows.items()},
    )


def _archived_in(room: Newsroom) -> int:
    return sum(is_counted(story.seen) for story in room.stories)


# ---- the command ---------------------------------------------------------------


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="revisits_sim", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sources", type=int, default=40)
    parser.add_argument(
        "--share",
        type=float,
        default=Defaults().revisit_share,
        help="revisit_share; nothing is judged at another than the default",
    )
    parser.add_argument(
        "--smoke", action="store_true", help="small, in seconds; nothing is judged"
    )
    args = parser.parse_args(argv)
    table = compare(
        newsrooms(args.seed, 3 if args.smoke else args.sources, DAYS), args.share
    )
    print(f"{'rule':20} {'articles':9}", *(f"{name:>16}" for name in Figures.__slots__))
    for name, row in table.rules.items():
        for articles, found in row.items():
            cells = (f"{value!s:>16}" for value in asdict(found).values())
            print(f"{name:20} {articles:9}", *cells)
    is_judged = not args.smoke and args.share == Defaults().revisit_share
    broken = table.broken() if is_judged else []
    print(json.dumps({"benchmark": "revisits_sim", **asdict(table), "broken": broken}))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
