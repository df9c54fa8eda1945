"""The settings in force, and reading them again."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from crawler.config.keys import SettingDifference, is_live, origin, shown
from crawler.service.reloading import reload
from crawler.web.given import GivenService

routes = APIRouter(prefix="/v1/config", tags=["config"])


class Setting(BaseModel):
    """One setting as it is in force.

    Attributes:
        key: Its path, as in `defaults.delay`; a source goes by its name.
        value: As JSON; secrets are `[redacted]`.
        origin: `file`, `environment` or `default`.
        is_live: Whether a reload takes it up; else a restart is needed.
    """

    key: str
    value: Any
    origin: str
    is_live: bool


class Settings(BaseModel):
    """All settings; those that are not set are left out."""

    file: str | None
    settings: list[Setting]


class Reloaded(BaseModel):
    """What differs between the settings that were in force and those of the file."""

    differences: list[SettingDifference]


@routes.get("")
def get_config(service: GivenService) -> Settings:
    """Return the settings in force, and where each came from; secrets are masked."""
    loaded = service.loaded
    given = loaded.given if loaded else {}
    return Settings(
        file=str(loaded.path) if loaded else None,
        settings=[
            Setting(
                key=key, value=value, origin=origin(key, given), is_live=is_live(key)
            )
            for key, value in shown(service.config).items()
        ],
    )


@routes.post("/reload")
async def post_reload(service: GivenService) -> Reloaded:
    """Read config.yaml again and take up what needs no restart; tell what differs.

    422 with all problems where it cannot be used: the old settings stay in force.
    """
    return Reloaded(differences=list(await reload(service)))
