"""Why an address is archived or not; and fetch it now."""

import asyncio
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from crawler.config.limits import fetch_limits
from crawler.errors import BadUrl
from crawler.kept.dossier import Dossier, dossier_of
from crawler.kept.explaining import explain_kept
from crawler.service.service import Service
from crawler.urls import linked_url
from crawler.web.forms import read_form, see
from crawler.web.given import GivenJobs, GivenService, GivenTurns, Owner
from crawler.web.render import render

routes = APIRouter(include_in_schema=False)

#: How long a browser waits for a fetch.
_PATIENCE = timedelta(seconds=30)
_Url = Annotated[str, Query(max_length=8000)]


@routes.get("/explain")
async def get_explanation(
    service: GivenService, turns: GivenTurns, url: _Url = ""
) -> HTMLResponse:
    """Show where an address stands and why, its captures, and how its page was read."""
    if not url.strip():
        return _page("")
    try:
        address = linked_url(url)
    except BadUrl as error:
        return _page(url, fault=str(error))
    found = await asyncio.to_thread(_known, service, address)
    told = None
    if found is not None and found.reread is not None:
        async with turns:
            limits = fetch_limits(service.config)
            told = await explain_kept(service.folder, limits, found.reread)
    return _page(url, found=found, told=told)


@routes.post("/fetch")
async def post_fetch(request: Request, jobs: GivenJobs, owner: Owner) -> Response:
    """Fetch and archive an address now, then show where it stands.

    What takes long goes on as a job meanwhile.
    """
    url = (await read_form(request)).get("url", "").strip()
    try:
        await jobs.fetch(url, {"url": url, "format": "json"}, owner, _PATIENCE)
    except BadUrl as error:
        return _page(url, fault=str(error))
    return see(f"/explain?{urlencode({'url': url})}")


def _known(service: Service, address: str) -> Dossier | None:
    with service.session() as session:
        return dossier_of(session, service.config, address)


def _page(
    url: str, *, found: Dossier | None = None, told: object = None, fault: str = ""
) -> HTMLResponse:
    is_shown = found is not None and found.is_shown
    return render(
        "explain_url.html",
        status=422 if fault else 200,
        url=url,
        fault=fault,
        link=found.link if found else None,
        article=found.article if found else None,
        captures=found.captures if found and is_shown else [],
        told=told,
    )
