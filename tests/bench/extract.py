"""Measure CPU time and memory of the extractor against its peers, page by page.

    python -m tests.bench extract [--size 500] [--seed 1] [--data DIR] [--set NAME]

Every page goes to every extractor in turn, each in a process of its own, in an
order that turns by one from page to page; CPU time counts, so other work on the
machine hardly does. Peers are given decoded text for nothing; ours is given
bytes. The first pages are read once before, for what is imported or loaded late.

The goal: our CPU time is at most a fifth of trafilatura's default with metadata, by
the mean and by the median (a few pages hold trafilatura for seconds). It is not reached
(docs/design.md says by how much), and so this fails. Promised: the 99th percentile at
most ten times the median, peak memory under 200 MB. With `--smoke` figures are printed
and only memory must hold: a few pages say nothing of speed.
"""

import argparse
import json
import statistics
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from tests.bench._extractors import EXTRACTORS, Worker, is_installed
from tests.bench._pages import Page, draw_pages

OURS = "kliping"
PEER = "trafilatura"
MOST_OF_PEER = 1 / 5
MOST_P99 = 10.0
MOST_BYTES = 200 * 10**6
_WARM_UP = 3


def main(argv: Sequence[str]) -> int:
    """Measure, print, and return 1 where a promise is broken."""
    args = _arguments(argv)
    pages = draw_pages(args.data, args.set, size=args.size, seed=args.seed)
    names = [name for name in EXTRACTORS if is_installed(name)]
    for name in EXTRACTORS:
        if name not in names:
            print(f"{name} is not installed and left out: pip install -e '.[bench]'")
    figures = measure(pages, names)
    print(_table(figures))
    broken = _broken(figures, smoke=args.smoke)
    result = {
        "harness": "extract",
        "seed": args.seed,
        "pages": len(pages),
        "bytes": sum(len(page.html) for page in pages),
        "mean_of_peer": _share_of_peer(figures, "mean_ms"),
        "median_of_peer": _share_of_peer(figures, "median_ms"),
        "extractors": figures,
        "left_out": [name for name in EXTRACTORS if name not in names],
        "broken": broken,
    }
    print(json.dumps(result))
    return 1 if broken else 0


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench extract",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--size", type=int, default=500, help="pages; 0 is all")
    parser.add_argument("--seed", type=int, default=1, help="which pages are drawn")
    parser.add_argument("--data", type=Path, help="folder of packed sets (.jsonl.xz)")
    parser.add_argument("--set", action="append", default=[], help="only this set")
    parser.add_argument("--smoke", action="store_true", help="promise no speed")
    return parser.parse_args(argv)


def measure(pages: Sequence[Page], names: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the figures of each extractor on the same pages, read in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in names}
    fails = dict.fromkeys(names, 0)
    with ExitStack() as stack:
        workers = [stack.enter_context(Worker(name)) for name in names]
        for page in pages[:_WARM_UP]:
            for worker in workers:
                worker.time(page.html, page.url)
        for turn, page in enumerate(pages):
            first = turn % len(workers)
            for worker in (*workers[first:], *workers[:first]):
                taken, ended = worker.time(page.html, page.url)
                seconds[worker.name].append(taken)
                fails[worker.name] += not ended
        peaks = {worker.name: worker.peak_bytes() for worker in workers}
    return {name: _figures(seconds[name], fails[name], peaks[name]) for name in names}


def _figures(seconds: Sequence[float], fails: int, peak: int) -> dict[str, float]:
    ordered = sorted(1000 * taken for taken in seconds)

    def percentile(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    mean = statistics.fmean(ordered)
    return {
        "pages_per_s": round(1000 / mean, 1),
        "mean_ms": round(mean, 2),
        "median_ms": round(statistics.median(ordered), 2),
        "p95_ms": round(percentile(0.95), 2),
        "p99_ms": round(percentile(0.99), 2),
        "max_ms": round(ordered[-1], 2),
        "peak_mb": round(peak / 10**6, 1),
        "fails": fails,
    }


def _share_of_peer(figures: dict[str, dict[str, float]], column: str) -> float:
    return round(figures[OURS][column] / figures[PEER][column], 3)


def _broken(figures: dict[str, dict[str, float]], *, smoke: bool) -> list[str]:
    ours = figures[OURS]
    broken = []
    if ours["peak_mb"] * 10**6 > MOST_BYTES:
        broken.append(f"peak memory over {MOST_BYTES // 10**6} MB")
    if ours["fails"]:
        broken.append("pages without an answer")
    if smoke:
        return broken
    broken += [
        f"{column} over {MOST_OF_PEER} of {PEER}'s"
        for column in ("mean_ms", "median_ms")
        if _share_of_peer(figures, column) > MOST_OF_PEER
    ]
    if ours["p99_ms"] > MOST_P99 * ours["median_ms"]:
        broken.append(f"p99 over {MOST_P99:.0f} times the median")
    return broken


def _table(figures: dict[str, dict[str, float]]) -> str:
    columns = list(next(iter(figures.values())))
    rows = [["", *columns]]
    rows += [
        [name, *(f"{values[column]:g}" for column in columns)]
        for name, values in figures.items()
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if n else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
