"""Fetch and archive one URL now."""

from datetime import timedelta

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from crawler.ondemand import Archived, archive_one
from crawler.web.given import GivenService

routes = APIRouter(prefix="/v1/fetch", tags=["fetch"])

#: How long a host that is being visited, or rests, is waited for.
PATIENCE = timedelta(seconds=10)


class FetchWanted(BaseModel):
    """A URL to be fetched now."""

    model_config = ConfigDict(extra="forbid")

    url: str


@routes.post("")
async def post_fetch(service: GivenService, wanted: FetchWanted) -> Archived:
    """Fetch a URL and archive it; `waiting` when its host has no time for it."""
    return await archive_one(wanted.url, service.means, PATIENCE)
