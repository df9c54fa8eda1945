"""How the service fares, in figures."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from crawler.sources.wellness import why_unwell
from crawler.web.api.health import not_ready
from crawler.web.given import GivenFigures, GivenPulse, GivenService
from crawler.web.reads import health
from crawler.web.render import render
from storage.model.link_state import LinkState
from storage.sql.alerts import worst_alerts

routes = APIRouter(include_in_schema=False)

_ALERTS = 50


@routes.get("/health")
def get_health(
    service: GivenService, pulse: GivenPulse, figures: GivenFigures
) -> HTMLResponse:
    """Show what the archive holds and how the service fares."""
    now, counts = service.means.now(), figures.ledger.get()
    with service.session() as session:
        alerts = worst_alerts(session, limit=_ALERTS)
    unwell = [
        (source, why)
        for source in figures.sources.get()
        if (why := why_unwell(source, now))
    ]
    return render(
        "health.html",
        health=health(service, pulse, figures.now.get().totals),
        trouble=not_ready(pulse, service.means.writer, now),
        now=now,
        counts=counts,
        unwell=unwell,
        alerts=alerts,
        states=[s for s in LinkState if any(s in found for found in counts.values())],
    )
