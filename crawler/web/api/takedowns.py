"""Takedowns: withhold articles, and show them again."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Path
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool

from crawler.takedown import (
    Taken,
    all_taken,
    begin_takedown,
    full_report,
    lift_takedown,
    preview,
)
from crawler.web.given import GivenJobs, GivenService
from storage.model.takedown import Depth, Ground
from storage.sql.takedowns import Wanted

routes = APIRouter(prefix="/v1/takedowns", tags=["takedowns"])


def _as_text(given: object) -> object:
    is_id = isinstance(given, int) and not isinstance(given, bool)
    return str(given) if is_id else given


#: As elsewhere an id is a number; beside addresses it may be text.
_Article = Annotated[str, BeforeValidator(_as_text, json_schema_input_type=int | str)]
TakedownName = Annotated[str, Path(pattern=r"^[0-9a-fTZ-]{1,40}$")]


class TakedownWanted(BaseModel):
    """What is to be taken down: ids of articles, URLs, beginnings of URLs with `*`.

    A beginning stands for the addresses that are known now, not for later ones.
    """

    model_config = ConfigDict(extra="forbid")

    articles: Annotated[list[_Article], Field(min_length=1, max_length=10_000)]
    depth: Depth
    reason: Ground = Ground.OTHER
    note: Annotated[str, Field(max_length=2000)] = ""
    asked_by: Annotated[str, Field(max_length=500)] = ""
    everywhere: StrictBool = False
    confirmed: StrictBool = False

    def wanted(self) -> Wanted:
        """Return what is asked for, without whom it hits."""
        return Wanted(
            depth=self.depth,
            ground=self.reason,
            note=self.note,
            asked_by=self.asked_by,
            everywhere=self.everywhere,
        )


class TakedownList(BaseModel):
    """All takedowns, newest first."""

    takedowns: list[Taken]


@routes.get("")
def get_takedowns(service: GivenService) -> TakedownList:
    """List takedowns, newest first."""
    with service.session() as session:
        return TakedownList(takedowns=all_taken(session))


@routes.get("/{name}")
def get_report(service: GivenService, name: TakedownName) -> dict[str, Any]:
    """Return a takedown with each record that it erased: places and hashes alone."""
    with service.session() as session:
        return full_report(session, name)


@routes.post("")
async def post_takedown(
    service: GivenService, jobs: GivenJobs, wanted: TakedownWanted
) -> Taken:
    """Take articles down; they are withheld when this answers, and erased ones gone.

    An erasure needs `confirmed`, for nothing brings back what is erased.
    """
    if wanted.depth is Depth.ERASE and not wanted.confirmed:
        raise HTTPException(422, "An erasure must be `confirmed`.")
    taken = await begin_takedown(service, wanted.articles, wanted.wanted())
    await jobs.clean()  # exports and answers may hold what was taken down
    return taken


@routes.post("/preview")
def post_preview(service: GivenService, wanted: TakedownWanted) -> dict[str, Any]:
    """Tell what a takedown would reach, and an erasure overwrite; changes nothing."""
    return preview(service, wanted.articles, wanted.wanted())


@routes.delete("/{name}")
async def delete_takedown(service: GivenService, name: TakedownName) -> Taken:
    """Lift a takedown; what was erased is gone."""
    return await lift_takedown(service, name)
