"""Quality as commands, on the shared sets with the shared scorer.

    python -m tests.quality floors [--set NAME,…] [--sample] [--raise]
    python -m tests.quality table [--set NAME,…] [--peers trafilatura,…] [--folds 5]

`floors` scores our extractor on whole sets (with `--sample`: on the samples that CI
scores), prints every metric beside its floor and, with `--raise`, raises the floors
that lie more than a margin under the score; a floor is never lowered. `table` scores
peers too and shows the text's F1 on each fold of sites: a gain that comes from one
site is none. The last line is one JSON object; 1 is returned for a broken floor.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tests.quality import adapter
from tests.quality.scores import (
    FLOORS,
    METRICS,
    SAMPLES,
    below,
    load,
    means,
    peer,
    raised,
    read_floors,
    sample_of,
    score_set,
)


def main(argv: Sequence[str]) -> int:
    """Run a command, return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.quality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=("floors", "table"))
    parser.add_argument("--set", default=",".join(SAMPLES), help="names, by commas")
    parser.add_argument("--sample", action="store_true", help="score samples alone")
    parser.add_argument("--raise", action="store_true", dest="up")
    parser.add_argument("--peers", default="", help="names, or module:function")
    parser.add_argument("--folds", type=int, default=5)
    args = parser.parse_args(argv)
    sets = args.set.split(",")
    if args.command == "table":
        result = _table(sets, [name for name in args.peers.split(",") if name], args)
    else:
        result = _floors(sets, sample=args.sample, up=args.up)
    print(json.dumps({"harness": args.command, **result}))
    return 1 if result.get("broken") else 0


def _floors(sets: Sequence[str], *, sample: bool, up: bool) -> dict[str, Any]:
    floors = read_floors()
    figures: dict[str, dict[str, Any]] = {}
    broken = []
    _print_row("", "", ("n", *METRICS))
    for name in sets:
        for part, scores in _parts(name, sample=sample).items():
            least = floors.setdefault(part, {}).setdefault(name, {})
            wrong = below(scores, least)
            figures.setdefault(part, {})[name] = scores
            broken += [f"{name} ({part}): {what}" for what in wrong]
            _print_row(name, part, [_cell(scores.get(m)) for m in ("n", *METRICS)])
            _print_row("", "floor", ["", *(_cell(least.get(m)) for m in METRICS)])
            floors[part][name] = raised(scores, least)
    if up:
        FLOORS.write_text(json.dumps(floors, indent=1, sort_keys=True) + "\n")
    for what in broken:
        print(f"below its floor: {what}")
    return {"figures": figures, "broken": broken}


def _parts(name: str, *, sample: bool) -> dict[str, dict[str, float]]:
    if sample:
        scored = score_set(name, adapter.extract, (0, SAMPLES[name]))
        return {"sample": means(list(scored.values()))}
    scored = score_set(name, adapter.extract)
    return {
        "sample": means(sample_of(name, scored)),
        "whole": means(list(scored.values())),
    }


def _table(
    sets: Sequence[str], peers: Sequence[str], args: argparse.Namespace
) -> dict[str, Any]:
    fold_of = load("corpora").fold_of
    figures: dict[str, dict[str, Any]] = {}
    _print_row("", "", ("n", *METRICS), "F1 by fold of sites")
    for name in sets:
        for extractor in ("kliping", *peers):
            extract = adapter.extract if extractor == "kliping" else peer(extractor)
            pages = list(score_set(name, extract).values())
            scores = means(pages)
            folds = [
                means([p for p in pages if fold_of(p["page"], args.folds) == fold])
                for fold in range(args.folds)
            ]
            by_fold = [scores.get("F1") for scores in folds if scores["n"]]
            figures.setdefault(name, {})[extractor] = {**scores, "folds": by_fold}
            _print_row(
                name,
                extractor,
                [_cell(scores.get(metric)) for metric in ("n", *METRICS)],
                " ".join(map(_cell, by_fold)),
            )
    return {"figures": figures, "wins": _wins(figures)}


def _wins(figures: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> dict[str, str]:
    """Return in how many folds of each set our F1 is the best peer's or better."""
    wins = {}
    for name, rows in figures.items():
        others = [row["folds"] for key, row in rows.items() if key != "kliping"]
        ours = rows["kliping"]["folds"]
        if others and None not in ours:
            best = [max(folds) for folds in zip(*others, strict=True)]
            won = sum(a >= b for a, b in zip(ours, best, strict=True))
            wins[name] = f"{won}/{len(ours)}"
    return wins


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _print_row(name: str, part: str, cells: Sequence[str], last: str = "") -> None:
    print(f"{name:12}{part:18}" + "".join(f"{cell:>11}" for cell in cells), last)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
