"""Kill the service again and again at random moments: nothing acknowledged is lost.

Counts as acknowledged what the service said it had archived, in its log, before
it was killed. Some of the times it dies at a failpoint of its commit, its seal or its
recovery.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from crawler.config.tree import Config
from crawler.service.opening import open_service
from tests.torture.dying import AT_A_START, POINTS, die_at, kill_after
from tests.torture.inspect import inspect
from tests.torture.world import Running, news_web, read_config, write_config

MANNERS = {"delay": "0s", "poll": "1s", "revisit": "2s"}
SPEED = 40.0
SECONDS = 3.0
TRIES = 5
PROMISES = ("lost", "damaged", "repeated", "orphans", "warc_faults", "duplicates")


def run(args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Kill `args.times` times, and at each failpoint; then look at what is left."""
    started = time.monotonic()
    acknowledged: set[str] = set()
    firsts = Counter[str]()
    troubles = []
    met: dict[str, int] = dict.fromkeys(POINTS if args.failpoints else (), 0)
    with tempfile.TemporaryDirectory() as name, news_web(SPEED) as web:
        path = write_config(Path(name), web.sites, MANNERS)
        turns = [None] * args.times + list(met) * args.failpoints
        dice.shuffle(turns)
        for turn, point in enumerate(turns, 1):
            for service in _die(path, point, met, dice):
                acknowledged |= service.acknowledged
                firsts.update(service.firsts)
                troubles += service.troubles
            if turn % 10 == 0:
                print(f"{turn} deaths, {len(acknowledged)} acknowledged", flush=True)
        config = read_config(path)
        asyncio.run(_recover(config))
        figures = inspect(config, acknowledged)
    figures["duplicates"] = sum(count - 1 for count in firsts.values())
    return {
        "kills": args.times,
        "failpoints": met,
        **figures,
        "troubles": troubles[:5],
        "seconds": round(time.monotonic() - started, 1),
        "broken": [name for name in PROMISES if figures[name]]
        + ["nothing acknowledged"] * (not acknowledged)
        + [f"{name} was not met" for name, n in met.items() if n < args.failpoints],
    }


def _die(
    path: Path, point: str | None, met: dict[str, int], dice: random.Random
) -> Iterator[Running]:
    """Yield services that died: one killed by us, or those it took to meet a point."""
    if point is None:
        yield kill_after(path, dice.uniform(0.0, SECONDS))
        return
    for _ in range(TRIES):
        if point == AT_A_START:
            torn, _ = die_at(path, "mid_append", dice)
            yield torn
        service, died = die_at(path, point, dice)
        yield service
        if died:
            met[point] += 1
            return


async def _recover(config: Config) -> None:
    async with open_service(config) as service:
        while await service.read_unread():
            pass
