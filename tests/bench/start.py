"""What it costs to start: the command, one page read from a file, the service.

Whole processes in turns, each against `python -c pass` of the same interpreter. CPU is
user and system, of the process and its children. The service counts until it says the
address of its pages, on a folder that it knows.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median

import psutil

from tests.bench._figures import spread
from tests.bench._process import Cost, cpu_of, pss_of, run
from tests.bench._web.site import page, story
from tests.torture.world import ROOT, start_service, write_config

ROUNDS = 9
NOTHING = "python -c pass"


def main(argv: Sequence[str]) -> int:
    """Measure; print the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench start",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--smoke", action="store_true", help="one round")
    args = parser.parse_args(argv)
    costs: dict[str, list[Cost]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as name:
        starts = _starts(Path(name))
        for number in range((1 if args.smoke else args.rounds) + 1):
            for what, start in starts.items():
                cost = start()
                if number:  # the first writes what Python compiles
                    costs[what].append(cost)
    for what, some in costs.items():
        cpu, wall = median(c.cpu for c in some), median(c.wall for c in some)
        print(f"{what:24} {cpu * 1000:7.0f} ms CPU {wall * 1000:7.0f} ms")
    figures = {
        "benchmark": "start",
        "cpu_ms": {
            what: round(median(c.cpu for c in some) * 1000)
            for what, some in costs.items()
        },
        "wall_ms": {
            what: round(median(c.wall for c in some) * 1000)
            for what, some in costs.items()
        },
        "cpu_over_python": {
            what: spread(
                [a.cpu / b.cpu for a, b in zip(some, costs[NOTHING], strict=True)]
            )
            for what, some in costs.items()
            if what != NOTHING
        },
        "fetch_beyond_help_cpu_ms": round(
            median(
                (a.cpu - b.cpu) * 1000
                for a, b in zip(costs["fetch FILE"], costs["--help"], strict=True)
            )
        ),
    }
    print(json.dumps(figures))
    return 0


def _starts(folder: Path) -> dict[str, Callable[[], Cost]]:
    saved = folder / "page.html"
    stories = [story(1, number) for number in range(30)]
    saved.write_text(page(1, "http://127.7.0.2", stories, 0), encoding="utf-8")

    def command(*arguments: str) -> Callable[[], Cost]:
        return lambda: run(
            [sys.executable, *arguments], log=folder / "log", cwd=ROOT, timeout=120
        )

    config = write_config(folder, (), {})
    return {
        NOTHING: command("-c", "pass"),
        "--version": command("-m", "crawler", "--version"),
        "--help": command("-m", "crawler", "--help"),
        "fetch FILE": command("-m", "crawler", "fetch", str(saved)),
        "serve": lambda: serve(config),
    }


def serve(config: Path) -> Cost:
    """Start the service; return what it cost until its pages answer."""
    began = time.monotonic()
    running = start_service(config)
    wall = time.monotonic() - began
    process = psutil.Process(running.process.pid)
    cpu, memory = cpu_of(process), pss_of(process)
    running.terminate()
    return Cost(wall=wall, cpu=cpu, peak=memory / 1024**2)
