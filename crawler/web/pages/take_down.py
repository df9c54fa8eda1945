"""Take articles down: see what it reaches first, then do it; show them again."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from crawler.errors import CrawlError
from crawler.web.api.takedowns import (
    TakedownName,
    TakedownWanted,
    delete_takedown,
    post_preview,
    post_takedown,
)
from crawler.web.forms import fault_of, read_form, see
from crawler.web.given import GivenJobs, GivenService
from crawler.web.render import render
from storage.errors import WrongTakedown
from storage.model.takedown import Depth, Ground

routes = APIRouter(prefix="/takedowns", include_in_schema=False)

_DEPTHS: Mapping[Depth, str] = {
    Depth.HIDE: "shown no more, kept whole",
    Depth.EXCLUDE: "hidden, and never fetched again",
    Depth.ERASE: "every byte of it overwritten",
}


@routes.get("/new")
def get_form(articles: Annotated[str, Query(max_length=300)] = "") -> HTMLResponse:
    """Ask what is to be taken down; an article's page says that it is that one."""
    return _page({"articles": articles})


@routes.post("/preview")
async def post_look(request: Request, service: GivenService) -> Response:
    """Show what a takedown would reach; changes nothing."""
    form = await read_form(request)
    try:
        reach = await asyncio.to_thread(post_preview, service, _wanted(form))
    except (CrawlError, WrongTakedown, ValidationError) as error:
        return _page(form, fault=fault_of(error))
    return _page(form, reach=reach)


@routes.post("")
async def post_form(
    request: Request, service: GivenService, jobs: GivenJobs
) -> Response:
    """Take it down."""
    form = await read_form(request)
    try:
        await post_takedown(service, jobs, _wanted(form))
    except (CrawlError, WrongTakedown, ValidationError, HTTPException) as error:
        return _page(form, fault=fault_of(error))
    return see("/takedowns")


@routes.post("/{name}/lift")
async def post_lift(service: GivenService, name: TakedownName) -> Response:
    """Show again what a takedown hides or excludes."""
    await delete_takedown(service, name)
    return see("/takedowns")


def _wanted(form: Mapping[str, str]) -> TakedownWanted:
    given = {
        name: form[name]
        for name in ("depth", "reason", "note", "asked_by")
        if name in form
    }
    lines = [line.strip() for line in form.get("articles", "").splitlines()]
    ticked = {name: name in form for name in ("everywhere", "confirmed")}
    articles = [line for line in lines if line]
    return TakedownWanted.model_validate(given | ticked | {"articles": articles})


def _page(
    form: Mapping[str, str], *, reach: Mapping[str, Any] | None = None, fault: str = ""
) -> HTMLResponse:
    return render(
        "takedown_form.html",
        status=422 if fault else 200,
        form=form,
        reach=reach,
        fault=fault,
        depths=_DEPTHS,
        grounds=list(Ground),
    )
