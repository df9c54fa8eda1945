"""The settings as the service uses them, and who may ask it: to read only."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from crawler.web.api.config import get_config
from crawler.web.given import GivenService
from crawler.web.render import render
from storage.sql.tokens import list_tokens

routes = APIRouter(include_in_schema=False)


@routes.get("/settings")
def get_settings(service: GivenService) -> HTMLResponse:
    """Show the settings in force and the tokens."""
    with service.session() as session:
        tokens = list_tokens(session)
    return render("settings.html", config=get_config(service), tokens=tokens)
