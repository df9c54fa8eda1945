"""A source that is to be read now, or more often for a time."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from sqlmodel import Session

from crawler.cli.lookup import source_named
from crawler.cli.writing import running_service
from crawler.config.tree import Config
from crawler.service.opening import open_service
from crawler.sources.watching import boost, lists_rest_until, read_now
from storage.sql.tables import SourceRow
from storage.writer import Tx

_Change = Callable[[Session, SourceRow, datetime], dict[str, Any]]


def poll_source(name: str, config: Config) -> dict[str, Any]:
    """Make all lists of a source due, by the running service or directly.

    Raises:
        UsageError: there is none of this name, or it is not active.
    """
    if service := running_service(config):
        return service.post(_path(name, "poll"), {})

    def change(session: Session, row: SourceRow, now: datetime) -> dict[str, Any]:
        lists, rests = read_now(session, row, now), lists_rest_until(session, row, now)
        return {"name": row.name, "lists": lists, "rests_until": rests}

    return asyncio.run(_changed(name, config, change))


def boost_source(name: str, config: Config, *, hours: float) -> dict[str, Any]:
    """Read a source as often as may be, by the running service or the next one.

    Raises:
        UsageError: there is none of this name, or it is not active.
    """
    if service := running_service(config):
        return service.post(_path(name, "boost"), {"hours": hours})

    def change(session: Session, row: SourceRow, now: datetime) -> dict[str, Any]:
        until = boost(session, row, timedelta(hours=hours), now)
        return {"name": row.name, "boost_until": until}

    return asyncio.run(_changed(name, config, change))


async def _changed(name: str, config: Config, change: _Change) -> dict[str, Any]:
    async with open_service(config) as service:
        now = service.means.now()

        def work(tx: Tx) -> dict[str, Any]:
            return change(tx.session, source_named(tx.session, name), now)

        return await service.means.writer.run(work)


def _path(name: str, verb: str) -> str:
    return f"/v1/sources/{quote(name, safe='')}/{verb}"
