"""Archives of many WARC files, and those who read them; for tests and the benchmark."""

import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from distributed import LocalCluster

from crawler.bulk.running import Runner
from crawler.cli.importing import import_warcs
from crawler.cli.reading import reading
from crawler.cli.reextracting import run
from crawler.config.tree import Config
from crawler.reextract.shadow import Shadow
from storage.sql.reextraction import Within
from storage.sql.selection import Wanted, all_versions, wanted_ids
from tests.crawler.imports.foreign import Wrote, write_warc
from tests.torture.world import Running, read_config, start_service

SECONDS = 60.0
#: What a rule of the source takes out of every page, so that each reads otherwise.
RULE = {"remove": [".note"]}
_SOURCE = {
    "name": "Harbour",
    "home": "http://harbour.example/",
    "feeds": ["http://harbour.example/feed.xml"],
    "state": "paused",
}
_WORDS = (
    *("harbour", "ferry", "council", "vote", "budget", "tide", "storm", "crane"),
    *("cargo", "pilot", "quay", "bridge", "mayor", "ship", "island", "coast", "rope"),
    *("engine", "dock", "repair", "winter", "price", "fish", "market", "sailor"),
)


def page(number: int, paragraphs: int = 6) -> bytes:
    """Return a page of news; every number has its own words."""
    dice = random.Random(number)
    body = "".join(f"<p>{_sentences(dice)}</p>" for _ in range(paragraphs))
    title = " ".join(dice.sample(_WORDS, 5)).capitalize()
    return (
        f"<html lang=en><head><title>{title}</title></head><body><nav><a href=/>Home"
        f"</a></nav><article><h1>{title}</h1>{body}<p class=note>{_sentences(dice)}</p></article></body></html>"
    ).encode()


def _sentences(dice: random.Random) -> str:
    lines = (" ".join(dice.choices(_WORDS, k=14)) for _ in range(5))
    return " ".join(f"{line.capitalize()}." for line in lines)


def write_crawls(folder: Path, files: int, pages: int) -> list[Path]:
    """Write WARC files as others do, of so many pages each."""
    return [
        write_warc(
            folder / f"CC-NEWS-{file}.warc.gz",
            *(
                Wrote(url=f"http://harbour.example/2016/{n}", body=page(n))
                for n in range(file * pages, (file + 1) * pages)
            ),
        )
        for file in range(files)
    ]


def settings(
    folder: Path, database: str = "", extractors: int = 2, **storage: str | bool
) -> Path:
    """Write the config.yaml of one process."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = {"folder": str(folder / "data"), "disk_floor": 1, "database": database}
    path = folder / "config.yaml"
    told = {
        "identity": {"contact": "archive@kliping.invalid"},
        "storage": kept | storage,
        "service": {"port": 0, "extractors": extractors},
        "sources": [_SOURCE],
    }
    path.write_text(yaml.safe_dump(told), encoding="utf-8")
    return path


def config_with_rule(path: Path) -> Config:
    """Return settings by which every page reads otherwise than it was archived."""
    told = yaml.safe_load(path.read_text(encoding="utf-8"))
    told["sources"] = [_SOURCE | {"rules": [RULE]}]
    path.write_text(yaml.safe_dump(told), encoding="utf-8")
    return read_config(path)


def archive(path: Path, crawls: list[Path]) -> None:
    """Fill an archive, a WARC file of its own for each that is taken in."""
    for crawl in crawls:
        import_warcs(read_config(path), [str(crawl)], lambda _done, _all: None)


def archived(config: Config) -> list[tuple[str, str, str]]:
    """Return the address, headline and text of all versions of an archive."""
    with reading(config) as (_, session):
        ids = wanted_ids(session, Wanted())
        return sorted((v.url, v.title, v.text) for v in all_versions(session, ids))


def reextract(config: Config, runner: Runner | None) -> tuple[str, list[str]]:
    """Read an archive again, without promoting it; return the run and its troubles."""
    shadow, _, troubles = run(config, Within(), lambda _done, _all: None, runner)
    return outcomes(shadow), troubles


def outcomes(shadow: Shadow) -> str:
    """Return what came of each version, the run's name and its scope left out."""
    return shadow.path.read_text(encoding="utf-8").split("\n", 1)[1]


@contextmanager
def bulk_worker(
    folder: Path, database: str, *, extractors: int = 2
) -> Iterator[Running]:
    """Run a process of the fleet that reads shards and does nothing else."""
    worker = start_service(
        settings(folder, database, extractors), verb=("serve", "--role", "bulk")
    )
    with worker.process:  # closes its pipes
        try:
            yield worker
        finally:
            worker.kill()


@contextmanager
def cluster(workers: int = 2) -> Iterator[LocalCluster]:
    """Run a Dask cluster on the loopback, a process a worker, on ports that are free."""
    with LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0",
    ) as found:
        yield found


@contextmanager
def killed_at(begun: Callable[[], int | None]) -> Iterator[list[int]]:
    """Kill the process that a question names, once it does; yield who was killed."""
    killed: list[int] = []
    over = threading.Event()

    def watch() -> None:
        while not over.is_set() and not killed:
            if (pid := begun()) is not None:
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield killed
    finally:
        over.set()
        watcher.join()
