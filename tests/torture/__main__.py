"""Promises as commands: `python -m tests.torture NAME`.

Each prints its figures as one JSON object on the last line and exits non-zero
when a promise is broken.
"""

import argparse
import json
import random
import sys
from collections.abc import Callable

from tests.torture import (
    api,
    bitrot,
    diskfull,
    erase,
    flood,
    kill9,
    rebuild,
    steady,
    wire,
)
from tests.torture.doors import run as doors
from tests.torture.faults import run as faults
from tests.torture.fleet import run as fleet
from tests.torture.hostile import run as hostile
from tests.torture.powercut import run as powercut
from tests.torture.replay import run as replay
from tests.torture.search import run as search
from tests.torture.secrets import run as secrets
from tests.torture.ssrf import run as ssrf
from tests.torture.week import run as week
from tests.torture.xss import run as xss

HARNESSES: dict[
    str, Callable[[argparse.Namespace, random.Random], dict[str, object]]
] = {
    "api": api.run,
    "bitrot": bitrot.run,
    "diskfull": diskfull.run,
    "doors": doors.run,
    "erase": erase.run,
    "faults": faults.run,
    "fleet": fleet.run,
    "flood": flood.run,
    "hostile": hostile.run,
    "kill9": kill9.run,
    "politeness": week.run_crowd,
    "powercut": powercut.run,
    "rebuild": rebuild.run,
    "replay": replay.run,
    "search": search.run,
    "secrets": secrets.run,
    "ssrf": ssrf.run,
    "steady": steady.run,
    "week": week.run,
    "wire": wire.run,
    "xss": xss.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.torture", description=__doc__
    )
    parser.add_argument("name", choices=sorted(HARNESSES))
    parser.add_argument(
        "--times",
        type=int,
        default=20,
        help="kills (kill9), cuts (powercut), damages (bitrot), calls (diskfull)",
    )
    parser.add_argument(
        "--failpoints", type=int, default=0, help="deaths at each of them (kill9)"
    )
    parser.add_argument(
        "--seconds", type=float, default=60, help="length (steady, flood)"
    )
    parser.add_argument(
        "--size", default="100,1000,10000", help="kilobytes of a page (hostile)"
    )
    parser.add_argument(
        "--only", default="", help="generators (hostile), rows (faults)"
    )
    parser.add_argument("--full", action="store_true", help="real limits (faults)")
    parser.add_argument(
        "--smoke",
        action="store_true",
        help="a small size (api, erase, faults, fleet, search, week, xss)",
    )
    parser.add_argument("--articles", type=int, default=20_000, help="kept (erase)")
    parser.add_argument("--erase", type=int, default=1_000, help="of them (erase)")
    parser.add_argument("--sites", type=int, default=300, help="how many (week)")
    parser.add_argument("--days", type=float, default=7, help="simulated (week)")
    parser.add_argument("--per-way", type=int, default=60, help="vectors (ssrf)")
    parser.add_argument(
        "--browser", action="store_true", help="let pages be rendered too (ssrf)"
    )
    parser.add_argument(
        "--tools",
        default="",
        help="where the tools are, or are to be, installed (doors, replay)",
    )
    for name, what in (("source", "--from"), ("to", "--to")):
        parser.add_argument(
            what,
            dest=name,
            default="sqlite",
            choices=["sqlite", "postgres"],
            help="which database is lost, and which is made (rebuild)",
        )
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    figures = HARNESSES[args.name](args, random.Random(args.seed))
    broken = figures.get("broken")
    print(json.dumps({"harness": args.name, "seed": args.seed, **figures}))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
