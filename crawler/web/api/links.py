"""Links asked for by hand."""

import asyncio
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from crawler.ondemand import enter_link
from crawler.service import Service
from crawler.urls import fetch_url
from crawler.web.given import NEEDS_TOKEN, GivenService
from storage.model import LinkState
from storage.sql.tables import LinkRow

routes = APIRouter(prefix="/v1/links", tags=["ledger"])


class LinksWanted(BaseModel):
    """URLs to be fetched as articles."""

    model_config = ConfigDict(extra="forbid")

    urls: Annotated[list[str], Field(min_length=1, max_length=1000)]


class AddedLink(BaseModel):
    """A URL and the link it is in the ledger."""

    url: str
    link_id: int
    state: LinkState


class AddedLinks(BaseModel):
    """What was added, in the order it was asked for."""

    added: list[AddedLink]


@routes.post("", dependencies=[NEEDS_TOKEN])
async def post_links(service: GivenService, wanted: LinksWanted) -> AddedLinks:
    """Enter URLs into the ledger, due now; none of them when one is no URL."""
    for url in wanted.urls:
        fetch_url(url)
    ids = await asyncio.gather(*(enter_link(url, service.means) for url in wanted.urls))
    return await asyncio.to_thread(_added, service, wanted.urls, ids)


def _added(service: Service, urls: list[str], ids: list[int]) -> AddedLinks:
    with service.session() as session:
        return AddedLinks(
            added=[
                AddedLink(url=url, link_id=link, state=_state(session, link))
                for url, link in zip(urls, ids, strict=True)
            ]
        )


def _state(session: Session, link_id: int) -> LinkState:
    return LinkState(session.get_one(LinkRow, link_id).state)
