"""What a page's CPU is spent on: the steps of extraction, and who works in the writer.

Extraction reads all pages under a profiler, the writer's thread works under one in a whole crawl of
the same pages. A profiler makes calls dearer than they are, so it gives shares; what they
are shares of, is measured without it. A step is what its functions take with all they call,
without what steps named before them took.
"""

import argparse
import cProfile
import json
import pstats
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

from crawler.extract.article import extract
from crawler.extract.source import PageSource
from storage.commit import Committer
from tests.bench._pages import Page, draw_pages
from tests.bench._web.serving import recorded_web
from tests.bench.stages import Clock, crawl_here, errors_alone

#: The functions of each step of extraction, by module and name; none calls one of another step.
STEPS: Mapping[str, frozenset[tuple[str, str]]] = {
    "decode, look over, parse": frozenset({("page", "read_page")}),
    "blocks and containers": frozenset({("walk", "lay_out")}),
    "what the page states": frozenset(
        (module, f"read_{module}")
        for module in ("jsonld", "meta", "hooks", "dom", "header", "state")
    ),
    "facts of blocks": frozenset({("features", "measure_blocks")}),
    "trees over the facts": frozenset({("forest", "score")}),
    "keys for the site's template": frozenset({("template", "keys_of")}),
    "cards of other pages": frozenset({("cards", "deal_cards")}),
    "titles": frozenset({("merge", "merge_title")}),
    "lines that are no story": frozenset({("boilerplate", "clean")}),
    "language": frozenset({("detection", "detect_language")}),
    "around the story": frozenset({("nearby", "look_nearby")}),
    "times": frozenset({("times", "read_dates")}),
    "verdict": frozenset({("signs", "gather_signs"), ("verdict", "judge_page")}),
}
#: Whose code it is, by what stands in its path; the first that fits.
OWNERS: Mapping[str, str] = {
    "SQLAlchemy and SQLModel": "site-packages/sql",
    "storage": "/storage/",
    "crawler": "/crawler/",
}


def main(argv: Sequence[str]) -> int:
    """Measure; print two tables, then the figures."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench profile",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", type=Path, help="a folder of packed sets")
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--smoke", action="store_true", help="few pages")
    args = parser.parse_args(argv)
    pages = draw_pages(args.data, (), size=12 if args.smoke else args.pages, seed=1)
    found = {"extraction": _extraction(pages), "writer": _writer(pages)}
    for name, parts in found.items():
        print(f"{name}, {sum(parts.values()):.2f} ms a page")
        for part, ms in sorted(parts.items(), key=lambda one: -one[1]):
            print(f"  {part:30} {ms:7.3f} ms")
    rounded = {
        name: {part: round(ms, 3) for part, ms in parts.items()}
        for name, parts in found.items()
    }
    print(json.dumps({"benchmark": "profile", "pages": len(pages), "cpu_ms": rounded}))
    return 0


def _extraction(pages: Sequence[Page]) -> dict[str, float]:
    """Return ms of CPU a page by step; what no step is, is `all else`."""
    now = datetime.now(UTC)
    sources = [
        PageSource(
            url=page.url,
            body=page.html,
            captured_at=now,
            status=200,
            headers=(("content-type", "text/html; charset=utf-8"),),
        )
        for page in pages
    ]

    def read() -> None:
        for source in sources:
            extract(source)

    read()  # loads its models, and what it keeps of lines
    began = time.process_time()
    read()
    whole = (time.process_time() - began) / len(pages) * 1000
    profile = cProfile.Profile(time.thread_time)
    profile.runcall(read)
    calls = _calls(profile)
    total = sum(own for _, own, _ in calls)
    steps = {
        step: sum(of_all for key, _, of_all in calls if key in functions) / total
        for step, functions in STEPS.items()
    }
    steps["all else"] = 1 - sum(steps.values())
    return {step: share * whole for step, share in steps.items()}


def _writer(pages: Sequence[Page]) -> dict[str, float]:
    """Return ms of the writer's thread a page, by whose code it is in."""
    profile = cProfile.Profile(time.thread_time)
    spent: list[float] = []

    def timed(keep: Callable[[], None]) -> None:
        began = time.thread_time()
        keep()
        spent.append(time.thread_time() - began)

    with errors_alone(), recorded_web(20, pages) as web:
        for around in (timed, profile.runcall):
            with tempfile.TemporaryDirectory() as folder, _around_commits(around):
                crawl_here(Clock(len(pages)), web, Path(folder))
    whole = sum(spent) / len(pages) * 1000
    owned: Counter[str] = Counter()
    for (path, name), own, _ in _calls(profile, by=_path):
        owned[_owner(path, name)] += own
    total = sum(owned.values())
    return {owner: own / total * whole for owner, own in owned.items()}


@contextmanager
def _around_commits(around: Callable[[Callable[[], None]], object]) -> Iterator[None]:
    """Have each group commit run within `around`."""
    keep = Committer.keep

    def kept(self: Committer, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        around(lambda: keep(self, *args, **kwargs))

    with mock.patch.object(Committer, "keep", kept):
        yield


def _module(path: str) -> str:
    return Path(path).stem


def _path(path: str) -> str:
    return path


def _calls(
    profile: cProfile.Profile, by: Callable[[str], str] = _module
) -> list[tuple[tuple[str, str], float, float]]:
    """Return for each function its place and name, its own time, and with all it called."""
    found: Any = pstats.Stats(profile)
    return [
        ((by(path), name), own, of_all)
        for (path, _, name), (_, _, own, of_all, _) in found.stats.items()
    ]


def _owner(path: str, name: str) -> str:
    if path == "~":
        return "SQLite" if "sqlite3" in name else "Python's own functions in C"
    fits = (owner for owner, part in OWNERS.items() if part in path)
    return next(fits, "Python's libraries and others")
