"""Alerts: which sources lose articles, or what their articles should have."""

from dataclasses import asdict
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from crawler.health.runbook import advice, runbook
from crawler.web.given import AlertChoice, Before, GivenService, Limit
from storage.alerts import AlertKind, Loss
from storage.sql.alerts import NamedAlert, list_alerts

routes = APIRouter(prefix="/v1/alerts", tags=["health"])


class AlertOut(BaseModel):
    """An alert as it stands; `source` is None where it is the service that fails.

    `advice` is what to do about it, `runbook` where the docs say so.
    """

    id: int
    source: str | None
    loss: Loss
    kind: AlertKind | None
    why: str
    bad_since: datetime
    opened_at: datetime
    fine_since: datetime | None
    closed_at: datetime | None
    is_told: bool
    lost: float
    advice: str
    runbook: str


class AlertList(BaseModel):
    """Alerts, those last opened first; `next_before` asks for the page after."""

    alerts: list[AlertOut]
    next_before: int | None


@routes.get("")
def get_alerts(
    service: GivenService,
    state: AlertChoice = None,
    before: Before = None,
    limit: Limit = 50,
) -> AlertList:
    """List alerts, those last opened first."""
    with service.session() as session:
        found = list_alerts(session, state=state, before=before, limit=limit + 1)
    page = found[:limit]
    more = page[-1].id if len(found) > limit else None
    return AlertList(alerts=[_out(one) for one in page], next_before=more)


def _out(one: NamedAlert) -> AlertOut:
    kind = one.alert.kind
    said = asdict(one.alert) | {"id": one.id, "source": one.name}
    said |= {"advice": advice(kind), "runbook": runbook(kind)}
    return AlertOut.model_validate(said)
