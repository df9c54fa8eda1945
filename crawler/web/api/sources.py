"""Sources: list them, add one, pause, resume, boost and poll one."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from crawler.config import Config, Source
from crawler.errors import ConfigError
from crawler.service import Service
from crawler.watching import MOST_BOOST_HOURS, add_source, boost, read_now
from crawler.web.given import NEEDS_TOKEN, GivenService
from crawler.web.reads import source_or_404
from storage.sql.health import SourceHealth, source_health
from storage.sql.sources import FROM_CONFIG, PAUSED, REMOVED, list_sources, set_state
from storage.sql.tables import ACTIVE
from storage.writer import Tx

routes = APIRouter(prefix="/v1/sources", tags=["sources"])


class SourceList(BaseModel):
    """All sources, by name, and how each fares."""

    sources: list[SourceHealth]


class Entered(BaseModel):
    """A source that was added."""

    id: int
    name: str
    state: str


class BoostWanted(BaseModel):
    """For how many hours a source is read as often as may be; 0 ends it."""

    model_config = ConfigDict(extra="forbid")

    hours: Annotated[float, Field(ge=0, le=MOST_BOOST_HOURS)]


class Boosted(BaseModel):
    """Until when a source is boosted; None when it is not."""

    name: str
    boost_until: datetime | None


class Due(BaseModel):
    """How many lists of a source are due now."""

    name: str
    lists: int


class Standing(BaseModel):
    """A source's state after a change."""

    name: str
    state: str


@routes.get("")
def get_sources(service: GivenService) -> SourceList:
    """List the sources and how each fares."""
    with service.session() as session:
        found = source_health(session, service.means.now())
    return SourceList(sources=[one for one in found if one.state != REMOVED])


@routes.post("", status_code=201, dependencies=[NEEDS_TOKEN])
async def post_source(
    service: GivenService, source: Source, response: Response
) -> Entered:
    """Add a source, or renew one that was added so before (200)."""

    def add(tx: Tx) -> tuple[Entered, bool]:
        known = _refuse_clash(tx.session, source, service.config)
        row = add_source(tx.session, source, service.config, service.means.now())
        return Entered(id=int(row.id or 0), name=row.name, state=row.state), known

    entered, known = await service.means.writer.run(add)
    await service.reload_sources()
    if known:
        response.status_code = 200
    return entered


@routes.post("/{name}/pause", dependencies=[NEEDS_TOKEN])
async def post_pause(service: GivenService, name: str) -> Standing:
    """Pause a source: nothing of it is fetched until it is resumed."""
    return await _set_state(service, name, PAUSED)


@routes.post("/{name}/resume", dependencies=[NEEDS_TOKEN])
async def post_resume(service: GivenService, name: str) -> Standing:
    """Resume a source: what is due of it is fetched again."""
    return await _set_state(service, name, ACTIVE)


@routes.post("/{name}/boost", dependencies=[NEEDS_TOKEN])
async def post_boost(service: GivenService, name: str, wanted: BoostWanted) -> Boosted:
    """Read a source's lists as often as may be for some hours, from now on."""

    def change(tx: Tx) -> Boosted:
        row = source_or_404(tx.session, name)
        length = timedelta(hours=wanted.hours)
        until = boost(tx.session, row, length, service.means.now())
        return Boosted(name=row.name, boost_until=until)

    boosted = await service.means.writer.run(change)
    await service.reload_sources()
    return boosted


@routes.post("/{name}/poll", dependencies=[NEEDS_TOKEN])
async def post_poll(service: GivenService, name: str) -> Due:
    """Make all lists of a source due now; its host's turn is waited for."""

    def change(tx: Tx) -> Due:
        row = source_or_404(tx.session, name)
        return Due(name=row.name, lists=read_now(tx.session, row, service.means.now()))

    return await service.means.writer.run(change)


def _refuse_clash(session: Session, source: Source, config: Config) -> bool:
    """Tell whether a source is known; refuse what only config.yaml may change."""
    if source.group is not None and source.group not in config.groups:
        raise ConfigError([f"group: no group {source.group!r} in config.yaml"])
    for row in list_sources(session):
        if row.name == source.name and row.origin != FROM_CONFIG:
            return True
        if row.name.casefold() == source.name.casefold():
            raise HTTPException(409, f"There is a source {row.name!r} already.")
    return False


async def _set_state(service: Service, name: str, state: str) -> Standing:
    def change(tx: Tx) -> Standing:
        row = source_or_404(tx.session, name)
        set_state(tx.session, row, state, service.means.now())
        return Standing(name=row.name, state=row.state)

    standing = await service.means.writer.run(change)
    await service.reload_sources()
    return standing
