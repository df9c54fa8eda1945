"""Search."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel

from crawler.web.given import Before, GivenService, Limit
from storage.sql.search import search
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
    """What was found; `next_before` asks for older ones, of a list by age."""

    hits: list[Found]
    next_before: int | None


@routes.get("")
def get_search(
    service: GivenService,
    q: Annotated[str, Query(max_length=2000)],
    order: Literal["best", "newest"] = "best",
    before: Before = None,
    limit: Limit = 50,
) -> Hits:
    """Find articles; a page `before` an id is always ordered by age."""
    newest = order == "newest" or before is not None
    with service.session() as session:
        hits = search(session, q, limit=limit, before_id=before, newest=newest)
    found = [
        Found(
            article=hit.article,
            snippet=[Passage(text=text, marked=marked) for text, marked in hit.snippet],
            rank=hit.rank,
        )
        for hit in hits
    ]
    more = hits[-1].article.id if newest and len(hits) == limit else None
    return Hits(hits=found, next_before=more)
