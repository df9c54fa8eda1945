"""Site rules of a source: read, set, and tried on what is kept of it."""

import asyncio
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from crawler.config.plan import plan_for
from crawler.config.tree import Config, Rules, RuleSets, Source
from crawler.extract.readers.rules import RuleMatch
from crawler.service.service import Service
from crawler.sources.rule_coverage import fields_of
from crawler.sources.rule_lab import Lab, Sample, Tried, samples_of_source
from crawler.web.api.sources import change_source
from crawler.web.given import GivenService, GivenTurns, Name
from crawler.web.reads import source_or_404
from storage.model.extraction import Extraction
from storage.model.verdict import VerdictKind
from storage.worddiff import DiffPart

routes = APIRouter(prefix="/v1/sources", tags=["sources"])


class RulesOut(BaseModel):
    """The site rules that hold for a source, and whose they are; None for no rules."""

    source: str
    given_by: Literal["source", "group", "defaults"] | None
    rules: list[Rules]


class RulesWanted(BaseModel):
    """Sets of site rules; None lets those of the group or the defaults hold."""

    model_config = ConfigDict(extra="forbid")

    rules: RuleSets | None


class RulesTried(BaseModel):
    """Sets of site rules to try, and on how many of the newest articles, or on which."""

    model_config = ConfigDict(extra="forbid")

    rules: RuleSets
    captures: Annotated[int, Field(ge=1, le=20, strict=True)] = 5
    articles: Annotated[
        list[Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)]] | None,
        Field(min_length=1, max_length=20),
    ] = None


class PageReading(BaseModel):
    """How a page reads."""

    verdict: VerdictKind
    title: str | None
    authors: list[str]
    published: str | None
    language: str | None
    blocks: int
    characters: int
    removed: int


class PageTried(BaseModel):
    """How a kept page reads by the rules in force, and by those that were given.

    `changed` are the fields that differ, `text` is what differs in the text, in parts.
    `why` says why a page cannot be read.
    """

    article_id: int
    version: int
    capture_id: int
    url: str
    captured_at: datetime
    before: PageReading | None
    after: PageReading | None
    changed: list[str]
    text: list[DiffPart]
    rules: list[RuleMatch]
    why: str | None


class RuleCount(BaseModel):
    """On how many pages a rule held, matched something, and was taken."""

    key: str
    rule: str
    pages: int
    matched: int
    taken: int


class LabReport(BaseModel):
    """What rules would change; nothing of it is kept."""

    source: str
    pages: list[PageTried]
    rules: list[RuleCount]


@routes.get("/{name}/rules")
def get_rules(service: GivenService, name: Name) -> RulesOut:
    """Return the site rules that hold for a source, and whose they are."""
    with service.session() as session:
        row = source_or_404(session, name)
        return _rules(Source.model_validate(row.settings), service.config)


@routes.put("/{name}/rules")
async def put_rules(service: GivenService, name: Name, wanted: RulesWanted) -> RulesOut:
    """Set a source's own site rules; what is archived stays until it is read again."""
    given = wanted.model_dump(mode="json", exclude_none=True)
    source = await change_source(service, name, {"rules": given.get("rules")})
    return _rules(source, service.config)


@routes.post("/{name}/rules/try")
async def post_rules_tried(
    service: GivenService, turns: GivenTurns, name: Name, wanted: RulesTried
) -> LabReport:
    """Read kept pages of a source by rules, beside those in force; nothing is kept.

    Takes about a second a page.
    """
    samples = await asyncio.to_thread(_samples, service, name, wanted)
    lab = Lab(reader=service, pool=service.means.pool, turns=turns)
    tried, coverage = await lab.try_all(samples, wanted.rules)
    return LabReport.model_validate(
        {"source": name, "pages": map(_page, tried), "rules": coverage.rules()}
    )


def _samples(service: Service, name: str, wanted: RulesTried) -> list[Sample]:
    with service.session() as session:
        row = source_or_404(session, name)
        found = samples_of_source(
            session, service, int(row.id or 0), wanted.captures, wanted.articles
        )
    if not found:
        raise HTTPException(409, f"No article of {name!r} is archived to try them on.")
    return found


def _rules(source: Source, config: Config) -> RulesOut:
    group = config.groups.get(source.group or "")
    givers = {"source": source, "group": group, "defaults": config.defaults}
    who = next((k for k, v in givers.items() if v and v.rules is not None), None)
    rules = list(plan_for(source, config).rules or ())
    return RulesOut.model_validate(
        {"source": source.name, "given_by": who, "rules": rules}
    )


def _page(one: Tried) -> dict[str, Any]:
    capture = one.sample.capture
    return {
        "article_id": one.sample.article_id,
        "version": one.sample.version,
        "capture_id": capture.id,
        "url": capture.url,
        "captured_at": capture.fetched_at,
        "before": _reading(one.before),
        "after": _reading(one.after),
        "changed": one.changed,
        "text": one.text,
        "rules": one.rules,
        "why": one.why or None,
    }


def _reading(extraction: Extraction | None) -> dict[str, Any] | None:
    if extraction is None:
        return None
    return {"verdict": extraction.verdict.kind, **fields_of(extraction)}
