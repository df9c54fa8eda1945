"""Links asked for by hand."""

import asyncio
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from crawler.errors import UsageError
from crawler.imports.urls import enter_urls
from crawler.ondemand import enter_links
from crawler.service.service import Service
from crawler.urls import fetch_url
from crawler.web.given import GivenService
from storage.model.link_state import LinkState
from storage.sql.sources import REMOVED, find_source
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


@routes.post("")
async def post_links(service: GivenService, wanted: LinksWanted) -> AddedLinks:
    """Enter URLs into the ledger, due now; none of them when one is no URL."""
    for url in wanted.urls:
        fetch_url(url)
    ids = await enter_links(wanted.urls, service.means)
    return await asyncio.to_thread(_added, service, wanted.urls, ids)


class ListWanted(BaseModel):
    """URLs of a list, and the name of the source that they are to be of."""

    model_config = ConfigDict(extra="forbid")

    urls: Annotated[list[str], Field(min_length=1, max_length=1000)]
    source: str | None = None


class ListEntered(BaseModel):
    """How many links were new."""

    new: int


@routes.post("/list")
async def post_list(service: GivenService, wanted: ListWanted) -> ListEntered:
    """Enter the URLs of a list as due, none when one is no URL; known ones stay."""
    urls = [fetch_url(url) for url in wanted.urls]
    number = await asyncio.to_thread(_source_id, service, wanted.source)
    return ListEntered(new=await enter_urls(urls, number, service.means))


def _source_id(service: Service, name: str | None) -> int | None:
    if name is None:
        return None
    with service.session() as session:
        row = find_source(session, name)
    if row is None or row.state == REMOVED:
        raise UsageError(f"no source is named {name!r}")
    return row.id


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
