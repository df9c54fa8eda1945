"""One source: all about it, its days, its robots.txt."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urljoin

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel
from sqlmodel import Session, col, select

from crawler.config.limits import fetch_limits
from crawler.fetch.robots import MAX_BYTES, robots_from
from crawler.sources.facts import source_facts
from crawler.sources.robots_history import RobotsChange, robots_history
from crawler.urls import host_key
from crawler.web.given import Day, GivenService, Name
from crawler.web.reads import source_or_404
from storage.coverage import Coverage
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.source_day import SourceDay, median_length
from storage.sql.health import SourceHealth, source_health
from storage.sql.source_days import days_of
from storage.sql.tables import HostRow, SourceRow

routes = APIRouter(prefix="/v1/sources", tags=["sources"])

_MOST_DAYS = 400
_DAYS = 30


class Polls(BaseModel):
    """How often a list is read, why, and what is known of its news."""

    interval: str | None
    why: str
    articles_a_day: float | None = None
    articles_an_hour: dict[str, Any] | None = None
    list_holds: float | None = None
    list_asks: str | None = None


class WatchedList(BaseModel):
    """A feed, sitemap or section, when it is read next and why then.

    `rests_until` is set while its host asked for a longer rest: nothing is asked there
    before.
    """

    url: str
    kind: LinkKind
    state: LinkState
    reason: str
    fetched_at: datetime | None
    next_run: datetime | None
    rests_until: datetime | None = None
    polls: Polls
    websub: dict[str, Any] | None = None


class RobotsNoted(BaseModel):
    """robots.txt of a source's host as last received; `text` is cut at 64 KiB.

    `status` is None where it could not be reached. `crawl_delay` is what it asks of
    us, in seconds.
    """

    host: str
    url: str
    status: int | None
    read_at: datetime
    text: str
    crawl_delay: float | None
    sitemaps: list[str]


class SourceDetail(BaseModel):
    """All about a source.

    `settings` is its entry as it was given, `manners` what holds with those of its group
    and the defaults; `origin` is `config` for one of config.yaml. `may_be_asked` is
    `now`, or when.
    """

    id: int
    name: str
    state: str
    origin: str
    created_at: datetime
    boost_until: datetime | None
    may_be_asked: datetime | str
    settings: dict[str, Any]
    manners: dict[str, Any]
    health: SourceHealth
    watched: list[WatchedList]
    budget: dict[str, float]
    looks: dict[str, Any]
    states: dict[LinkState, int]
    coverage: Coverage
    robots: list[RobotsNoted]


class DayOut(BaseModel):
    """What a source brought on a day (UTC); the names are those of docs/alerts.md.

    `hours` are the new articles by hour, `fields` how many of them have each field.
    """

    day: date
    found: int
    asked: int
    walls: int
    missing: int
    broken: int
    read: int
    new: int
    changed: int
    same: int
    hours: list[int]
    fields: dict[str, int]
    median_length: float | None
    kept: int
    removed: int


class Days(BaseModel):
    """The days of a source, oldest first; one on which nothing came is left out."""

    source: str
    days: list[DayOut]


class RobotsHistory(BaseModel):
    """The changes of a robots.txt, the newest first, as far as captures are kept."""

    url: str
    changes: list[RobotsChange]


@routes.get("/{name}")
def get_source(service: GivenService, name: Name) -> SourceDetail:
    """Return all about a source: settings, health, each list's next reading and why."""
    now = service.means.now()
    with service.session() as session:
        row = source_or_404(session, name)
        facts = source_facts(session, row, service.config, now)
        (health,) = source_health(
            session, now, closed=service.means.closed(), source=row.id
        )
        robots = _robots(session, row, facts, service.means.agent)
    return SourceDetail.model_validate({**facts, "health": health, "robots": robots})


@routes.get("/{name}/days")
def get_source_days(
    service: GivenService,
    name: Name,
    since: Annotated[Day, Query(alias="from")] = None,
    until: Annotated[Day, Query(alias="to")] = None,
) -> Days:
    """Return what a source brought day by day, for charts: the last 30 days for none.

    Both ends are included; 400 days at most.
    """
    last = until or service.means.now().date()
    first = since or _back(last, _DAYS - 1)
    if first > last:
        raise HTTPException(422, f"No day is from {first} on and up to {last}.")
    if (last - first).days >= _MOST_DAYS:
        raise HTTPException(422, f"At most {_MOST_DAYS} days are told at a time.")
    with service.session() as session:
        row = source_or_404(session, name)
        found = days_of(session, int(row.id or 0), first, last)
    return Days(source=row.name, days=[_day(one) for one in found])


@routes.get("/{name}/robots")
def get_source_robots(
    service: GivenService,
    name: Name,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> RobotsHistory:
    """Tell how a source's robots.txt changed, as far as its captures are kept."""
    with service.session() as session:
        home = source_or_404(session, name).home
        url = urljoin(home, "/robots.txt")
        limits = fetch_limits(service.config)
        changes = robots_history(service.folder, limits, session, url, most=limit)
    return RobotsHistory(url=url, changes=changes)


def _back(day: date, days: int) -> date:
    return day - timedelta(days=min(days, day.toordinal() - 1))


def _day(one: SourceDay) -> DayOut:
    return DayOut(**asdict(one) | {"median_length": median_length([one])})


def _robots(
    session: Session, row: SourceRow, facts: dict[str, Any], agent: str
) -> list[RobotsNoted]:
    """Return the robots.txt of each host that a source's lists are at."""
    urls = [row.home, *(one["url"] for one in facts["watched"])]
    hosts = list(dict.fromkeys(map(host_key, urls)))
    rows = session.exec(select(HostRow).where(col(HostRow.key).in_(hosts)))
    known = {one.key: one for one in rows}
    return [
        _seen(known[host], agent)
        for host in hosts
        if host in known and known[host].robots_at is not None
    ]


def _seen(host: HostRow, agent: str) -> RobotsNoted:
    body = (host.robots_body or b"")[:MAX_BYTES]
    rules = robots_from(host.robots_status, body)
    delay = rules.crawl_delay(agent)
    return RobotsNoted.model_validate(
        {
            "host": host.key,
            "url": host.robots_url,
            "status": host.robots_status,
            "read_at": host.robots_at,
            "text": body[:65536].decode("utf-8", "replace"),
            "crawl_delay": delay.total_seconds() if delay is not None else None,
            "sitemaps": list(rules.sitemaps),
        }
    )
