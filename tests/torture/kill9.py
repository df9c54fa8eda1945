"""Kill the service again and again at random moments: nothing acknowledged is lost.

Counts as acknowledged what the service said it had archived, in its log, before
it was killed.
"""

import argparse
import asyncio
import random
import tempfile
import time
from collections import Counter
from pathlib import Path

from crawler.config import Config
from crawler.service import open_service
from tests.torture.inspect import inspect
from tests.torture.world import news_web, read_config, start_service, write_config

MANNERS = {"delay": "0s", "poll": "1s", "revisit": "2s"}
SPEED = 40.0


def run(args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Kill `args.times` times, then look at what is left."""
    started = time.monotonic()
    acknowledged: set[str] = set()
    firsts = Counter[str]()
    troubles = []
    with tempfile.TemporaryDirectory() as name, news_web(SPEED) as web:
        path = write_config(Path(name), web.sites, MANNERS)
        for turn in range(args.times):
            service = start_service(path)
            time.sleep(dice.uniform(0.0, 5.0))
            service.kill()
            acknowledged |= service.acknowledged
            firsts.update(service.firsts)
            troubles += service.troubles
            if (turn + 1) % 10 == 0:
                print(f"{turn + 1} kills, {len(acknowledged)} acknowledged", flush=True)
        config = read_config(path)
        asyncio.run(_recover(config))
        figures = inspect(config, acknowledged)
    duplicates = sum(count - 1 for count in firsts.values())
    return {
        "kills": args.times,
        **figures,
        "duplicates": duplicates,
        "troubles": troubles[:5],
        "seconds": round(time.monotonic() - started, 1),
        "broken": [
            name
            for name in ("lost", "damaged", "repeated", "orphans", "warc_faults")
            if figures[name]
        ]
        + ["duplicates"] * bool(duplicates)
        + ["nothing acknowledged"] * (not acknowledged),
    }


async def _recover(config: Config) -> None:
    async with open_service(config) as service:
        while await service.read_unread():
            pass
