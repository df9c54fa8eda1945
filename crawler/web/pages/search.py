"""Find articles by their words."""

from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from crawler.web.given import Cursor, GivenService
from crawler.web.render import render
from storage.errors import BadQuery
from storage.sql.search import Page, search_best, search_newest

routes = APIRouter(include_in_schema=False)

_PAGE = 30


@routes.get("/search")
def get_search(
    service: GivenService,
    q: Annotated[str, Query(max_length=2000)] = "",
    order: Literal["best", "newest"] = "best",
    cursor: Cursor = None,
) -> HTMLResponse:
    """Show what a query finds; a query that cannot be read says why."""
    find = search_best if order == "best" else search_newest
    page = Page(hits=(), cursor=None)
    fault = ""
    if q.strip():
        try:
            with service.session() as session:
                page = find(session, q, limit=_PAGE, cursor=cursor)
        except BadQuery as error:
            fault = str(error)
    more = urlencode({"q": q, "order": order, "cursor": page.cursor or ""})
    return render(
        "search.html",
        status=400 if fault else 200,
        query=q,
        newest=order == "newest",
        hits=page.hits,
        fault=fault,
        first=f"/search?{urlencode({'q': q, 'order': order})}",
        is_first=cursor is None,
        more=f"/search?{more}" if page.cursor else None,
    )
