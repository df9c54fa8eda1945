"""What was taken down: how deep, when, and on what ground."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from crawler.takedown import all_taken
from crawler.web.given import GivenService
from crawler.web.render import render

routes = APIRouter(include_in_schema=False)


@routes.get("/takedowns")
def get_takedowns(service: GivenService) -> HTMLResponse:
    """Show all takedowns, newest first."""
    with service.session() as session:
        return render("takedowns.html", takedowns=all_taken(session))
