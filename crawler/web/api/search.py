"""Search."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from crawler.web.given import Cursor, GivenService, Limit
from storage.sql.search import SEARCHES
from storage.sql.summaries import ArticleSummary

routes = APIRouter(prefix="/v1/search", tags=["search"])


class Passage(BaseModel):
    """A part of a snippet; `marked` when it was looked for."""

    text: str
    marked: bool


class Found(BaseModel):
    """An article found, with a passage of its text."""

    article: ArticleSummary
    snippet: list[Passage]
    rank: float


class Hits(BaseModel):
    """What was found; `cursor` asks for the next page of the same query and order.

    `counted` is how many articles stand in this order on all pages: null where they go
    by age or date. `is_all` is false where more than 5,000 match: the newest 5,000 are put in
    order then, and all are found by `order=newest`.
    """

    hits: list[Found]
    cursor: str | None
    counted: int | None
    is_all: bool


@routes.get("")
def get_search(
    service: GivenService,
    q: Annotated[str, Query(max_length=2000)],
    order: Literal["best", "newest", "published"] = "best",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Hits:
    """Find articles, the best, the last archived (`newest`) or the last published first."""
    with service.session() as session:
        page = SEARCHES[order](session, q, limit=limit, cursor=cursor)
    found = [
        Found(
            article=hit.article,
            snippet=[Passage(text=text, marked=marked) for text, marked in hit.snippet],
            rank=hit.rank,
        )
        for hit in page.hits
    ]
    return Hits(
        hits=found, cursor=page.cursor, counted=page.counted, is_all=page.is_all
    )
