"""Sources: list them, add one, pause and resume one."""

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel
from sqlmodel import Session

from crawler.config import Config, Source
from crawler.errors import ConfigError
from crawler.service import Service
from crawler.watching import add_source
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
