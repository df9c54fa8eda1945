"""Feed hostile markup to a real extracting child: time grows as the page does.

For every generator of `hostile_markup` and every size, small to large, a child of
the real `ExtractPool` reads a page; its CPU time and peak memory are read from
outside. Promised:

- an answer, or the child ended by its own limits with a reason; never a hang;
- CPU time grows at most as size to the power of 1.2, counted above a floor; where
  the child was ended, the time it had counts;
- no more memory than the child is allowed, and every page of 100 KB and less is
  answered;
- what is answered is text that can be kept anywhere: UTF-8 without NUL.

Then the same from end to end: a page that takes its child down is in the WARC, in
the ledger as an error with a reason, the next link is archived, and what was kept
can be read again where there is more time (`hostile_visit`).
"""

import argparse
import asyncio
import math
import random
import re
import resource
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import psutil

from crawler.errors import ExtractFailed
from crawler.extract.children.pool import ChildLimits, ExtractPool
from crawler.extract.source import PageSource
from storage.model.extraction import Extraction
from tests.torture.hostile.markup import GENERATORS, TRUTH
from tests.torture.hostile.visit import visit_killer

MOST_GROWTH = 1.2
#: CPU seconds under which two times are not compared.
FLOOR = 0.25
MUST_ANSWER = 100_000
#: CPU time is what ends a child here: others may keep this machine busy.
LIMITS = ChildLimits(wall=timedelta(minutes=10))
_CAPTURED_AT = datetime(2026, 3, 4, tzinfo=UTC)
_PEAK = re.compile(r"VmHWM:\s+(\d+) kB")
_UNKEEPABLE = re.compile("[\0\ud800-\udfff]")
_WARM = f"<html><body><article><h1>Calm</h1><p>{TRUTH}</p></article></body></html>"


def run(args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Run every generator at every size, then a visit; return the figures."""
    sizes = [int(float(size) * 1000) for size in args.size.split(",")]
    names = args.only.split(",") if args.only else sorted(GENERATORS)
    figures, broken = {}, []
    for name in names:
        seed = dice.randrange(2**32)
        rows = asyncio.run(feed(name, sizes, seed, LIMITS))
        wrong = judge(rows)
        figures[name] = rows
        broken += [f"{name}: {what}" for what in wrong]
        print(line(name, rows, wrong), flush=True)
    visit = asyncio.run(visit_killer())
    broken += [f"visit: {what}" for what in visit["broken"]]
    return {
        "sizes": sizes,
        "generators": len(names),
        "slowest_s": max(row["cpu_s"] for rows in figures.values() for row in rows),
        "peak_mb": max(row["peak_mb"] for rows in figures.values() for row in rows),
        "growth_max": max(growths(rows)[-1] for rows in figures.values()),
        "ended": [
            f"{name} at {row['size']}"
            for name, rows in figures.items()
            for row in rows
            if row["failure"]
        ],
        "visit": visit,
        "broken": broken,
    }


async def feed(
    name: str, sizes: Sequence[int], seed: int, limits: ChildLimits
) -> list[dict[str, object]]:
    """Return what a child made of one generator's pages: a row for each size."""
    rows = []
    for size in sizes:
        page = GENERATORS[name](size, random.Random(seed))
        async with ExtractPool(workers=1, limits=limits) as pool:
            rows.append(await _measure(pool, size, page))
    return rows


async def _measure(pool: ExtractPool, size: int, page: bytes) -> dict[str, object]:
    await pool.extract(_source(_WARM.encode()))
    (pid,) = pool.pids
    child = psutil.Process(pid)
    used = sum(child.cpu_times()[:2])
    reaped = _reaped()
    failure, wrong, verdict = "", [], ""
    watch = asyncio.create_task(_watch_peak(pid))
    try:
        extraction = await pool.extract(_source(page))
    except ExtractFailed as error:
        failure = str(error)
        cpu = _reaped() - reaped - used
    else:
        cpu = sum(child.cpu_times()[:2]) - used
        verdict = str(extraction.verdict.kind)
        wrong = unkeepable(extraction)
    watch.cancel()
    peak = max(_peak(pid), _seen.pop(pid, 0))
    return {
        "size": size,
        "cpu_s": round(cpu, 3),
        "peak_mb": round(peak / 1000),
        "verdict": verdict,
        "failure": failure,
        "unkeepable": wrong,
    }


_seen: dict[int, int] = {}


async def _watch_peak(pid: int) -> None:
    """Note the peak memory of a process that may be gone when it is asked."""
    while True:
        _seen[pid] = max(_peak(pid), _seen.get(pid, 0))
        await asyncio.sleep(0.05)


def _peak(pid: int) -> int:
    try:
        found = _PEAK.search(Path(f"/proc/{pid}/status").read_text())
    except OSError:
        return 0
    return int(found[1]) if found else 0


def _reaped() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _source(page: bytes) -> PageSource:
    return PageSource("https://lamp.example/story/fog-4711", page, _CAPTURED_AT)


def growths(rows: Sequence[dict[str, object]]) -> list[float]:
    """Return the exponent of growth from each size to the next, largest last."""
    found = [0.0]
    for small, large in pairwise(rows):
        times = [max(FLOOR, float(str(row["cpu_s"]))) for row in (small, large)]
        steps = float(str(large["size"])) / float(str(small["size"]))
        found.append(math.log(times[1] / times[0]) / math.log(steps))
    return sorted(round(value, 2) for value in found)


def judge(rows: Sequence[dict[str, object]]) -> list[str]:
    """Return the promises that these rows break."""
    broken = []
    if growths(rows)[-1] > MOST_GROWTH:
        broken.append(f"grows by size to the power of {growths(rows)[-1]}")
    for row in rows:
        if row["failure"] and int(str(row["size"])) <= MUST_ANSWER:
            broken.append(f"no answer at {row['size']}: {row['failure']}")
        if row["unkeepable"]:
            broken.append(f"unkeepable at {row['size']}: {row['unkeepable']}")
        limit = LIMITS.memory_bytes / 10**6
        if float(str(row["peak_mb"])) > limit:
            broken.append(f"over {limit:.0f} MB at {row['size']}")
    return broken


def unkeepable(extraction: Extraction) -> list[str]:
    """Return the fields that hold what is no text."""
    found = asdict(extraction)
    return sorted({path for path, text in _texts(found) if _UNKEEPABLE.search(text)})


def _texts(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner, path)


def line(name: str, rows: Sequence[dict[str, object]], wrong: Sequence[str]) -> str:
    """Return one generator's figures for people."""
    cells = "  ".join(
        f"{float(str(row['cpu_s'])):7.3f}s {row['peak_mb']:>5}MB"
        f"{' ended' if row['failure'] else ''}"
        for row in rows
    )
    return f"{name:34} {cells}  ^{growths(rows)[-1]:.2f} {'; '.join(wrong)}"
