"""The rule lab: site rules tried on what is kept of a source, before they are set."""

from typing import Annotated, Any
from urllib.parse import quote

import yaml
from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import TypeAdapter

from crawler.config.tree import RuleSets
from crawler.errors import CrawlError
from crawler.web.api.rules import (
    LabReport,
    RulesTried,
    RulesWanted,
    get_rules,
    post_rules_tried,
    put_rules,
)
from crawler.web.forms import fault_of, read_form, see
from crawler.web.given import GivenService, GivenTurns, Name
from crawler.web.reads import source_or_404
from crawler.web.render import render
from storage.sql.sources import FROM_CONFIG

routes = APIRouter(prefix="/sources/{name}/rules", include_in_schema=False)

_SAMPLES = 5
_RULES: TypeAdapter[RuleSets] = TypeAdapter(Annotated[RuleSets, ...])


@routes.get("")
def get_lab(service: GivenService, name: Name) -> HTMLResponse:
    """Show the rules in force, to be changed and tried."""
    held = get_rules(service, name)
    text = _written(
        [one.model_dump(mode="json", exclude_none=True) for one in held.rules]
    )
    return _page(service, name, text, given_by=held.given_by)


@routes.post("")
async def post_try(
    request: Request, service: GivenService, turns: GivenTurns, name: Name
) -> Response:
    """Try rules on kept pages; nothing is kept of it."""
    form = await read_form(request)
    text = form.get("rules", "")
    try:
        samples = form.get("samples", "")
        count = int(samples) if samples.isdecimal() else samples
        wanted = RulesTried.model_validate({"rules": _read(text), "captures": count})
        report = await post_rules_tried(service, turns, name, wanted)
    except (ValueError, yaml.YAMLError, HTTPException, CrawlError) as error:
        return _page(service, name, text, fault=_fault(error))
    return _page(service, name, text, samples=wanted.captures, report=report)


@routes.post("/set")
async def post_set(request: Request, service: GivenService, name: Name) -> Response:
    """Have rules hold for a source from now on; what is archived stays as it is."""
    text = (await read_form(request)).get("rules", "")
    try:
        await put_rules(service, name, RulesWanted(rules=_read(text)))
    except (ValueError, yaml.YAMLError, HTTPException, CrawlError) as error:
        return _page(service, name, text, fault=_fault(error))
    return see(f"/sources/{quote(name, safe='')}?done=rules")


def _read(text: str) -> RuleSets:
    """Return the rules of a text: YAML, a set of rules or a list of sets."""
    given = yaml.safe_load(text)
    return _RULES.validate_python([given] if isinstance(given, dict) else given)


def _fault(error: Exception) -> str:
    """Return what is wrong with rules; of what is no YAML, in which line."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return fault_of(error)
    mark, why = error.problem_mark, error.problem or "it cannot be read"
    return f"rules{f', line {mark.line + 1}' if mark else ''}: not valid YAML: {why}"


def _written(rules: list[dict[str, Any]]) -> str:
    plain = [{key: one for key, one in rule.items() if one} for rule in rules]
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False) if plain else ""


def _page(  # noqa: PLR0913  # what the page shows
    service: GivenService,
    name: str,
    text: str,
    *,
    given_by: str | None = None,
    samples: int = _SAMPLES,
    report: LabReport | None = None,
    fault: str = "",
) -> HTMLResponse:
    with service.session() as session:
        origin = source_or_404(session, name).origin
    return render(
        "rule_lab.html",
        status=422 if fault else 200,
        name=name,
        place=f"/sources/{quote(name, safe='')}",
        text=text,
        given_by=given_by,
        is_set_here=origin != FROM_CONFIG,
        samples=samples,
        report=report,
        fault=fault,
    )
