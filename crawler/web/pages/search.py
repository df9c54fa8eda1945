"""Find articles by their words."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import Response

from crawler.kept.reader import Reader
from crawler.web.given import Cursor, GivenService
from crawler.web.lists import GivenForm, ListForm, Row, as_file
from crawler.web.render import render
from storage.errors import BadQuery
from storage.search.hints import hints
from storage.sql.facets import LOOKED_AT, Facets, facets
from storage.sql.search import (
    RANKED,
    SEARCHES,
    Page,
    search_dated,
    search_newest,
    unmatched,
)

routes = APIRouter(include_in_schema=False)

_PAGE = 30
_AT_ONCE = 200
_COLUMNS = (
    *("id", "url", "title", "authors", "source", "language", "published_at"),
    *("first_seen", "versions", "state"),
)


@routes.get("/search")
def get_search(
    service: GivenService,
    q: Annotated[str, Query(max_length=2000)] = "",
    order: Literal["best", "newest", "published"] = "best",
    cursor: Cursor = None,
    form: GivenForm = ListForm.PAGE,
) -> Response:
    """Show what a query finds; a query that cannot be read says why."""
    page, among, fault = Page(hits=(), cursor=None), None, ""
    missing: tuple[str, ...] = ()
    if q.strip():
        try:
            with service.session() as session:
                page = SEARCHES[order](session, q, limit=_PAGE, cursor=cursor)
                if form is ListForm.PAGE and cursor is None:
                    among = facets(session, q)
                if not page.hits and cursor is None:
                    missing = unmatched(session, q)
        except BadQuery as error:
            fault = str(error)
    if q.strip() and not fault and form is not ListForm.PAGE:
        return as_file(form, "search", _COLUMNS, _every(service, q, order))
    more = urlencode({"q": q, "order": order, "cursor": page.cursor or ""})
    return render(
        "search.html",
        status=400 if fault else 200,
        query=q,
        order=order,
        hits=page.hits,
        fault=fault,
        facets=among,
        ranked=RANKED,
        looked_at=LOOKED_AT,
        counted=_counted(page, among),
        is_all=page.is_all,
        missing=missing,
        hints=hints(q),
        narrowed=partial(_narrowed, q, order),
        export=f"/search?{urlencode({'q': q, 'order': order})}&",
        first=f"/search?{urlencode({'q': q, 'order': order})}",
        by_age=f"/search?{urlencode({'q': q, 'order': 'newest'})}",
        is_first=cursor is None,
        more=f"/search?{more}" if page.cursor else None,
    )


def _counted(page: Page, among: Facets | None) -> int | None:
    """Return how many articles there are, if that is known without counting more."""
    if page.counted is not None or among is None:
        return page.counted
    return among.counted if among.counted < LOOKED_AT else None


def _narrowed(query: str, order: str, kind: str, value: str) -> str:
    """Return the address of the same search, of one source, language or month only."""
    term = f'{kind}:"{value}"' if kind == "source" else f"{kind}:{value}"
    if kind == "month":
        first = date.fromisoformat(f"{value}-01")
        after = (first + timedelta(days=32)).replace(day=1)
        term = f"after:{first} before:{after}"
    return f"/search?{urlencode({'q': f'{query} {term}', 'order': order})}"


def _every(service: Reader, query: str, order: str) -> Iterator[Row]:
    """Yield all that is found, the newest first where it is ranked: not all would be."""
    find = search_dated if order == "published" else search_newest
    cursor: str | None = None
    while True:
        with service.session() as session:
            page = find(session, query, limit=_AT_ONCE, cursor=cursor)
        for hit in page.hits:
            said = {name: getattr(hit.article, name) for name in _COLUMNS}
            yield said | {"authors": list(hit.article.authors)}
        cursor = page.cursor
        if cursor is None:
            return
