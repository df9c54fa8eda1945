"""Sources: list them, survey and add one, pause, resume, boost and poll one."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlmodel import Session

from crawler.config.tree import Config, Manners, Render, Source, WebAddress
from crawler.discover.optout import Signal
from crawler.errors import ConfigError
from crawler.faults import said_of
from crawler.service.service import Service
from crawler.sources.asking import Asker
from crawler.sources.prospect import (
    Given,
    ListSummary,
    RobotsSeen,
    SampleSeen,
    proposed_source,
    summary,
)
from crawler.sources.survey_lists import Surveyor
from crawler.sources.surveying import survey
from crawler.sources.watching import (
    add_source,
    add_sources,
    boost,
    lists_rest_until,
    put_state,
    read_now,
)
from crawler.timing.boost import MOST_BOOST_HOURS
from crawler.units import Duration
from crawler.visits.claims import Claims
from crawler.web.given import GivenService, Name
from crawler.web.reads import source_or_404
from crawler.websub.hubs import HubReport, hub_report
from storage.coverage import Coverage
from storage.sql.coverage import source_coverage
from storage.sql.health import SourceHealth, source_health
from storage.sql.sources import FROM_CONFIG, PAUSED, REMOVED, list_sources, set_state
from storage.sql.subscriptions import feeds_with_hubs
from storage.sql.tables import ACTIVE, SourceRow
from storage.writer import Tx

#: How long a survey waits for a host that is being visited, or rests.
PROBE_PATIENCE = timedelta(minutes=1)
#: How many sources of an import share a transaction.
_AT_ONCE = 100

routes = APIRouter(prefix="/v1/sources", tags=["sources"])


class SourceList(BaseModel):
    """All sources, by name, and how each fares."""

    sources: list[SourceHealth]


class HubReports(BaseModel):
    """The feeds of a source, and how the hub of each fares."""

    feeds: list[HubReport]


class ProbeWanted(BaseModel):
    """A site to be surveyed; `samples` is how many of its articles are tried.

    `delay` is the least pause between two requests to a host, if not the defaults'.
    """

    model_config = ConfigDict(extra="forbid")

    url: WebAddress
    samples: int = Field(default=3, ge=0, le=50, strict=True)
    delay: Duration | None = None


class Proposed(BaseModel):
    """The source that a survey proposes, as it can be added."""

    name: str
    home: str
    feeds: list[str]
    sitemaps: list[str]
    sections: list[str]
    language: str | None
    render: Render | None


class Probed(BaseModel):
    """What a survey found, and the source that it proposes.

    `given` is what the URL was found to be, `articles_a_day` what the watched lists
    announce, `signals` what the site says of uses.
    """

    given: Given
    home: str
    articles_a_day: float | None
    language: str | None
    robots: RobotsSeen
    signals: tuple[Signal, ...]
    lists: tuple[ListSummary, ...]
    samples: tuple[SampleSeen, ...]
    source: Proposed


class Entered(BaseModel):
    """A source that was added."""

    id: int
    name: str
    state: str


class BoostWanted(BaseModel):
    """For how many hours a source is read as often as may be; 0 ends it."""

    model_config = ConfigDict(extra="forbid")

    hours: Annotated[float, Field(ge=0, le=MOST_BOOST_HOURS, strict=True)]


class Boosted(BaseModel):
    """Until when a source is boosted; None when it is not."""

    name: str
    boost_until: datetime | None


class Due(BaseModel):
    """How many lists of a source are due now.

    `rests_until` is set while a host of theirs is left alone: it is read after that.
    """

    name: str
    lists: int
    rests_until: datetime | None = None


class ImportWanted(BaseModel):
    """Sources to be added together."""

    model_config = ConfigDict(extra="forbid")

    sources: list[Source] = Field(min_length=1, max_length=10_000)


class ImportDone(BaseModel):
    """Sources that were added."""

    sources: list[Entered]


class SourceChange(Manners):
    """Settings to change; what is not named stays, and null takes a setting back."""

    home: WebAddress | None = None
    feeds: tuple[WebAddress, ...] | None = None
    sitemaps: tuple[WebAddress, ...] | None = None
    sections: tuple[WebAddress, ...] | None = None
    group: str | None = None
    state: Literal["active", "paused"] | None = None


class Changed(BaseModel):
    """A source's settings as they are now."""

    name: str
    settings: dict[str, Any]


class Standing(BaseModel):
    """A source's state after a change."""

    name: str
    state: str


@routes.get("")
def get_sources(service: GivenService) -> SourceList:
    """List the sources and how each fares."""
    with service.session() as session:
        found = source_health(
            session, service.means.now(), closed=service.means.closed()
        )
    return SourceList(sources=[one for one in found if one.state != REMOVED])


@routes.get("/{name}/coverage")
def get_coverage(service: GivenService, name: Name) -> Coverage:
    """Tell what each kind of list named of a source's articles, and what all miss."""
    with service.session() as session:
        row = source_or_404(session, name)
        return source_coverage(session, int(row.id or 0), service.means.now())


@routes.get("/{name}/websub")
def get_websub(service: GivenService, name: Name) -> HubReports:
    """Tell how the subscriptions of a source's feeds at their hubs stand."""
    now = service.means.now()
    with service.session() as session:
        feeds = feeds_with_hubs(session, int(source_or_404(session, name).id or 0))
    return HubReports(feeds=[hub_report(url, known, now) for url, known in feeds])


@routes.post(
    "",
    status_code=201,
    responses={200: {"model": Entered, "description": "It was known, and is renewed"}},
)
async def post_source(
    service: GivenService, source: Source, response: Response
) -> Entered:
    """Add a source, or renew one that was added so before (200)."""

    def add(tx: Tx) -> tuple[Entered, bool]:
        known = _refuse_clash(_by_name(tx.session), source, service.config)
        return _enter(tx, source, service), known

    entered, known = await service.means.writer.run(add)
    await service.reload_sources()
    if known:
        response.status_code = 200
    return entered


async def add_new_source(service: Service, source: Source) -> Entered:
    """Add a source of a name that none has.

    Raises:
        ConfigError: the settings do not fit.
        HTTPException: 409, there is a source of this name.
    """

    def add(tx: Tx) -> Entered:
        if _refuse_clash(_by_name(tx.session), source, service.config):
            raise HTTPException(409, f"There is a source {source.name!r} already.")
        return _enter(tx, source, service)

    entered = await service.means.writer.run(add)
    await service.reload_sources()
    return entered


def _enter(tx: Tx, source: Source, service: Service) -> Entered:
    return _entered(add_source(tx.session, source, service.config, service.means.now()))


def _entered(row: SourceRow) -> Entered:
    return Entered(id=int(row.id or 0), name=row.name, state=row.state)


@routes.post("/import", status_code=201)
async def post_import(service: GivenService, wanted: ImportWanted) -> ImportDone:
    """Add sources; where one is refused, none is added."""
    await asyncio.to_thread(_refuse_clashes, service, wanted.sources)

    def add(some: Sequence[Source], tx: Tx) -> list[Entered]:
        now = service.means.now()
        return list(map(_entered, add_sources(tx.session, some, service.config, now)))

    done: list[Entered] = []
    for at in range(0, len(wanted.sources), _AT_ONCE):  # others write in between
        some = wanted.sources[at : at + _AT_ONCE]
        done += await service.means.writer.run(partial(add, some))
    await service.reload_sources()
    return ImportDone(sources=done)


@routes.post("/probe")
async def post_probe(service: GivenService, wanted: ProbeWanted) -> Probed:
    """Survey a site without adding it: what would be watched, and sample articles.

    Takes as long as politeness demands, some seconds a sample; nobody else visits
    its hosts meanwhile. 409 where robots.txt forbids it, 422 where it is nothing to
    watch, 424 where it cannot be had, 429 where its host is being visited or rests.
    """
    means = service.means
    delay = means.stray.delay if wanted.delay is None else wanted.delay
    async with (
        means.new_client() as client,
        Claims(means, client, delay, PROBE_PATIENCE) as turns,
    ):
        by = Surveyor(
            asker=Asker(service.config, client, turns),
            extract=means.pool.extract,
            tell=lambda step: means.log.debug("probing", step=step),
            now=means.now(),
        )
        prospect = await survey(wanted.url, by, wanted.samples)
    found = summary(prospect)
    name = (urlsplit(prospect.home).hostname or "").removeprefix("www.")
    proposed = proposed_source(prospect, name).model_dump(mode="json")
    return Probed(
        **{one.name: getattr(found, one.name) for one in fields(found)},
        source=Proposed.model_validate(proposed),
    )


@routes.patch("/{name}")
async def patch_source(
    service: GivenService, name: Name, wanted: SourceChange
) -> Changed:
    """Change settings of a source that was added by command or API.

    409 for one of config.yaml, which alone says how that one is treated.
    """
    given = wanted.model_dump(mode="json", exclude_unset=True)
    source = await change_source(service, name, given)
    return Changed(name=source.name, settings=source.model_dump(mode="json"))


@routes.delete("/{name}")
async def delete_source(service: GivenService, name: Name) -> Standing:
    """Watch a source no longer; what is archived of it stays.

    409 for one of config.yaml: taken out there, it is removed.
    """

    def remove(tx: Tx) -> Standing:
        row = source_or_404(tx.session, name)
        _refuse_configured(row)
        set_state(tx.session, row, REMOVED, service.means.now())
        return Standing(name=row.name, state=row.state)

    removed = await service.means.writer.run(remove)
    await service.reload_sources()
    return removed


@routes.post("/{name}/pause")
async def post_pause(service: GivenService, name: Name) -> Standing:
    """Pause a source: nothing of it is fetched until it is resumed."""
    return await _set_state(service, name, PAUSED)


@routes.post("/{name}/resume")
async def post_resume(service: GivenService, name: Name) -> Standing:
    """Resume a source: what is due of it is fetched again."""
    return await _set_state(service, name, ACTIVE)


@routes.post("/{name}/boost")
async def post_boost(service: GivenService, name: Name, wanted: BoostWanted) -> Boosted:
    """Read a source's lists as often as may be for some hours, from now on."""

    def change(tx: Tx) -> Boosted:
        row = source_or_404(tx.session, name)
        length = timedelta(hours=wanted.hours)
        until = boost(tx.session, row, length, service.means.now())
        return Boosted(name=row.name, boost_until=until)

    boosted = await service.means.writer.run(change)
    await service.reload_sources()
    return boosted


@routes.post("/{name}/poll")
async def post_poll(service: GivenService, name: Name) -> Due:
    """Make all lists of a source due now; its host's turn is waited for."""

    def change(tx: Tx) -> Due:
        row = source_or_404(tx.session, name)
        now = service.means.now()
        lists = read_now(tx.session, row, now)
        rests = lists_rest_until(tx.session, row, now)
        return Due(name=row.name, lists=lists, rests_until=rests)

    return await service.means.writer.run(change)


async def change_source(
    service: Service, name: str, given: Mapping[str, Any]
) -> Source:
    """Change settings of a source, None takes one back; return it as it is now.

    Raises:
        HTTPException: there is no such source, or config.yaml has it.
        ConfigError: the settings do not fit.
    """

    def change(tx: Tx) -> Source:
        row = source_or_404(tx.session, name)
        _refuse_configured(row)
        source = _merged(row.settings, given)
        _refuse_group(source, service.config)
        add_source(tx.session, source, service.config, service.means.now())
        return source

    changed = await service.means.writer.run(change)
    await service.reload_sources()
    return changed


def _merged(settings: Mapping[str, Any], given: Mapping[str, Any]) -> Source:
    """Return settings with some of them changed (RFC 7396)."""
    kept = {name: value for name, value in settings.items() if name not in given}
    named = {name: value for name, value in given.items() if value is not None}
    try:
        return Source.model_validate(kept | named)
    except ValidationError as error:
        raise ConfigError([said_of(fault) for fault in error.errors()]) from error


def _refuse_configured(row: SourceRow) -> None:
    if row.origin == FROM_CONFIG:
        raise HTTPException(
            409, f"{row.name!r} is listed in config.yaml; it is changed there."
        )


def _refuse_group(source: Source, config: Config) -> None:
    if source.group is not None and source.group not in config.groups:
        raise ConfigError([f"group: no group {source.group!r} in config.yaml"])


def _refuse_clashes(service: Service, sources: Sequence[Source]) -> None:
    """Refuse sources of one name, and what only config.yaml may change."""
    names = Counter(source.name.casefold() for source in sources)
    twice = [source.name for source in sources if names[source.name.casefold()] > 1]
    if twice:
        raise HTTPException(409, f"The source {twice[0]!r} is named more than once.")
    with service.session() as session:
        known = _by_name(session)
    for source in sources:
        _refuse_clash(known, source, service.config)


def _by_name(session: Session) -> dict[str, SourceRow]:
    return {row.name.casefold(): row for row in list_sources(session)}


def _refuse_clash(
    known: Mapping[str, SourceRow], source: Source, config: Config
) -> bool:
    """Tell whether a source is known; refuse what only config.yaml may change."""
    _refuse_group(source, config)
    row = known.get(source.name.casefold())
    if row is None:
        return False
    if row.name != source.name or row.origin == FROM_CONFIG:
        raise HTTPException(409, f"There is a source {row.name!r} already.")
    return True


async def _set_state(service: Service, name: str, state: str) -> Standing:
    def change(tx: Tx) -> Standing:
        row = source_or_404(tx.session, name)
        now = service.means.now()
        put_state(tx.session, row, state, service.config, now)
        return Standing(name=row.name, state=row.state)

    standing = await service.means.writer.run(change)
    await service.reload_sources()
    return standing
