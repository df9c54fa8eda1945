"""Add a source: look at a site, see what would be archived of it, watch it."""

from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi import Response as Plain
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from crawler.config import Source
from crawler.errors import CrawlError
from crawler.units import write_duration
from crawler.web.api.sources import Probed, ProbeWanted, post_probe, post_source
from crawler.web.forms import fault_of, read_form, see
from crawler.web.given import GivenService
from crawler.web.render import render

routes = APIRouter(include_in_schema=False)

_SAMPLES = 5
_LISTS = ("feeds", "sitemaps", "sections")


@routes.get("/add")
def get_form(service: GivenService) -> HTMLResponse:
    """Ask for an address."""
    return _page(service, "", _SAMPLES)


@routes.post("/add")
async def post_look(request: Request, service: GivenService) -> Response:
    """Survey a site; nothing is added."""
    form = await read_form(request)
    url, samples = form.get("url", "").strip(), form.get("samples", "")
    address = url if "://" in url else f"https://{url}"
    try:
        count = int(samples) if samples.isdecimal() else samples
        wanted = ProbeWanted.model_validate({"url": address, "samples": count})
    except ValidationError as error:
        return _page(service, url, _SAMPLES, fault=fault_of(error))
    try:
        found = await post_probe(service, wanted)
    except (CrawlError, HTTPException) as error:
        return _page(service, url, wanted.samples, fault=fault_of(error))
    return _page(service, url, wanted.samples, found=found)


@routes.post("/sources")
async def post_add(request: Request, service: GivenService) -> Response:
    """Watch a source as the form has it."""
    form = await read_form(request)
    lists = {
        kind: [value for name, value in form.items() if name.startswith(f"{kind}.")]
        for kind in _LISTS
    }
    fields = {name: form[name] for name in ("language", "delay") if form.get(name)}
    said = {"name": form.get("name", ""), "home": form.get("home", "")}
    try:
        source = Source.model_validate(said | fields | lists)
    except ValidationError as error:
        return _page(service, said["home"], _SAMPLES, fault=fault_of(error))
    added = await post_source(service, source, Plain())
    return see(f"/sources/{quote(added.name, safe='')}")


def _page(
    service: GivenService,
    url: str,
    samples: int,
    *,
    found: Probed | None = None,
    fault: str = "",
) -> HTMLResponse:
    return render(
        "add_source.html",
        status=422 if fault else 200,
        url=url,
        samples=samples,
        found=found,
        fault=fault,
        usual_delay=write_duration(service.means.stray.delay),
    )
