"""Fetch URLs now and archive them: by the running service, or by ourselves."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from crawler.cli.exits import ExitCode, of_link
from crawler.cli.fetching import in_order
from crawler.cli.inputs import Given, Input
from crawler.cli.result import Result
from crawler.cli.writing import Running, running_service
from crawler.config import Config
from crawler.errors import UsageError
from crawler.ondemand import archive_one
from crawler.service import Reader, Service, open_reader, open_service
from crawler.urls import fetch_url, host_key
from crawler.visit import Done
from crawler.web.client import ServiceRefused
from storage.documents import read_document
from storage.model import Article, LinkState, Verdict, VerdictKind
from storage.sql.articles import version
from storage.sql.tables import HostRow

#: Longest wait for the turn of a host that was asked a moment ago.
_PATIENCE = timedelta(minutes=5)
_NO_TIME = 409  # the service has waited for the host's turn in vain
_BUSY = "its host is being visited or rests; try again later"


async def save_all(
    inputs: Sequence[Input], config: Config, show: Callable[[Result], None]
) -> None:
    """Fetch and archive all inputs, which have to be URLs.

    Raises:
        UsageError: one of them is a file: only what was fetched is archived.
        ArchiveBusy: another command holds the data folder.
    """
    given = next((one for one in inputs if isinstance(one, Given)), None)
    if given is not None:
        raise UsageError(f"{given.name}: only what is fetched can be archived")
    if running := running_service(config):
        with open_reader(config) as reader:

            async def ask(one: Input) -> Result:
                facts = await asyncio.to_thread(_ask, running, one.url)
                return _result(one.url, facts, reader)

            await in_order(inputs, ask, show)
        return
    async with open_service(config) as service:
        turns = _Turns(service)

        async def archive(one: Input) -> Result:
            return _result(one.url, await turns.archive(one.url), service)

        await in_order(inputs, archive, show)


def _ask(running: Running, url: str) -> dict[str, Any]:
    """Ask the service for a URL, again and again while its host has no time."""
    address, end = fetch_url(url), time.monotonic() + _PATIENCE.total_seconds()
    while True:
        try:
            return running.post("/v1/fetch", {"url": address})
        except ServiceRefused as error:
            if error.status != _NO_TIME:
                raise
            if time.monotonic() > end:
                return {"url": address, "state": LinkState.WAITING, "reason": _BUSY}


class _Turns:
    """Archives URLs; those of one host one after another."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._locks: dict[str, asyncio.Lock] = {}

    async def archive(self, url: str) -> dict[str, Any]:
        """Archive a URL when its host is free."""
        address = fetch_url(url)
        host = host_key(address)
        async with self._locks.setdefault(host, asyncio.Lock()):
            end = self._service.means.now() + _PATIENCE
            while True:
                done = await archive_one(address, self._service.means)
                now = self._service.means.now()
                free_at = await asyncio.to_thread(self._free_at, host)
                if done is not None or free_at is None or free_at > end:
                    return _facts(address, done)
                await asyncio.sleep(max((free_at - now).total_seconds(), 0.05))

    def _free_at(self, host: str) -> Any:  # noqa: ANN401
        with self._service.session() as session:
            row = session.get(HostRow, host)
            return row.free_at if row else None


def _facts(url: str, done: Done | None) -> dict[str, Any]:
    """Return what came of a URL, in the shape of the service's /v1/fetch."""
    if done is None:
        return {"url": url, "state": LinkState.WAITING, "reason": _BUSY}
    reading = done.reading
    extraction = reading.extraction if reading else None
    return {
        "url": done.answer.url if done.answer else done.link.url,
        "status": done.answer.status if done.answer else None,
        "state": done.settlement.state,
        "reason": done.settlement.reason,
        "article_id": reading.article_id if reading else None,
        "change": reading.change if reading else None,
        "verdict": extraction.verdict.kind if extraction else None,
    }


def _result(name: str, facts: dict[str, Any], reader: Reader) -> Result:
    verdict = VerdictKind(facts["verdict"]) if facts.get("verdict") else None
    state, status = LinkState(facts["state"]), facts.get("status")
    code = of_link(state, status, verdict)
    reason = facts.get("reason") or ""
    return Result(
        name=name,
        url=facts["url"],
        code=code,
        why=f"{facts['url']}: {state} ({reason})" if code is not ExitCode.DONE else "",
        status=status,
        verdict=Verdict(kind=verdict, evidence=(reason,)) if verdict else None,
        article=_article(reader, facts.get("article_id")),
        saved={
            key: facts.get(key) for key in ("state", "reason", "article_id", "change")
        },
    )


def _article(reader: Reader, article_id: int | None) -> Article | None:
    if article_id is None:
        return None
    with reader.session() as session:
        standing = version(session, article_id, None)
        return read_document(standing.document) if standing else None
