"""Takedowns: withhold articles, and show them again."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from crawler.takedowns import Taken, all_taken, begin_takedown, lift_takedown
from crawler.web.given import NEEDS_TOKEN, GivenService
from storage.model import Depth, Ground
from storage.sql.takedowns import Wanted

routes = APIRouter(prefix="/v1/takedowns", tags=["takedowns"])

_Name = Annotated[str, Path(pattern=r"^[0-9a-fTZ-]{1,40}$")]


class TakedownWanted(BaseModel):
    """What is to be taken down: ids of articles, URLs, beginnings of URLs with `*`."""

    model_config = ConfigDict(extra="forbid")

    articles: Annotated[list[str], Field(min_length=1, max_length=10_000)]
    depth: Depth
    reason: Ground = Ground.OTHER
    note: Annotated[str, Field(max_length=2000)] = ""
    asked_by: Annotated[str, Field(max_length=500)] = ""

    def wanted(self) -> Wanted:
        """Return what is asked for, without whom it hits."""
        return Wanted(
            depth=self.depth, ground=self.reason, note=self.note, asked_by=self.asked_by
        )


class TakedownList(BaseModel):
    """All takedowns, newest first."""

    takedowns: list[Taken]


@routes.get("")
def get_takedowns(service: GivenService) -> TakedownList:
    """List takedowns, newest first."""
    with service.session() as session:
        return TakedownList(takedowns=all_taken(session))


@routes.post("", dependencies=[NEEDS_TOKEN])
async def post_takedown(service: GivenService, wanted: TakedownWanted) -> Taken:
    """Take articles down; they are withheld when this answers."""
    return await begin_takedown(service, wanted.articles, wanted.wanted())


@routes.delete("/{name}", dependencies=[NEEDS_TOKEN])
async def delete_takedown(service: GivenService, name: _Name) -> Taken:
    """Lift a takedown; what was erased is gone."""
    return await lift_takedown(service, name)
