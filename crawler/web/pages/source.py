"""One source: how it fared, where it is watched and why so often, what may be done."""

from datetime import timedelta
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from crawler.sources.facts import source_facts
from crawler.sources.wellness import lists_lost, why_unwell
from crawler.timing.boost import MOST_BOOST_HOURS
from crawler.web.api.source import get_source_robots
from crawler.web.api.sources import (
    BoostWanted,
    post_boost,
    post_pause,
    post_poll,
    post_resume,
)
from crawler.web.daily import field_map, rates
from crawler.web.figures import SHOWN_DAYS, days_until, today_of
from crawler.web.forms import read_form, see
from crawler.web.given import GivenService, Name
from crawler.web.reads import source_or_404
from crawler.web.render import render
from storage.alerts import AlertState
from storage.sql.alerts import list_alerts
from storage.sql.captures import last_captures
from storage.sql.health import source_health
from storage.sql.source_days import days_of

routes = APIRouter(prefix="/sources/{name}", include_in_schema=False)

_CAPTURES = 20
_DONE = {
    "pause": "It is paused: nothing of it is fetched until it is resumed.",
    "resume": "It is active again.",
    "poll": "Its lists are due now.",
    "rules": "Its rules are set; `kliping reextract` reads what is archived by them.",
    "boost": "Its lists are read as often as may be for a while.",
}


@routes.get("")
def get_source(
    service: GivenService,
    name: Name,
    done: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Show all about a source."""
    now = service.means.now()
    days = days_until(today_of(now))
    with service.session() as session:
        row = source_or_404(session, name)
        number = int(row.id or 0)
        facts = source_facts(session, row, service.config, now)
        (health,) = source_health(
            session, now, closed=service.means.closed(), source=row.id
        )
        known = days_of(session, number, now.date() - timedelta(SHOWN_DAYS), days[-1])
        alerts = list_alerts(session, state=AlertState.OPEN, limit=None)
        return render(
            "source.html",
            facts=facts,
            home=row.home,
            health=health,
            why=why_unwell(health, now),
            lost=lists_lost(health),
            place=f"/sources/{quote(name, safe='')}",
            told=_DONE.get(done, ""),
            most_boost=MOST_BOOST_HOURS,
            days=days,
            rates=rates(known, days),
            fields=field_map(known, days),
            captures=last_captures(session, number, _CAPTURES),
            alerts=[one for one in alerts if one.alert.source == row.id],
            robots=get_source_robots(service, name, 5),
        )


@routes.post("/pause")
async def pause(service: GivenService, name: Name) -> RedirectResponse:
    """Pause a source."""
    await post_pause(service, name)
    return _back(name, "pause")


@routes.post("/resume")
async def resume(service: GivenService, name: Name) -> RedirectResponse:
    """Resume a source."""
    await post_resume(service, name)
    return _back(name, "resume")


@routes.post("/poll")
async def poll(service: GivenService, name: Name) -> RedirectResponse:
    """Make a source's lists due."""
    await post_poll(service, name)
    return _back(name, "poll")


@routes.post("/boost")
async def boost(
    request: Request, service: GivenService, name: Name
) -> RedirectResponse:
    """Boost a source."""
    form = await read_form(request)
    try:
        wanted = BoostWanted(hours=float(form.get("hours", "")))
    except ValueError as error:
        raise HTTPException(
            422, f"Hours are a number from 0 to {MOST_BOOST_HOURS:g}."
        ) from error
    await post_boost(service, name, wanted)
    return _back(name, "boost")


def _back(name: str, done: str) -> RedirectResponse:
    return see(f"/sources/{quote(name, safe='')}?{urlencode({'done': done})}")
