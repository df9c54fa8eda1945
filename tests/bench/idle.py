"""What the service costs while nothing is due: with 10,000 sources, and with none.

The service is started on an archive whose sources are known and whose lists fall due
tomorrow. After a while of settling, its CPU (its children's as well) is taken over some
time, and its memory at the end: the proportional share of all its processes. The one
without sources, beside it in the same time, is the baseline.
"""

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import psutil
import yaml
from sqlmodel import update

from crawler.clock import utc_now
from crawler.config.file import load_config
from crawler.service.opening import open_service
from storage.sql.tables import LinkRow
from tests.bench._process import cpu_of, pss_of
from tests.torture.world import start_service

SOURCES = 10_000
SETTLE, SECONDS = 30.0, 120.0
#: Entering so many sources takes a service a while, s.
PATIENCE = 900.0


def main(argv: Sequence[str]) -> int:
    """Measure; print the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench idle",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sources", type=int, default=SOURCES)
    parser.add_argument("--settle", type=float, default=SETTLE)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--smoke", action="store_true", help="few, for a short time")
    args = parser.parse_args(argv)
    if args.smoke:
        args.sources, args.settle, args.seconds = 50, 1.0, 3.0
    with tempfile.TemporaryDirectory() as name:
        paths = {
            count: _write(Path(name) / f"{count}", count) for count in (0, args.sources)
        }
        for path in paths.values():
            asyncio.run(_put_off(path))
        found = _measure(paths, args.settle, args.seconds)
    for count, (share, mib) in found.items():
        print(f"{count:6} sources {share * 100:6.2f} % of a core {mib:6.0f} MiB")
    figures = {
        "benchmark": "idle",
        "seconds": args.seconds,
        "core_share": {
            str(count): round(share, 4) for count, (share, _) in found.items()
        },
        "pss_mib": {str(count): round(mib, 1) for count, (_, mib) in found.items()},
    }
    print(json.dumps(figures))
    return 0


def _write(folder: Path, sources: int) -> Path:
    folder.mkdir()
    path = folder / "config.yaml"
    settings = {
        "identity": {"name": "Bench", "contact": "bench@localhost"},
        "storage": {"folder": str(folder / "data"), "disk_floor": "1MiB"},
        "service": {"port": 0},
        "sources": [
            {
                "name": f"site {number}",
                "home": f"https://site-{number}.example/",
                "feeds": [f"https://site-{number}.example/feed.xml"],
            }
            for number in range(sources)
        ],
    }
    path.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return path


async def _put_off(path: Path) -> None:
    """Enter the sources, and have their lists fall due tomorrow."""
    async with open_service(load_config(path, {})) as service:
        tomorrow = utc_now() + timedelta(days=1)
        await service.means.writer.run(
            lambda tx: tx.session.execute(update(LinkRow).values(next_run=tomorrow))
        )


def _measure(
    paths: dict[int, Path], settle: float, seconds: float
) -> dict[int, tuple[float, float]]:
    """Return the share of a core and the memory in MiB of each service."""
    with ExitStack() as stack:
        processes = {}
        for count, path in paths.items():
            running = start_service(path, patience=PATIENCE)
            stack.callback(running.kill)
            processes[count] = psutil.Process(running.process.pid)
        time.sleep(settle)
        before = {n: cpu_of(one) for n, one in processes.items()}
        began = time.monotonic()
        time.sleep(seconds)
        passed = time.monotonic() - began
        return {
            n: ((cpu_of(one) - before[n]) / passed, pss_of(one) / 1024**2)
            for n, one in processes.items()
        }
