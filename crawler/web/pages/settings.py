"""The settings as the service uses them, and who may ask it: to read only."""

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from pydantic import SecretStr

from crawler.config import Config
from crawler.units import write_duration
from crawler.web.given import GivenService
from crawler.web.render import render
from storage.sql.tokens import list_tokens

routes = APIRouter(include_in_schema=False)

_LISTED = {"sources", "groups"}


@routes.get("/settings")
def get_settings(service: GivenService) -> HTMLResponse:
    """Show the settings and the tokens."""
    with service.session() as session:
        tokens = list_tokens(session)
    return render("settings.html", parts=_parts(service.config), tokens=tokens)


def _parts(config: Config) -> dict[str, dict[str, str]]:
    said = config.model_dump()
    parts = {
        name: {key: _written(value) for key, value in values.items()}
        for name, values in said.items()
        if name not in _LISTED
    }
    counts = {name: str(len(said[name])) for name in sorted(_LISTED)}
    return parts | {"listed in config.yaml": counts}


def _written(value: Any) -> str:  # noqa: ANN401  # whatever a setting may be
    match value:
        case None | "" | ():
            return "—"
        case SecretStr():
            return "set, not shown" if value.get_secret_value() else "—"
        case timedelta():
            return write_duration(value)
        case tuple() | list() | frozenset() | set():
            return ", ".join(sorted(map(str, value))) or "—"
        case dict():
            return ", ".join(f"{key}: {_written(one)}" for key, one in value.items())
    return str(value)
