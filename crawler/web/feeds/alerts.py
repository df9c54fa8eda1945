"""The feed of alerts: an entry for each, which is renewed when it is over."""

from fastapi import APIRouter, Request, Response

from crawler.health.runbook import advice, runbook
from crawler.web.feeds.answer import DESCRIBED, answer_feed, path_of
from crawler.web.feeds.feed import Entry, Feed, FeedForm, stated, urn
from crawler.web.given import GivenService, Limit
from storage.alerts import Loss
from storage.sql.alerts import NamedAlert, list_alerts

routes = APIRouter(prefix="/feeds", tags=["feeds"])

_PAGE = "/health"
_LOSES = {
    Loss.ARTICLES: "loses articles",
    Loss.QUALITY: "has worse articles",
    Loss.OURS: "fails",
}


@routes.get("/alerts.{form}", response_class=Response, responses=DESCRIBED)
def get_alerts_feed(
    request: Request, service: GivenService, form: FeedForm, limit: Limit = 50
) -> Response:
    """Return the alerts last opened, as a feed; what is over says so."""
    with service.session() as session:
        found = list_alerts(session, limit=limit)
    base, who = str(request.base_url).rstrip("/"), service.config.identity
    entries = [_entry(one, base) for one in found]
    entries.sort(key=lambda one: one.updated, reverse=True)
    feed = Feed(
        id=urn("feed", who.name, who.contact, "alerts"),
        title="Alerts",
        path=path_of(request),
        page=_PAGE,
        base=base,
        entries=tuple(entries),
    )
    return answer_feed(request, feed, form)


def _entry(named: NamedAlert, base: str) -> Entry:
    alert, who = named.alert, named.name or "The service"
    opened, closed = alert.opened_at or alert.bad_since, alert.closed_at
    what = f"{who} {_LOSES[alert.loss]}" + (f": {alert.kind}" if alert.kind else "")
    is_over = f"Over since {stated(closed)}. " if closed else ""
    lost = f", {alert.lost:.0f} articles lost" if alert.lost >= 1 else ""
    where = runbook(alert.kind)
    return Entry(
        id=urn("alert", str(named.id), stated(opened)),
        title=f"{what}, over" if closed else what,
        url=f"{base}{_PAGE}",
        page=f"{base}{_PAGE}",
        published=opened,
        updated=closed or opened,
        summary=f"{is_over}{alert.why}, since {stated(alert.bad_since)}{lost}. "
        f"What to do ({where}): {advice(alert.kind)}.",
        tags=(str(alert.kind or alert.loss), "over" if closed else "open"),
        more={"id": named.id, "source": named.name, "runbook": where},
    )
