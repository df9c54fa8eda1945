"""The ledger: every URL seen, where it stands and why."""

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from crawler.web.given import Before, Choice, GivenService, StateChoice
from crawler.web.reads import source_or_404
from crawler.web.render import render
from storage.model import LinkState
from storage.sql.ledger import list_links
from storage.sql.sources import list_sources

routes = APIRouter(include_in_schema=False)

_PAGE = 100


@routes.get("/ledger")
def get_ledger(
    service: GivenService,
    source: Choice = None,
    state: StateChoice = None,
    before: Before = None,
) -> HTMLResponse:
    """Show links, the newest found first."""
    with service.session() as session:
        names = {row.id: row.name for row in list_sources(session)}
        links = list_links(
            session,
            source=source_or_404(session, source).id if source else None,
            state=state,
            before=before,
            limit=_PAGE,
        )
        filters = {"source": source or "", "state": state or ""}
        older = {k: v for k, v in filters.items() if v} | {
            "before": str(links[-1].id) if links else ""
        }
        return render(
            "ledger.html",
            links=links,
            names=names,
            states=list(LinkState),
            filters=filters,
            is_first=before is None,
            older=f"/ledger?{urlencode(older)}" if len(links) == _PAGE else None,
        )
