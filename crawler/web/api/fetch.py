"""Fetch and archive one URL now."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from crawler.jobs.running import archived_document, trouble_of, why_not
from crawler.ondemand import Archived, stored_one
from crawler.service.service import Service
from crawler.web.api.fetched import Fetched, Printed, answer_fetched
from crawler.web.api.jobs import LOCATED, JobOut, accepted
from crawler.web.given import GivenJobs, GivenService, Owner
from crawler.web.problems import Refused
from storage.sql.jobs import Job

routes = APIRouter(prefix="/v1/fetch", tags=["fetch"])

_TEXTS = {
    "text/plain": {"schema": {"type": "string"}},
    "text/markdown": {"schema": {"type": "string"}},
}


class FetchWanted(BaseModel):
    """A URL to be fetched now.

    `wait` is how many seconds are waited before the fetch goes on as a job. With
    `max_age`, what is archived and was fetched at most so many seconds ago is the
    answer, and nothing is fetched.
    """

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, Field(max_length=8000)]
    wait: Annotated[float, Field(ge=0, le=60, strict=True)] = 10
    format: Printed = Printed.JSON
    max_age: Annotated[int, Field(ge=0, le=10**9, strict=True)] | None = None


@routes.post(
    "",
    response_model=Fetched,
    responses={
        200: {"description": "It is archived", "content": _TEXTS},
        202: {
            "description": "It takes longer, and goes on as a job",
            "model": JobOut,
            "headers": LOCATED,
        },
    },
)
async def post_fetch(
    service: GivenService, jobs: GivenJobs, owner: Owner, wanted: FetchWanted
) -> Any:  # noqa: ANN401  # as said
    """Fetch a URL and archive it, ahead of all that is due; its host gets its rest.

    409 where robots.txt forbids it, 422 where it is no article or no URL, 424 where
    it cannot be had, 429 where its host has no time. What came of it stands in the
    problem's `outcome`.
    """
    if wanted.max_age is not None:
        stored = await asyncio.to_thread(_stored, service, wanted)
        if stored is not None:
            return stored
    asked = {"url": wanted.url, "format": wanted.format}
    wait = timedelta(seconds=wanted.wait)
    came = await jobs.fetch(wanted.url, asked, owner, wait)
    if isinstance(came, Job):
        return accepted(came)
    return await asyncio.to_thread(_answer, service, came, wanted.format)


def _answer(service: Service, came: Archived, printed: Printed) -> Response:
    document = archived_document(came)
    trouble = trouble_of(came)
    if trouble is not None:
        raise Refused(trouble, why_not(came), {"outcome": document})
    with service.session() as session:
        return answer_fetched(session, document, printed, is_stored=False)


def _stored(service: Service, wanted: FetchWanted) -> Response | None:
    oldest = service.means.now() - timedelta(seconds=wanted.max_age or 0)
    with service.session() as session:
        found = stored_one(session, wanted.url, oldest)
        if found is None:
            return None
        document = archived_document(found)
        return answer_fetched(session, document, wanted.format, is_stored=True)
