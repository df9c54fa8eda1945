"""Fetch and archive one URL now."""

import asyncio
from datetime import timedelta

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict

from crawler.means import Means
from crawler.ondemand import archive_one
from crawler.visit import Done
from crawler.web.given import NEEDS_TOKEN, GivenService
from storage.model import Change, LinkState, VerdictKind

routes = APIRouter(prefix="/v1/fetch", tags=["fetch"])

#: How long a host that is being visited, or rests, is waited for.
PATIENCE = timedelta(seconds=10)
_LOOK_AGAIN = timedelta(milliseconds=250)


class FetchWanted(BaseModel):
    """A URL to be fetched now."""

    model_config = ConfigDict(extra="forbid")

    url: str


class Outcome(BaseModel):
    """What came of it; `status` is None where nothing was received."""

    url: str
    status: int | None
    state: LinkState
    reason: str
    article_id: int | None
    change: Change | None
    verdict: VerdictKind | None


@routes.post("", dependencies=[NEEDS_TOKEN])
async def post_fetch(service: GivenService, wanted: FetchWanted) -> Outcome:
    """Fetch a URL and archive it; 409 when its host has no time for it."""
    done = await _patiently(wanted.url, service.means)
    if done is None:
        raise HTTPException(
            409,
            "The host is being visited or rests just now; "
            "the URL is in the ledger and will be fetched.",
        )
    return _outcome(done)


async def _patiently(url: str, means: Means) -> Done | None:
    clock = asyncio.get_running_loop()
    until = clock.time() + PATIENCE.total_seconds()
    done = await archive_one(url, means)
    while done is None and clock.time() < until:
        await asyncio.sleep(_LOOK_AGAIN.total_seconds())
        done = await archive_one(url, means)
    return done


def _outcome(done: Done) -> Outcome:
    answer, reading = done.answer, done.reading
    extraction = reading.extraction if reading else None
    return Outcome(
        url=answer.url if answer else done.link.url,
        status=answer.status if answer else None,
        state=done.settlement.state,
        reason=done.settlement.reason,
        article_id=reading.article_id if reading else None,
        change=reading.change if reading else None,
        verdict=extraction.verdict.kind if extraction else None,
    )
