"""What is known of a URL: its line of the ledger, its captures, how it was read."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel

from crawler.config.limits import fetch_limits
from crawler.extract.explanation import Explanation
from crawler.kept.dossier import Dossier, dossier_of
from crawler.kept.explaining import explain_kept
from crawler.service.service import Service
from crawler.urls import linked_url
from crawler.web.api.ledger import Entry
from crawler.web.given import GivenService, GivenTurns, Id

routes = APIRouter(prefix="/v1", tags=["ledger"])


class LinkCapture(BaseModel):
    """A capture of a link; `verdict` and `evidence` say what its page was found to be."""

    id: int
    fetched_at: datetime
    status: int
    content_type: str | None
    truncated: str | None
    verdict: str | None
    evidence: list[str]
    revisit_of: int | None
    rendered_from: int | None
    segment: str
    offset: int
    length: int
    payload_sha256: str


class LinkArticle(BaseModel):
    """The article of a link, and which version stands."""

    id: int
    title: str
    url: str
    state: str
    versions: int
    version: int | None
    extractor: str | None
    first_seen: datetime
    last_seen: datetime


class LinkAccount(BaseModel):
    """All that is known of a URL; captures come newest first, 50 at most.

    `found_on` is where it was found. Of what was taken down only its line is told.
    """

    link: Entry
    found_on: str | None
    captures: list[LinkCapture]
    article: LinkArticle | None


class LinkExplanation(LinkAccount):
    """With it how its page was read; None where none was captured."""

    explanation: Explanation | None


@routes.get("/links/{link_id}")
def get_link(service: GivenService, link_id: Id) -> LinkAccount:
    """Tell where a link stands and why, and which captures there are of it."""
    found = _dossier(service, f"link:{link_id}")
    return LinkAccount.model_validate(_account(found))


@routes.get("/explain")
async def get_explanation_of_url(
    service: GivenService,
    turns: GivenTurns,
    url: Annotated[str, Query(max_length=8000)],
) -> LinkExplanation:
    """Explain a URL: where it stands and why, its captures, how its page was read.

    What it takes to read the page again starts a process; a few run at a time.
    """
    address = linked_url(url)
    found = await asyncio.to_thread(_dossier, service, address)
    told = None
    if found.reread is not None:
        async with turns:
            limits = fetch_limits(service.config)
            told = await explain_kept(service.folder, limits, found.reread)
    return LinkExplanation.model_validate({**_account(found), "explanation": told})


def _dossier(service: Service, reference: str) -> Dossier:
    with service.session() as session:
        found = dossier_of(session, service.config, reference)
    if found is None:
        raise HTTPException(404, f"{reference} was never seen.")
    return found


def _account(found: Dossier) -> dict[str, Any]:
    return {
        "link": found.link if found.is_shown else {**found.link, "title": None},
        "found_on": found.link["found_on"],
        "captures": [_capture(one) for one in found.captures] if found.is_shown else [],
        "article": found.article,
    }


def _capture(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "evidence": row["evidence"] or []}
