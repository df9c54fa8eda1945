"""What grows with the archive: one more article, a search, a listing.

In archives of 1,000 and 100,000 articles (`--full`: and 1,000,000), filled as `keep` does
it: the cost of keeping one more article, measured in turns in one run, as `keep` has it;
then, of each, the 95th percentile of searches and listings over HTTP, as `faces` has it.
Figures are of each archive, and over those of the first.
"""

import argparse
import asyncio
import gc
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench import faces, keep

LEVELS = (1_000, 100_000)
MILLION = 1_000_000
SOURCES = 500
#: How often each address is asked.
TURNS = 40
PATHS = (
    "/",
    "/?source=source-7",
    "/ledger",
    "/search?q={word}",
    "/v1/articles",
    "/v1/articles?source=source-7",
    "/v1/search?q={word}",
    "/v1/search?q={word}+{other}",
    "/v1/links/{middle}",
)


def main(argv: Sequence[str]) -> int:
    """Measure; print the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench growth",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--full", action="store_true", help="a million articles too")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--smoke", action="store_true", help="two small archives")
    parser.add_argument(
        "--folder", type=Path, help="keep the archives there, or use them"
    )
    args = parser.parse_args(argv)
    levels = (*LEVELS, MILLION) if args.full else LEVELS
    if args.smoke:
        levels, args.rounds = (100, 300), 1
    gc.collect()
    gc.freeze()  # as `serve` begins
    with tempfile.TemporaryDirectory() as name:
        folder = args.folder or Path(name)
        kept = asyncio.run(keep.run(folder, levels, args.rounds))
        seen = [_ask(folder / f"{level}", level) for level in levels]
    figures = [
        {**one, "p95_ms": {path: found["p95_ms"] for path, found in asked.items()}}
        for one, asked in zip(kept, seen, strict=True)
    ]
    growth = {
        path: round(seen[-1][path]["p95_ms"] / seen[0][path]["p95_ms"], 2)
        for path in PATHS
    }
    print(json.dumps({"benchmark": "growth", "levels": figures, "p95_growth": growth}))
    return 0


def _ask(folder: Path, level: int) -> dict[str, dict[str, Any]]:
    """Return what each address took in an archive, by its pattern."""
    found = asyncio.run(faces.run(folder, level, SOURCES, TURNS, PATHS))
    return dict(zip(PATHS, found["paths"], strict=True))
