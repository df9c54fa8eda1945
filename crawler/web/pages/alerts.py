"""Alerts, open and over, and what to do about each kind."""

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse, Response

from crawler.health.runbook import RUNBOOK
from crawler.web.given import AlertChoice, GivenService
from crawler.web.lists import GivenForm, ListForm, Row, as_file
from crawler.web.render import render
from storage.alerts import AlertState
from storage.sql.alerts import NamedAlert, worst_alerts

routes = APIRouter(include_in_schema=False)

_MOST = 200
_ALL = 100_000
_COLUMNS = (
    *("id", "source", "loss", "kind", "lost", "why"),
    *("bad_since", "opened_at", "closed_at", "is_told"),
)


@routes.get("/alerts")
def get_alerts(
    service: GivenService, state: AlertChoice = None, form: GivenForm = ListForm.PAGE
) -> Response:
    """Show alerts: open ones by what is lost, then those that are over."""
    is_page = form is ListForm.PAGE
    with service.session() as session:
        found = worst_alerts(session, state=state, limit=_MOST + 1 if is_page else _ALL)
    if not is_page:
        return as_file(form, "alerts", _COLUMNS, map(_row, found))
    return render(
        "alerts.html",
        alerts=found[:_MOST],
        has_more=len(found) > _MOST,
        states=list(AlertState),
        state=state or "",
        kinds=list(RUNBOOK),
        runbook=RUNBOOK,
        export=f"/alerts?state={state or ''}&",
    )


@routes.get("/alerts/{kind}")
def get_runbook(service: GivenService, kind: str) -> HTMLResponse:
    """Show what a kind of alert means and what to do about it."""
    if kind not in RUNBOOK:
        raise HTTPException(404, "There is no such kind of alert.")
    with service.session() as session:
        found = worst_alerts(session, state=AlertState.OPEN, limit=_ALL)
    alerts = [one for one in found if (one.alert.kind or "outage") == kind]
    return render("runbook.html", kind=kind, entry=RUNBOOK[kind], alerts=alerts[:_MOST])


def _row(one: NamedAlert) -> Row:
    said = {name: getattr(one.alert, name, None) for name in _COLUMNS}
    return said | {"id": one.id, "source": one.name}
