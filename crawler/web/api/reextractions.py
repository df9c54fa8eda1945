"""Re-extractions: put a shadow run's readings in place, or back."""

from typing import Annotated

from fastapi import APIRouter, Path

from crawler.reextract.placing import promote_run, roll_run_back
from crawler.web.given import GivenService
from storage.sql.reextraction import Replaced

routes = APIRouter(prefix="/v1/reextractions", tags=["reextractions"])

_Run = Annotated[str, Path(pattern=r"^[0-9TZ-]{1,40}$")]


@routes.post("/{run}/promote")
async def post_promote(service: GivenService, run: _Run) -> Replaced:
    """Put a shadow run's new readings in the place of the old ones."""
    return await promote_run(service, run)


@routes.post("/{run}/rollback")
async def post_rollback(service: GivenService, run: _Run) -> Replaced:
    """Put back what stood before a run was promoted."""
    return await roll_run_back(service, run)
