"""Memory over a long crawl: what the service and its children hold as pages go by.

The service crawls the generated news web once (200 hosts of 500 pages, not filled to their
size with script: what leaks, leaks by pages). The proportional share (PSS) of the service's
process and of each child is read every two seconds, beside how many articles are kept.
Pages after the first fifth (imports, caches and the database's own, all bounded) are
parted into ten blocks. The slope is the least squares line through the means of the
blocks, with its 95 % interval; a mean of many samples hardly depends on the block before.
A slope whose interval does not begin above 0 is none that could be told from 0.
"""

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, mean

import psutil

from storage.folder import DATABASE
from tests.bench._web.serving import Web, news_web
from tests.bench.crawl import ROOT, write_settings

HOSTS, PAGES, VISITS = 200, 500, 20
EVERY = 2.0
WARM_UP = 0.2
BLOCKS = 10
#: Student's t for 95 %, two-sided, with BLOCKS - 2 degrees of freedom.
STUDENT = 2.306
_MIB = 1024**2
_UNIT = 10_000


@dataclass(slots=True)
class Seen:
    """What was seen of the memory; MiB.

    Attributes:
        service: Articles kept, and the service's own process then.
        children: The most that each child held at once, by its process id.
    """

    service: list[tuple[int, float]] = field(default_factory=list)
    children: dict[int, float] = field(default_factory=dict)


def main(argv: Sequence[str]) -> int:
    """Measure; print the figures. Fails where the service grows with the pages."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench memory",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--hosts", type=int, default=HOSTS)
    parser.add_argument("--pages", type=int, default=PAGES, help="of each host")
    parser.add_argument("--smoke", action="store_true", help="promise nothing")
    args = parser.parse_args(argv)
    if args.smoke:
        args.hosts, args.pages = 5, 40
    with (
        tempfile.TemporaryDirectory() as name,
        news_web(args.hosts, args.pages, filled=False) as web,
    ):
        archived, seen = _crawl(web, Path(name), EVERY / 10 if args.smoke else EVERY)
    pages, (slope, blocks) = args.hosts * args.pages, slope_of(seen.service)
    figures = {
        "benchmark": "memory",
        "pages": pages,
        "archived": archived,
        "slope_mib": slope,
        "blocks_mib": blocks,
        "children": len(seen.children),
        "child_mib": round(max(seen.children.values(), default=0), 1),
    }
    print(json.dumps(figures))
    return int(archived < pages or (slope[0] > 0 and not args.smoke))


def slope_of(samples: Sequence[tuple[int, float]]) -> tuple[list[float], list[float]]:
    """Return how memory grew.

    Args:
        samples: Pages and MiB, in the order they were seen.

    Returns:
        MiB for 10,000 pages (least, middle and most of the 95 % interval), and the
        mean of each block.
    """
    first = max(pages for pages, _ in samples) * WARM_UP
    after = [(pages, mib) for pages, mib in samples if pages >= first]
    size = max(len(after) // BLOCKS, 1)
    blocks = [after[at * size : (at + 1) * size] for at in range(BLOCKS)]
    means = [
        (mean(pages for pages, _ in block) / _UNIT, mean(mib for _, mib in block))
        for block in blocks
        if block
    ]
    slope, error = _line(means)
    interval = (slope - STUDENT * error, slope, slope + STUDENT * error)
    return [round(value, 2) for value in interval], [round(mib, 1) for _, mib in means]


def _line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return the slope of the least squares line, and its standard error."""
    xs, ys = zip(*points, strict=True)
    slope, height = linear_regression(xs, ys)
    rest = sum((y - height - slope * x) ** 2 for x, y in points)
    spread = sum((x - mean(xs)) ** 2 for x in xs)
    return slope, (rest / max(len(points) - 2, 1) / spread) ** 0.5


def _crawl(web: Web, folder: Path, every: float) -> tuple[int, Seen]:
    """Let the service crawl; return how many articles it kept, and what was seen."""
    config = write_settings(folder, web, VISITS)
    command = [sys.executable, "-m", "crawler", "--config", str(config)]
    seen = Seen()
    began = time.monotonic()
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            [*command, "serve", "--once"],
            cwd=ROOT,
            env={k: v for k, v in os.environ.items() if not k.startswith("KLIPING_")},
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        database, root = folder / "data" / DATABASE, psutil.Process(process.pid)
        while process.poll() is None:
            with suppress(psutil.Error):
                _look(root, _kept(database), seen)
            if len(seen.service) % 150 == 1:
                pages, mib = seen.service[-1]
                passed = time.monotonic() - began
                print(f"{passed:6.0f} s {pages:7} pages {mib:6.1f} MiB", flush=True)
            time.sleep(every)
    if process.returncode:
        raise RuntimeError((folder / "log").read_text(errors="replace")[-2000:])
    return _kept(database), seen


def _look(root: psutil.Process, kept: int, seen: Seen) -> None:
    seen.service.append((kept, root.memory_full_info().pss / _MIB))
    for child in root.children(recursive=True):
        mib = child.memory_full_info().pss / _MIB
        seen.children[child.pid] = max(mib, seen.children.get(child.pid, 0))


def _kept(database: Path) -> int:
    """Return how many articles stand in the archive; 0 before there is one."""
    with (
        suppress(sqlite3.OperationalError),
        closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as sql,
    ):
        found: int = sql.execute("SELECT count(*) FROM article").fetchone()[0]
        return found
    return 0
