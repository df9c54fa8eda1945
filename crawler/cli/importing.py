"""Imports for their commands: by this process, or by the service that runs."""

import asyncio
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from crawler.cli.lookup import source_named
from crawler.cli.writing import running_service
from crawler.config import Config
from crawler.errors import UsageError
from crawler.imports.urls import batches, enter_urls, read_list
from crawler.imports.warc import Imported, keep_file, read_imports
from crawler.service import Service, open_service

_STDIN = "-"
_NAMED = 20

Progress = Callable[[int, int], None]


@dataclass(slots=True, kw_only=True)
class Done:
    """What an import came to: of each file, and of the pages that were read.

    `unreadable` says which files could not be read at all, and why.
    """

    files: list[Imported] = field(default_factory=list)
    came: Counter[str] = field(default_factory=Counter)
    unreadable: list[str] = field(default_factory=list)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each file."""
        for one in self.files:
            yield {
                "file": one.file,
                "kept": one.kept,
                "known": one.known,
                "passed": one.passed.total(),
                "damaged": len(one.damaged),
                "passed_over": dict(one.passed.most_common()),
            }

    def told(self) -> str:
        """Return what was read, for people."""
        parts = (f"{count} as {what}" for what, count in self.came.most_common())
        return ", ".join(parts) or "nothing new"

    def troubles(self) -> list[str]:
        """Return what could not be read, the first of each file."""
        return self.unreadable + [
            why for one in self.files for why in _first(one.damaged)
        ]


def _first(damaged: Sequence[str]) -> Iterator[str]:
    yield from damaged[:_NAMED]
    if len(damaged) > _NAMED:
        yield f"and {len(damaged) - _NAMED} more damaged places"


def import_warcs(config: Config, files: Sequence[str], progress: Progress) -> Done:
    """Keep the pages of files, then read them.

    Raises:
        UsageError: a service runs, or a file is not there.
        StorageError: something cannot be kept.
    """
    if running_service(config):
        raise UsageError(
            "a service runs on this archive: stop it first, an import needs the "
            "archive to itself"
        )
    missing = [name for name in files if name != _STDIN and not Path(name).is_file()]
    if missing:
        raise UsageError(f"{missing[0]}: no such file")
    return asyncio.run(_import_all(config, files, progress))


async def _import_all(config: Config, files: Sequence[str], progress: Progress) -> Done:
    done = Done()
    async with open_service(config) as service:
        for name in files:
            try:
                done.files.append(await _keep(service, name, progress))
            except OSError as error:
                done.unreadable.append(f"{name}: {error.strerror or error}")
        done.came = await read_imports(service.means, service.session, progress)
    return done


async def _keep(service: Service, name: str, progress: Progress) -> Imported:
    if name != _STDIN:
        return await keep_file(service.means, Path(name), Path(name).name, progress)
    with NamedTemporaryFile(dir=service.folder.path) as file:
        await asyncio.to_thread(shutil.copyfileobj, sys.stdin.buffer, file)
        file.flush()
        return await keep_file(service.means, Path(file.name), "stdin", progress)


def import_urls(config: Config, file: str, source: str | None) -> dict[str, Any]:
    """Enter a list, by the running service or directly; return what it came to.

    Raises:
        UsageError: the list cannot be read, or there is no such source.
    """
    tally: Counter[str] = Counter()
    bad: list[str] = []
    with _lines(file) as lines:
        parts = batches(_good(lines, file, bad, tally))
        if service := running_service(config):
            for urls in parts:
                wanted = {"urls": urls, "source": source}
                tally["new"] += service.post("/v1/links/list", wanted)["new"]
        else:
            tally["new"] += asyncio.run(_enter_all(config, parts, source))
    return {
        "file": file,
        "new": tally["new"],
        "known": tally["listed"] - tally["new"],
        "bad": len(bad),
        "bad_lines": list(_first(bad)),
    }


async def _enter_all(
    config: Config, parts: Iterable[list[str]], source: str | None
) -> int:
    new = 0
    async with open_service(config) as service:
        number = await asyncio.to_thread(_source, service, source)
        for urls in parts:
            new += await enter_urls(urls, number, service.means)
    return new


def _source(service: Service, name: str | None) -> int | None:
    if name is None:
        return None
    with service.session() as session:
        return source_named(session, name).id


def _good(
    lines: Iterable[str], file: str, bad: list[str], tally: Counter[str]
) -> Iterator[str]:
    """Yield the URLs of a list; note which lines are none."""
    for one in read_list(lines):
        if one.why is not None:
            bad.append(f"{file}, line {one.line}: {one.why}")
            continue
        tally["listed"] += 1
        yield one.url


@contextmanager
def _lines(file: str) -> Iterator[Iterable[str]]:
    if file == _STDIN:
        yield (line.decode("utf-8", "replace") for line in sys.stdin.buffer)
        return
    try:
        with Path(file).open(encoding="utf-8", errors="replace") as lines:
            yield lines
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
