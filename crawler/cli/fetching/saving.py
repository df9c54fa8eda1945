"""Fetch URLs now and archive them: by the running service, or by ourselves."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from crawler.cli.exits import ExitCode, of_link
from crawler.cli.fetching.given import in_order
from crawler.cli.fetching.inputs import Address, Given, Input, Unreadable
from crawler.cli.fetching.result import Result
from crawler.cli.writing import Running, running_service
from crawler.config.tree import Config
from crawler.errors import UsageError
from crawler.kept.reader import Reader, open_reader
from crawler.ondemand import Archived, archive_one
from crawler.service.opening import open_service
from crawler.urls import fetch_url
from crawler.web.client import ServiceRefused
from storage.documents import read_document
from storage.model.link_state import LinkState
from storage.model.verdict import Verdict, VerdictKind
from storage.sql.articles import version
from storage.sql.tables import VersionRow

#: Longest wait for the turn of a host that was asked a moment ago.
_PATIENCE = timedelta(minutes=5)
#: The reason of a link whose server answered with 304.
_NOT_MODIFIED = "not modified"
_READ = (VerdictKind.ARTICLE, VerdictKind.TEASER)
_ARCHIVED = TypeAdapter(Archived)
#: Seconds that the service waits before a fetch goes on as a job, and between two looks.
_WAIT, _LOOK_AGAIN = 30, 0.5


async def save_all(
    inputs: Sequence[Input], config: Config, show: Callable[[Result], None]
) -> None:
    """Fetch and archive all inputs; those that are no URLs fail.

    Raises:
        UsageError: none of them is a URL; no archive is made for that.
        ArchiveBusy: another command holds the data folder.
    """
    if not any(isinstance(one, Address) for one in inputs):
        _address(inputs[0])
    if running := running_service(config):
        with open_reader(config) as reader:

            async def ask(one: Input) -> Result:
                url = _address(one)
                archived = await asyncio.to_thread(_ask, running, url)
                return result_of(url, archived, reader)

            await in_order(inputs, ask, show)
        return
    async with open_service(config) as service:

        async def archive(one: Input) -> Result:
            url = _address(one)
            archived = await archive_one(url, service.means, _PATIENCE)
            return result_of(url, archived, service)

        await in_order(inputs, archive, show)


def _address(one: Input) -> str:
    match one:
        case Address(url=url):
            return url
        case Given(name=name):
            raise UsageError(f"{name}: only what is fetched can be archived")
        case Unreadable(why=why):
            raise why


def _ask(running: Running, url: str) -> Archived:
    """Ask the service for a URL; what takes long goes on there as a job."""
    try:
        answer = running.post("/v1/fetch", {"url": fetch_url(url), "wait": _WAIT})
        end = time.monotonic() + _PATIENCE.total_seconds()
        while "kind" in answer and answer["finished_at"] is None:
            if time.monotonic() > end:
                return _left(url)
            time.sleep(_LOOK_AGAIN)
            answer = running.get(f"/v1/jobs/{answer['id']}")
    except ServiceRefused as error:
        if "outcome" not in error.problem:
            raise
        return _ARCHIVED.validate_python(error.problem["outcome"])
    came = _result(answer) if "kind" in answer else answer
    return _ARCHIVED.validate_python(came)


def _result(job: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what came of a URL as a job."""
    problem = job["problem"] or {}
    result = job["result"] or problem.get("outcome")
    if result is None:
        said = problem.get("detail", f"job {job['id']} was {job['state']}")
        raise ServiceRefused(problem.get("status", 503), said, problem)
    found: Mapping[str, Any] = result
    return found


def _left(url: str) -> Archived:
    return Archived(
        url=url,
        status=None,
        state=LinkState.WAITING,
        reason="its host is being visited or rests; the service goes on",
    )


def result_of(name: str, archived: Archived, reader: Reader) -> Result:
    """Return what came of an input, with its article as it stands.

    A page that is a wall or an error today does not show what it was before.
    """
    verdict, why = archived.verdict, f"{archived.url}: {archived.state}"
    code = of_link(archived.state, archived.status, verdict)
    is_shown = verdict in _READ or (verdict is None and code is ExitCode.DONE)
    standing = _standing(reader, archived.article_id) if is_shown else None
    return Result(
        name=name,
        url=archived.url,
        code=code,
        why=f"{why} ({archived.reason})" if code is not ExitCode.DONE else "",
        note=_note(archived, standing),
        status=archived.status,
        verdict=Verdict(kind=verdict, evidence=(archived.reason,)) if verdict else None,
        article=read_document(standing.document) if standing else None,
        saved={
            "state": archived.state,
            "reason": archived.reason,
            "article_id": archived.article_id,
            "change": archived.change,
        },
    )


def _note(archived: Archived, standing: VersionRow | None) -> str:
    """Say since when a page is as it was, where its server said no more than that."""
    if archived.reason != _NOT_MODIFIED or standing is None:
        return ""
    return f"{archived.url}: not modified since {standing.captured_at:%Y-%m-%dT%H:%MZ}"


def _standing(reader: Reader, article_id: int | None) -> VersionRow | None:
    if article_id is None:
        return None
    with reader.session() as session:
        return version(session, article_id, None)
