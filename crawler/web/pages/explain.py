"""How an archived article was read, block by block: its page is read again."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from crawler.web.explaining import explain_version
from crawler.web.given import GivenService, GivenTurns, Id
from crawler.web.render import render

routes = APIRouter(include_in_schema=False)


@routes.get("/articles/{article_id}/explain")
async def get_explanation(
    service: GivenService,
    turns: GivenTurns,
    article_id: Id,
    version: Annotated[int | None, Query(ge=1, le=2**31)] = None,
) -> HTMLResponse:
    """Show why an article is what it is, as its standing version or another has it."""
    found = await explain_version(service, turns, article_id, version)
    return render(
        "explain.html", summary=found.summary, shown=found.version, told=found.told
    )
