"""The sources and how each fares."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from crawler.web.given import GivenService
from crawler.web.render import render
from storage.sql.health import source_health
from storage.sql.sources import list_sources

routes = APIRouter(include_in_schema=False)


@routes.get("/sources")
def get_sources(service: GivenService) -> HTMLResponse:
    """Show the sources, by name."""
    now = service.means.now()
    with service.session() as session:
        rows = {row.name: row for row in list_sources(session)}
        found = [
            one
            for one in source_health(session, now, closed=service.means.closed())
            if one.name in rows
        ]
        return render("sources.html", sources=found, rows=rows, now=now)
