"""The ledger: every URL seen, where it stands and why."""

from collections.abc import Iterator
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from crawler.kept.reader import Reader
from crawler.web.given import Before, Choice, GivenService, StateChoice
from crawler.web.lists import GivenForm, ListForm, Row, as_file
from crawler.web.reads import known_source_or_404
from crawler.web.render import render
from storage.model.link_state import LinkState
from storage.sql.ledger import list_links
from storage.sql.shown import shown_titles
from storage.sql.sources import source_names

routes = APIRouter(include_in_schema=False)

_PAGE = 100
_AT_ONCE = 1000
_COLUMNS = (
    *("id", "url", "source", "kind", "state", "reason", "status", "title"),
    *("found_at", "fetched_at", "next_run", "attempts", "failures"),
)


@routes.get("/ledger")
def get_ledger(
    service: GivenService,
    source: Choice = None,
    state: StateChoice = None,
    before: Before = None,
    form: GivenForm = ListForm.PAGE,
) -> Response:
    """Show links, the newest found first."""
    if source is not None:
        with service.session() as session:
            known_source_or_404(session, source)
    if form is not ListForm.PAGE:
        return as_file(form, "ledger", _COLUMNS, _every(service, source, state))
    with service.session() as session:
        names = source_names(session)
        found = list_links(
            session,
            source=known_source_or_404(session, source).id if source else None,
            state=state,
            before=before,
            limit=_PAGE + 1,
        )
        links = found[:_PAGE]
        filters = {"source": source or "", "state": state or ""}
        older = {k: v for k, v in filters.items() if v} | {
            "before": str(links[-1].id) if links else ""
        }
        return render(
            "ledger.html",
            links=links,
            names=names,
            titles=shown_titles(session, links),
            states=list(LinkState),
            filters=filters,
            export=f"/ledger?{urlencode(filters)}&",
            is_first=before is None,
            older=f"/ledger?{urlencode(older)}" if len(found) > _PAGE else None,
        )


def _every(
    service: Reader, source: str | None, state: LinkState | None
) -> Iterator[Row]:
    """Yield all links that fit, newest first, a batch in one transaction."""
    before: int | None = None
    while True:
        with service.session() as session:
            names = source_names(session)
            links = list_links(
                session,
                source=known_source_or_404(session, source).id if source else None,
                state=state,
                before=before,
                limit=_AT_ONCE,
            )
            titles = shown_titles(session, links)
            rows = [
                {name: getattr(link, name, None) for name in _COLUMNS}
                | {
                    "source": names.get(link.source_id or 0),
                    "title": titles.get(link.id or 0),
                }
                for link in links
            ]
            before = links[-1].id if links else None
        yield from rows
        if len(rows) < _AT_ONCE:
            return
