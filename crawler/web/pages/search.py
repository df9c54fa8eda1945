"""Find articles by their words."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from crawler.web.given import Before, GivenService
from crawler.web.render import render
from storage.errors import BadQuery
from storage.sql.search import Hit, search

routes = APIRouter(include_in_schema=False)

_PAGE = 30


@routes.get("/search")
def get_search(
    service: GivenService,
    q: Annotated[str, Query(max_length=2000)] = "",
    order: Literal["best", "newest"] = "best",
    before: Before = None,
) -> HTMLResponse:
    """Show what a query finds; a query that cannot be read says why."""
    newest = order == "newest" or before is not None
    hits: list[Hit] = []
    fault = ""
    if q.strip():
        try:
            with service.session() as session:
                hits = search(session, q, limit=_PAGE, before_id=before, newest=newest)
        except BadQuery as error:
            fault = str(error)
    more = newest and len(hits) == _PAGE
    older = urlencode({"q": q, "before": hits[-1].article.id}) if more else None
    return render(
        "search.html",
        status=400 if fault else 200,
        query=q,
        newest=newest,
        hits=hits,
        fault=fault,
        older=f"/search?{older}" if older else None,
    )
