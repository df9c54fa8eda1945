"""Sources as the commands see them: added, paused, listed, shown."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError
from sqlmodel import Session

from crawler.cli.lookup import source_named
from crawler.cli.reading import is_there, reading
from crawler.cli.writing import running_service
from crawler.config.tree import Config, Source
from crawler.errors import UsageError
from crawler.faults import first_fault
from crawler.sources.watching import add_source as enter_source
from crawler.sources.watching import put_state
from crawler.urls import host_key, is_address, same_site, url_key
from storage.sql.census import ledger_counts
from storage.sql.sources import FROM_CONFIG, REMOVED, list_sources
from storage.sql.tables import SourceRow
from storage.writer import Tx


def source_of(fields: Mapping[str, Any], config: Config) -> Source:
    """Return a source from a command's options.

    Raises:
        UsageError: they do not make one.
    """
    try:
        source = Source.model_validate(fields)
    except ValidationError as error:
        raise UsageError(first_fault(error)) from error
    if source.group is not None and source.group not in config.groups:
        raise UsageError(f"config.yaml has no group {source.group!r}")
    return source


def source_by_name(name: str, config: Config) -> Source:
    """Return a source of config.yaml, or else of the archive.

    Raises:
        UsageError: there is none of this name.
    """
    for source in config.sources:
        if source.name.casefold() == name.casefold():
            return source
    if not is_there(config):
        raise UsageError(f"no source is named {name!r} in config.yaml")
    with reading(config) as (_, session):
        return Source.model_validate(source_named(session, name).settings)


def source_of_site(url: str, config: Config) -> Source | None:
    """Return the source of config.yaml that a URL belongs to: by host, else by site."""
    if not url.startswith(("http://", "https://")):
        return None
    own = (s for s in config.sources if host_key(s.home) == host_key(url))
    of_site = (
        s
        for s in config.sources
        if same_site(s.home, url) and not is_address(urlsplit(url).hostname or "")
    )
    return next(own, None) or next(of_site, None)


def source_to_try(what: str, config: Config) -> Source:
    """Return a source by its name or home page; of another URL, a new one.

    Raises:
        UsageError: there is none of this name, or it is no URL to watch.
    """
    if not what.startswith(("http://", "https://")):
        return source_by_name(what, config)
    fresh = source_of({"name": "test", "home": what}, config)
    known = (s for s in config.sources if url_key(s.home) == url_key(fresh.home))
    return next(known, fresh)


def refuse_another(source: Source, config: Config) -> None:
    """Refuse a source that nobody named, and whose name another site's has.

    To add one of a name that is known renews it: the site of before would be let go.

    Raises:
        UsageError: there is one of this name with another home page.
    """
    if not is_there(config):
        return
    with reading(config) as (_, session):
        homes = {row.name.casefold(): row.home for row in list_sources(session)}
    home = homes.get(source.name.casefold(), source.home)
    if url_key(home) != url_key(source.home):
        raise UsageError(
            f"a source is named {source.name!r} already, of {home}; give this one a "
            "--name of its own, or that one's to put this site in its place"
        )


def add_source(source: Source, config: Config) -> dict[str, Any]:
    """Enter a source, by the running service or directly.

    Raises:
        UsageError: there is one of this name.
    """
    if service := running_service(config):
        given = source.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        return service.post("/v1/sources", given)
    return asyncio.run(_add(source, config))


async def _add(source: Source, config: Config) -> dict[str, Any]:
    from crawler.service.opening import open_service

    async with open_service(config) as service:
        now = service.means.now()

        def enter(tx: Tx) -> dict[str, Any]:
            _refuse_clash(tx.session, source.name)
            return _brief(enter_source(tx.session, source, config, now))

        return await service.means.writer.run(enter)


def _refuse_clash(session: Session, name: str) -> None:
    """Raise UsageError where a name is taken; one added by command is renewed."""
    for row in list_sources(session):
        is_ours = row.name == name and row.origin != FROM_CONFIG
        if row.name.casefold() == name.casefold() and not is_ours:
            raise UsageError(f"a source is named {row.name!r} already")


async def turn_source(name: str, state: str, config: Config) -> dict[str, Any]:
    """Activate or pause a source.

    Raises:
        UsageError: there is none of this name.
    """
    from crawler.service.opening import open_service

    async with open_service(config) as service:
        now = service.means.now()

        def turn(tx: Tx) -> dict[str, Any]:
            row = source_named(tx.session, name)
            put_state(tx.session, row, state, config, now)
            return _brief(row)

        return await service.means.writer.run(turn)


async def let_go(name: str, config: Config) -> dict[str, Any]:
    """Remove a source that was added by command.

    Raises:
        UsageError: there is none of this name, or it stands in config.yaml.
    """
    from crawler.service.opening import open_service

    async with open_service(config) as service:
        now = service.means.now()

        def remove(tx: Tx) -> dict[str, Any]:
            row = source_named(tx.session, name)
            if row.origin == FROM_CONFIG:
                raise UsageError(
                    f"{row.name!r} is listed in config.yaml; take it out there"
                )
            put_state(tx.session, row, REMOVED, config, now)
            return _brief(row)

        return await service.means.writer.run(remove)


def _brief(row: SourceRow) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "state": row.state}


def source_rows(session: Session) -> list[dict[str, Any]]:
    """Return the sources by name, with how many URLs of each were seen."""
    counts = ledger_counts(session)
    return [
        {
            **_brief(row),
            "language": row.language,
            "home": row.home,
            "origin": row.origin,
            "links": sum(counts.get(row.name, {}).values()),
        }
        for row in list_sources(session)
    ]
