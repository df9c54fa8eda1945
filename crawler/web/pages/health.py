"""How the service fares, in figures."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from crawler.sources.wellness import lists_lost, why_ours, why_unwell
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
        alerts = worst_alerts(session, limit=_ALERTS + 1)
    sources = figures.sources.get()
    unwell = [(one, why) for one in sources if (why := why_unwell(one, now))]
    lost = [(one, what) for one in sources if (what := lists_lost(one))]
    return render(
        "health.html",
        health=health(service, pulse, figures.now.get().totals),
        trouble=not_ready(pulse, service.means.writer, now),
        now=now,
        counts=counts,
        ours=why_ours(sources, now),
        unwell=unwell,
        lost=lost,
        alerts=alerts[:_ALERTS],
        has_more_alerts=len(alerts) > _ALERTS,
        states=[s for s in LinkState if any(s in found for found in counts.values())],
    )
