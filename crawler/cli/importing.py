"""Imports for their commands: by this process, or by the service that runs."""

import asyncio
import gzip
import io
import shutil
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import quote
from zipfile import ZipInfo

from crawler.bulk.before import ReadBefore
from crawler.bulk.orders import Order
from crawler.bulk.readings import Readings
from crawler.bulk.running import Runner, read_shards
from crawler.bulk.shards import Shard, foreign_orders, shards_of
from crawler.cli.lookup import source_named
from crawler.cli.writing import running_service
from crawler.config.tree import Config
from crawler.errors import UsageError
from crawler.imports.nameless import nameless_file
from crawler.imports.urls import batches, enter_urls, read_list
from crawler.imports.wacz import NoDirectory, NoWarc, is_wacz, unpacked, warcs_of
from crawler.imports.warc import Imported, keep_file, read_imports
from crawler.service.opening import open_service
from crawler.service.service import Service
from storage.errors import StoreUnreachable

_STDIN = "-"
_GZIP = b"\x1f\x8b"
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


def import_warcs(
    config: Config,
    files: Sequence[str],
    progress: Progress,
    *,
    base: str | None = None,
    runner: Runner | None = None,
) -> Done:
    """Keep the pages of files, then read them.

    Args:
        config: The settings.
        files: WARC files, folders and lists of them (`crawler.bulk.shards`); `-` is stdin.
        progress: Told how far it is.
        base: Where the paths of lists begin.
        runner: Has the files read before, by others; None to read all here.

    Raises:
        UsageError: a service runs, or a file is not there.
        StorageError: something cannot be kept.
    """
    if running_service(config):
        raise UsageError(
            "a service runs on this archive: stop it first, an import needs the "
            "archive to itself"
        )
    if runner is None:
        parts = (
            [Shard(place=_STDIN)] if name == _STDIN else shards_of([name], base)
            for name in files
        )
        shards = [shard for some in parts for shard in some]
        return asyncio.run(_import_all(config, shards, progress))
    return _import_read(config, shards_of(files, base), progress, runner)


async def _import_all(
    config: Config, shards: Sequence[Shard], progress: Progress
) -> Done:
    done = Done()
    async with open_service(config) as service:
        for number, shard in enumerate(shards):
            await _keep(service, shard, done, _part(progress, number, len(shards)))
        done.came = await read_imports(service.means, service.session, progress)
    return done


def _import_read(
    config: Config, shards: Sequence[Shard], progress: Progress, runner: Runner
) -> Done:
    """Have files read by others, then take in one after the other what they read."""
    orders = foreign_orders(config, shards)
    done = Done()
    with closing(read_shards(orders, runner)) as ended:
        for count, one in enumerate(ended, 1):
            progress(count, len(orders))
            if one.read is None:
                done.unreadable.append(f"{one.order.shard}: {one.why}")
    asyncio.run(
        _take_in(config, list(zip(shards, orders, strict=True)), done, progress)
    )
    if not done.unreadable:
        orders[0].shelf.clear()
    return done


async def _take_in(
    config: Config,
    shards: Sequence[tuple[Shard, Order]],
    done: Done,
    progress: Progress,
) -> None:
    async with open_service(config) as service:
        for number, (shard, order) in enumerate(shards):
            if order.file not in await asyncio.to_thread(order.shelf.names):
                continue
            await _keep(service, shard, done, _part(progress, number, len(shards)))
            with order.shelf.open(order.file) as file:
                before = ReadBefore(Readings(file), service.means.pool)
                done.came += await read_imports(
                    service.means, service.session, lambda _done, _all: None, before
                )


def _part(progress: Progress, number: int, count: int) -> Progress:
    """Return what tells how far one file is as a part of how far all are."""
    return lambda done, total: progress(number * total + done, count * total)


async def _keep(service: Service, shard: Shard, done: Done, progress: Progress) -> None:
    """Keep the pages of a file; note what it came to, or why it cannot be read."""
    try:
        with _file(service, shard) as path:
            name = "stdin" if shard.place == _STDIN else shard.name
            if is_wacz(path):
                await _keep_wacz(service, path, name, done, progress)
            else:
                done.files.append(await keep_file(service.means, path, name, progress))
    except OSError as error:
        done.unreadable.append(f"{shard.place}: {error.strerror or error}")
    except StoreUnreachable as error:
        done.unreadable.append(str(error))


async def _keep_wacz(
    service: Service, path: Path, name: str, done: Done, progress: Progress
) -> None:
    """Keep the pages of a WACZ file's WARC files, each named by both."""
    try:
        warcs = warcs_of(path)
    except NoDirectory as error:
        done.unreadable.append(f"{name}: {error}")
        done.files.append(await keep_file(service.means, path, name, progress))
        return
    for number, warc in enumerate(warcs):
        part = _part(progress, number, len(warcs))
        try:
            done.files.append(await _part_kept(service, path, warc, name, part))
        except NoWarc as error:
            done.unreadable.append(f"{path}: {error}")


async def _part_kept(
    service: Service, path: Path, warc: ZipInfo, name: str, progress: Progress
) -> Imported:
    with unpacked(path, warc, service.folder.path) as (plain, damage):
        own = f"{name}/{warc.filename.rpartition('/')[2]}"
        kept = await keep_file(service.means, plain, own, progress)
    if damage:
        kept.damaged.insert(0, f"{own}: {damage}")
    return kept


@contextmanager
def _file(service: Service, shard: Shard) -> Iterator[Path]:
    """Give a file's path; what is elsewhere is fetched before."""
    if shard.store is None and shard.place != _STDIN:
        yield Path(shard.place)
        return
    with nameless_file(service.folder.path) as (file, path):
        if shard.store is not None:
            shard.store.open().fetch(shard.place, path)
        else:
            shutil.copyfileobj(sys.stdin.buffer, file)
            file.flush()
        yield path


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
            if source is not None:
                service.get(f"/v1/sources/{quote(source, safe='')}")
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
    """Give the lines of a list, gzipped or not; a broken one is told as they are read."""
    try:
        with ExitStack() as stack:
            is_given = file == _STDIN
            raw = sys.stdin.buffer if is_given else stack.enter_context(_opened(file))
            packed = io.BufferedReader(cast("io.RawIOBase", raw))
            stack.callback(packed.detach)  # standard input stays open
            is_packed = packed.peek(len(_GZIP)).startswith(_GZIP)
            found = stack.enter_context(gzip.open(packed)) if is_packed else packed
            yield (line.decode("utf-8", "replace") for line in found)
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{file}: {why}") from error


def _opened(file: str) -> BinaryIO:
    return Path(file).open("rb")
