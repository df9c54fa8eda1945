"""How the service fares, in figures."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from crawler.sources.wellness import why_unwell
from crawler.web.api.health import not_ready
from crawler.web.given import GivenPulse, GivenService
from crawler.web.reads import health
from crawler.web.render import render
from storage.model import LinkState
from storage.sql.alerts import list_alerts
from storage.sql.health import ledger_counts, source_health

routes = APIRouter(include_in_schema=False)

_ALERTS = 50


@routes.get("/health")
def get_health(service: GivenService, pulse: GivenPulse) -> HTMLResponse:
    """Show what the archive holds and how the service fares."""
    now = service.means.now()
    with service.session() as session:
        counts = ledger_counts(session)
        alerts = sorted(
            list_alerts(session, limit=_ALERTS),
            key=lambda one: one.alert.closed_at is not None,
        )
        unwell = [
            (source, why)
            for source in source_health(session, now, closed=service.means.closed())
            if (why := why_unwell(source, now))
        ]
    return render(
        "health.html",
        health=health(service, pulse, now),
        trouble=not_ready(pulse, service.means.writer, now),
        now=now,
        counts=counts,
        unwell=unwell,
        alerts=alerts,
        states=[s for s in LinkState if any(s in found for found in counts.values())],
    )
