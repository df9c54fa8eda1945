"""Health: figures, and what a supervisor asks."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Response
from pydantic import BaseModel

from crawler.service.pulse import Pulse
from crawler.web.given import GivenFigures, GivenPulse, GivenService
from crawler.web.reads import Health, health, outage_of
from storage.sql.health import totals
from storage.writer import Writer

routes = APIRouter(tags=["health"])

#: A clockwork that ticks each second and has not for so long hangs, and so does a
#: writer that is at one piece of work; supervisors are told within a minute.
STALE_AFTER = timedelta(seconds=45)


class Answer(BaseModel):
    """A word for a supervisor, and why when it is a bad one."""

    status: str
    reason: str | None = None


@routes.get("/v1/health")
def get_health(
    service: GivenService, pulse: GivenPulse, figures: GivenFigures
) -> Health:
    """Return what the archive holds and how the service fares.

    `outage` says why nearly all sources fail at once, where they do.
    """
    now, sources = service.means.now(), figures.sources.get()
    with service.session() as session:
        held, outage = totals(session, now), outage_of(session, sources, now)
    return health(service, pulse, held, outage)


@routes.get("/healthz")
def get_healthz() -> Answer:
    """Say that the process answers."""
    return Answer(status="alive")


@routes.get("/readyz", responses={503: {"model": Answer}})
def get_readyz(service: GivenService, pulse: GivenPulse, response: Response) -> Answer:
    """Say whether fetching goes on; 503 when it does not."""
    reason = not_ready(pulse, service.means.writer, service.means.now())
    if reason is None:
        return Answer(status="ready")
    response.status_code = 503
    return Answer(status="not ready", reason=reason)


def not_ready(
    pulse: Pulse, writer: Writer, now: datetime, patience: timedelta = STALE_AFTER
) -> str | None:
    """Return why nothing is fetched, or None when all is well."""
    if pulse.stuck:
        return "the event loop is stuck"
    if pulse.ticked_at is None:
        return "the clockwork has not ticked yet"
    if now - pulse.ticked_at > patience:
        return f"the clockwork has not ticked since {pulse.ticked_at.isoformat()}"
    if pulse.disk_full:
        return "too little disk is free"
    return _why_stuck(writer, patience)


def _why_stuck(writer: Writer, patience: timedelta) -> str | None:
    if not writer.is_alive:
        return "the writer has ended"
    if (taken := writer.at_work()) > patience:
        return f"the writer has been at one piece of work for {taken}"
    return None
