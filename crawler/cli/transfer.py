"""Sources from files and to files."""

import asyncio
import sys
from pathlib import Path
from typing import Any

from crawler.cli.reading import is_there, reading
from crawler.cli.writing import running_service
from crawler.config.tree import Config, Source
from crawler.discover.opml import Outline, read_outlines, write_opml
from crawler.errors import NotReadable, UsageError
from crawler.service.opening import open_service
from crawler.sources.importing import Import, outlines_of, plan_import
from crawler.sources.watching import add_source
from storage.sql.sources import list_sources
from storage.writer import Tx

_LARGEST = 20 * 1024**2


def read_file(name: str, *, feeds: bool) -> list[Outline]:
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


def planned(outlines: list[Outline], config: Config) -> Import:
    """Return what a file comes to beside what is watched already."""
    return plan_import(outlines, _watched(config))


def enter_all(sources: tuple[Source, ...], config: Config) -> list[dict[str, Any]]:
    """Enter sources, all or none, by the running service or directly."""
    if service := running_service(config):
        given = [
            source.model_dump(mode="json", exclude_none=True) for source in sources
        ]
        entered: list[dict[str, Any]] = service.post(
            "/v1/sources/import", {"sources": given}
        )["sources"]
        return entered
    return asyncio.run(_enter_all(sources, config))


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
    sources: tuple[Source, ...], config: Config
) -> list[dict[str, Any]]:
    async with open_service(config) as service:
        now = service.means.now()

        def enter(tx: Tx) -> list[dict[str, Any]]:
            rows = [add_source(tx.session, one, config, now) for one in sources]
            return [{"id": r.id, "name": r.name, "state": r.state} for r in rows]

        return await service.means.writer.run(enter)
