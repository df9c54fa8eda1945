"""`kliping add`: enter URLs into the ledger, to be fetched in their turn."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows

if TYPE_CHECKING:
    from crawler.config.tree import Config

_COLUMNS = ("link_id", "state", "url")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("add")(add)


def add(
    ctx: typer.Context,
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="Articles.")],
) -> None:
    """Enter article URLs into the ledger as due; the service fetches them."""
    from crawler.cli.writing import running_service
    from crawler.urls import fetch_url

    config = invocation_of(ctx).settings()
    addresses = [fetch_url(url) for url in urls]
    if service := running_service(config):
        rows = service.post("/v1/links", {"urls": addresses})["added"]
    else:
        rows = asyncio.run(_enter(addresses, config))
    print_rows(rows, _COLUMNS, "nothing was added")


async def _enter(urls: Sequence[str], config: "Config") -> list[dict[str, object]]:
    from crawler.ondemand import enter_links
    from crawler.service.opening import open_service
    from storage.sql.ledger import link_of

    async with open_service(config) as service:
        ids = await enter_links(urls, service.means)
        with service.session() as session:
            links = [link_of(session, link_id) for link_id in ids]
    return [{"url": one.url, "link_id": one.id, "state": one.state} for one in links]
