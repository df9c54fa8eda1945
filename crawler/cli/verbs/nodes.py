"""`kliping nodes`: who writes an archive that many share, and what one left."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows, tell

if TYPE_CHECKING:
    from crawler.adopting import Adopted
    from crawler.config.tree import Config

app = typer.Typer(
    help="Data folders that share an archive on PostgreSQL.", no_args_is_help=True
)
_LISTED = ("node", "segments", "uploaded", "unread", "visiting", "kept_at")
_ADOPTED = ("files", "read", "left", "left_unread")


@app.command("list")
def list_all(ctx: typer.Context) -> None:
    """Show all nodes: WARC files, those in the object store, captures not read yet."""
    from crawler.cli.reading import reading
    from storage.sql.fleet import standings

    with reading(invocation_of(ctx).settings()) as (_, session):
        found = standings(session, datetime.now(UTC))
    print_rows([asdict(one) for one in found], _LISTED, "no node has kept anything")


@app.command("adopt")
def adopt(
    ctx: typer.Context,
    node: Annotated[str, typer.Argument(metavar="NODE", help="Its name.")],
) -> None:
    """Take on what the object store has of a node that never comes back.

    Its files are this node's then, and what it kept and did not read is read now. One
    that visits, or kept something lately, is refused. If its data folder is left, have
    `kliping work` start there instead: nothing is lost then.
    """
    done = asyncio.run(_adopt(invocation_of(ctx).settings(), node))
    print_rows([asdict(done)], _ADOPTED, "")
    if done.left:
        tell(
            f"kliping: {done.left} WARC files are in its data folder alone, with "
            f"{done.left_unread} captures not read"
        )


async def _adopt(config: "Config", node: str) -> "Adopted":
    from crawler.adopting import adopt as take_on
    from crawler.service.opening import open_service

    async with open_service(config) as service:
        return await take_on(service, node)
