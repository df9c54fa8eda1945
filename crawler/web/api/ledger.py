"""The ledger: every URL seen, where it stands and why."""

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from crawler.web.given import Before, Choice, GivenService, Limit, StateChoice
from crawler.web.reads import known_source_or_404
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.ledger import list_links
from storage.sql.shown import shown_titles

routes = APIRouter(prefix="/v1/ledger", tags=["ledger"])


class Entry(BaseModel):
    """A link as the ledger has it."""

    id: int
    source_id: int | None
    url: str
    kind: LinkKind
    state: LinkState
    reason: str
    robots_line: str | None
    title: str | None
    found_at: datetime
    fetched_at: datetime | None
    next_run: datetime | None
    status: int | None
    attempts: int
    failures: float


class LedgerPage(BaseModel):
    """Links, the newest found first; `next_before` asks for the page after."""

    links: list[Entry]
    next_before: int | None


@routes.get("")
def get_ledger(
    service: GivenService,
    source: Choice = None,
    state: StateChoice = None,
    before: Before = None,
    limit: Limit = 50,
) -> LedgerPage:
    """List links, the newest found first."""
    with service.session() as session:
        rows = list_links(
            session,
            source=known_source_or_404(session, source).id if source else None,
            state=state,
            before=before,
            limit=limit + 1,
        )
        titles = shown_titles(session, rows)
        links = [
            Entry.model_validate(row.model_dump() | {"title": titles.get(row.id or 0)})
            for row in rows[:limit]
        ]
    more = links[-1].id if len(rows) > limit else None
    return LedgerPage(links=links, next_before=more)
