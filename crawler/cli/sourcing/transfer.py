"""Sources from files and to files."""

import asyncio
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from crawler.cli.progress import progress_of_bytes
from crawler.cli.reading import is_there, reading
from crawler.cli.writing import running_service
from crawler.config.tree import Config, Source
from crawler.discover.opml import read_outlines, write_opml
from crawler.discover.outline import Listed
from crawler.errors import NotReadable, UsageError
from crawler.service.opening import open_service
from crawler.sources.importing import Import, outlines_of, plan_import
from crawler.sources.watching import add_sources
from storage.sql.sources import list_sources
from storage.writer import Tx

_LARGEST = 20 * 1024**2
#: So many are entered between two signs of progress.
_AT_ONCE = 500
#: Of the 1 MiB that a request to the service may have.
_MOST_SENT = 256 * 1024


def read_file(name: str, *, feeds: bool) -> Listed:
    """Return the sites in a file, or in stdin for `-`.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        body = (
            sys.stdin.buffer.read(_LARGEST + 1)
            if name == "-"
            else Path(name).read_bytes()
        )
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from error
    if len(body) > _LARGEST:
        raise UsageError(f"{name}: more than 20 MiB")
    try:
        return read_outlines(body, feeds=feeds)
    except NotReadable as error:
        raise UsageError(f"{name}: {error}") from error


def planned(listed: Listed, config: Config) -> Import:
    """Return what a file comes to beside what is watched already."""
    return plan_import(listed.outlines, _watched(config), config.groups)


def enter_all(sources: tuple[Source, ...], config: Config) -> list[dict[str, Any]]:
    """Enter sources, by the running service or directly.

    Directly it is all or none. A service takes as many at a time as a request may
    hold; where it refuses some, a second import passes over those of before.
    """
    with progress_of_bytes("adding") as advance:
        if not (service := running_service(config)):
            return asyncio.run(_enter_all(sources, config, advance))
        entered: list[dict[str, Any]] = []
        for part in _parts(sources):
            answer = service.post("/v1/sources/import", {"sources": part})
            entered += answer["sources"]
            advance(len(entered), len(sources))
        return entered


def _parts(sources: Iterable[Source]) -> Iterator[list[dict[str, Any]]]:
    """Yield sources as the service takes them, so many as a request may hold."""
    part: list[dict[str, Any]] = []
    length = 0
    for source in sources:
        given = source.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        size = len(json.dumps(given))
        if part and length + size > _MOST_SENT:
            yield part
            part, length = [], 0
        part.append(given)
        length += size
    yield part


def opml_of(config: Config) -> str:
    """Return all sources as OPML."""
    return write_opml(outlines_of(_watched(config)))


def _watched(config: Config) -> list[Source]:
    """Return the sources of the archive and of config.yaml, each once."""
    sources = {source.name: source for source in config.sources}
    if is_there(config):
        with reading(config) as (_, session):
            for row in list_sources(session):
                sources.setdefault(row.name, Source.model_validate(row.settings))
    return [sources[name] for name in sorted(sources, key=str.casefold)]


async def _enter_all(
    sources: tuple[Source, ...], config: Config, advance: Callable[[int, int], None]
) -> list[dict[str, Any]]:
    async with open_service(config) as service:
        now = service.means.now()

        def enter(tx: Tx) -> list[dict[str, Any]]:
            entered: list[dict[str, Any]] = []
            for at in range(0, len(sources), _AT_ONCE):
                some = sources[at : at + _AT_ONCE]
                rows = add_sources(tx.session, some, config, now)
                entered += (
                    {"id": r.id, "name": r.name, "state": r.state} for r in rows
                )
                advance(len(entered), len(sources))
            return entered

        return await service.means.writer.run(enter)
