"""Add a source: look at a site, see what would be archived of it, watch it."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from crawler.config.tree import Source
from crawler.errors import CrawlError
from crawler.units import write_duration
from crawler.web.api.sources import Probed, ProbeWanted, add_new_source, post_probe
from crawler.web.forms import fault_of, read_form, see
from crawler.web.given import GivenService
from crawler.web.render import render
from storage.sql.sources import list_sources

routes = APIRouter(include_in_schema=False)

_SAMPLES = 5
_LISTS = ("feeds", "sitemaps", "sections")
#: Before the name of a list that the form shows, chosen or not.
_SHOWN = "shown."


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A source as the form has it, before it is watched.

    Attributes:
        render: `auto` where a browser is to show its articles; else nothing.
        lists: Kind, address and whether it is chosen, of each list.
    """

    home: str
    name: str
    language: str
    delay: str
    render: str
    lists: tuple[tuple[str, str, bool], ...]


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
    draft = _proposed(found) if any(seen.used for seen in found.lists) else None
    return _page(service, url, wanted.samples, found=found, draft=draft)


@routes.post("/sources")
async def post_add(request: Request, service: GivenService) -> Response:
    """Watch a source as the form has it; what was known by its name stays as it is."""
    draft = _sent(await read_form(request))
    fields = {name: getattr(draft, name) for name in ("language", "delay", "render")}
    said = {name: value for name, value in fields.items() if value}
    lists = {
        kind: [address for of, address, chosen in draft.lists if of == kind and chosen]
        for kind in _LISTS
    }
    try:
        source = Source.model_validate(
            {"name": draft.name, "home": draft.home} | said | lists
        )
        added = await add_new_source(service, source)
    except (ValidationError, CrawlError, HTTPException) as error:
        return _page(service, draft.home, _SAMPLES, draft=draft, fault=fault_of(error))
    return see(f"/sources/{quote(added.name, safe='')}")


def _proposed(found: Probed) -> Draft:
    """Return the source that a survey proposes, all its lists chosen."""
    source = found.source
    return Draft(
        home=found.home,
        name=source.name,
        language=found.language or "",
        delay="",
        render=source.render or "",
        lists=tuple(
            (kind, address, True)
            for kind in _LISTS
            for address in getattr(source, kind)
        ),
    )


def _sent(form: Mapping[str, str]) -> Draft:
    """Return what a form says; all lists are in it, and once more those chosen."""
    shown = {name.removeprefix(_SHOWN): address for name, address in form.items()}
    lists = [(name.partition(".")[0], name) for name in shown]
    return Draft(
        home=form.get("home", "").strip(),
        name=form.get("name", "").strip(),
        language=form.get("language", "").strip(),
        delay=form.get("delay", "").strip(),
        render=form.get("render", ""),
        lists=tuple(
            (kind, shown[name], name in form) for kind, name in lists if kind in _LISTS
        ),
    )


def _page(
    service: GivenService,
    url: str,
    samples: int,
    *,
    found: Probed | None = None,
    draft: Draft | None = None,
    fault: str = "",
) -> HTMLResponse:
    with service.session() as session:
        names = {row.home: row.name for row in list_sources(session)} if draft else {}
    return render(
        "add_source.html",
        status=422 if fault else 200,
        url=url,
        samples=samples,
        found=found,
        draft=draft,
        watched_as=names.get(draft.home) if draft else None,
        fault=fault,
        usual_delay=write_duration(service.means.stray.delay),
    )
