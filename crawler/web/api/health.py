"""Health: figures, and what a supervisor asks."""

from datetime import datetime, timedelta

from fastapi import APIRouter, Response
from pydantic import BaseModel

from crawler.pulse import Pulse
from crawler.web.given import GivenPulse, GivenService
from crawler.web.reads import Health, health

routes = APIRouter(tags=["health"])

#: A clockwork that ticks each second and has not for so long hangs.
STALE_AFTER = timedelta(seconds=60)


class Answer(BaseModel):
    """A word for a supervisor, and why when it is a bad one."""

    status: str
    reason: str | None = None


@routes.get("/v1/health")
def get_health(service: GivenService, pulse: GivenPulse) -> Health:
    """Return what the archive holds and how the service fares."""
    return health(service, pulse, service.means.now())


@routes.get("/healthz")
def get_healthz() -> Answer:
    """Say that the process answers."""
    return Answer(status="alive")


@routes.get("/readyz", responses={503: {"model": Answer}})
def get_readyz(service: GivenService, pulse: GivenPulse, response: Response) -> Answer:
    """Say whether fetching goes on; 503 when it does not."""
    reason = not_ready(pulse, service.means.now())
    if reason is None:
        return Answer(status="ready")
    response.status_code = 503
    return Answer(status="not ready", reason=reason)


def not_ready(pulse: Pulse, now: datetime) -> str | None:
    """Return why nothing is fetched, or None when all is well."""
    if pulse.ticked_at is None:
        return "the clockwork has not ticked yet"
    if now - pulse.ticked_at > STALE_AFTER:
        return f"the clockwork has not ticked since {pulse.ticked_at.isoformat()}"
    if pulse.disk_full:
        return "too little disk is free"
    return None
