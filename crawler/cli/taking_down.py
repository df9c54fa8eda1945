"""Takedowns for their commands: by the running service, or directly."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crawler.cli.reading import reading
from crawler.cli.writing import running_service
from crawler.clock import utc_now
from crawler.config.tree import Config
from crawler.sources.watching import load_watches
from crawler.takedown import (
    Taken,
    all_taken,
    begin_takedown,
    full_report,
    lift_takedown,
    preview,
)
from storage.sql.retention import outlived
from storage.sql.takedowns import Wanted

if TYPE_CHECKING:
    from crawler.service.service import Service

_ALL = 10**9
#: Seconds that an erasure may take; the database is rewritten.
_PATIENCE = 24 * 3600.0


def references(given: Sequence[str]) -> Iterator[str]:
    """Yield what is named on the command line, a file's lines in its place."""
    for one in given:
        is_name = "://" not in one and not one.isdigit()
        if is_name and Path(one).is_file():
            yield from Path(one).read_text(encoding="utf-8").split()
        else:
            yield one


def begin(config: Config, articles: Sequence[str], wanted: Wanted) -> dict[str, Any]:
    """Take articles down.

    Raises:
        BadUrl, UsageError, WrongTakedown: what is named is no article.
    """
    if service := running_service(config):
        asked = _asked(articles, wanted)
        return service.post("/v1/takedowns", asked, patience=_PATIENCE)
    return _directly(config, lambda open_: begin_takedown(open_, articles, wanted))


def would_reach(
    config: Config, articles: Sequence[str], wanted: Wanted
) -> dict[str, Any]:
    """Return what a takedown would reach; changes nothing.

    Raises:
        BadUrl, UsageError, WrongTakedown: what is named is no article.
    """
    with reading(config) as (reader, _):
        return preview(reader, articles, wanted)


def lift(config: Config, name: str) -> dict[str, Any]:
    """Lift a takedown.

    Raises:
        WrongTakedown: there is none of this name, or it cannot be lifted.
    """
    if service := running_service(config):
        return service.delete(f"/v1/takedowns/{name}")
    return _directly(config, lambda open_: lift_takedown(open_, name))


def report(config: Config, name: str) -> dict[str, Any]:
    """Return all that may be told of a takedown, each erased record among it.

    Raises:
        WrongTakedown: there is none of this name.
    """
    with reading(config) as (_, session):
        return full_report(session, name)


def outlived_rows(config: Config) -> Iterator[dict[str, Any]]:
    """Yield how many captures of each source are past their time, and their bytes."""
    from crawler.service.service import cutoffs_of

    with reading(config) as (_, session):
        watches = load_watches(session, config)
        for cutoff in cutoffs_of(watches, utc_now()):
            found = outlived(session, [cutoff], _ALL)
            yield {
                "source": watches[cutoff.source].source.name,
                "captures": len(found),
                "bytes": sum(row.length + row.request_length for row in found),
                "until": max((row.fetched_at for row in found), default=None),
            }


def rows(config: Config) -> list[dict[str, Any]]:
    """Return all takedowns, newest first."""
    with reading(config) as (_, session):
        return [asdict(one) for one in all_taken(session)]


def _directly(
    config: Config, act: "Callable[[Service], Awaitable[Taken]]"
) -> dict[str, Any]:
    from crawler.service.opening import open_service

    async def work() -> dict[str, Any]:
        async with open_service(config) as service:
            return asdict(await act(service))

    return asyncio.run(work())


def _asked(articles: Sequence[str], wanted: Wanted) -> dict[str, object]:
    return {
        "articles": list(articles),
        "depth": wanted.depth,
        "reason": wanted.ground,
        "note": wanted.note,
        "asked_by": wanted.asked_by,
        "everywhere": wanted.everywhere,
        "confirmed": True,
    }
