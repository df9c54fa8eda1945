"""`kliping demo`: a small fake news web, watched by a real service."""

import asyncio
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.invocation import invocation_of
from crawler.errors import UsageError

if TYPE_CHECKING:
    from datetime import timedelta

    from crawler.config.tree import Config
    from crawler.demo.server import NewsWeb

_LOOK_AT = """\
Kliping is running: {address}
Eight made-up news sites are served on this machine and watched; nothing leaves it.
  {address}/            what is new today
  {address}/sources     the sites, and how each fares
  {address}/ledger      every URL seen, and why it stands where it does
  {address}/search      the articles' words
Anybody on this machine may read it. To change something too, log in:
  {link}
Articles are published, corrected and withdrawn while you watch. The archive is in
  {folder}
Stop it with Ctrl-C."""


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("demo")(demo)


def demo(
    ctx: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Of the pages; 0 takes a free one.")
    ] = 8765,
    speed: Annotated[
        float, typer.Option(min=0.1, max=1000, help="How fast news happens.")
    ] = 6.0,
    folder: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep the archive there.")
    ] = None,
    for_: Annotated[
        str | None, typer.Option("--for", metavar="60s", help="End after this long.")
    ] = None,
) -> None:
    """Show everything at work without a network: made-up sites, a real service."""
    from crawler.cli.serving import serving
    from crawler.units import read_duration

    try:
        time = read_duration(for_) if for_ is not None else None
    except ValueError as error:
        raise UsageError(f"--for {for_}: {error}") from error
    invocation_of(ctx).log_warnings()
    with ExitStack() as stack:
        place = folder or Path(
            stack.enter_context(TemporaryDirectory(prefix="kliping-demo-"))
        )
        stack.enter_context(serving("--port"))
        asyncio.run(_show(place, port, speed, time))


async def _show(
    folder: Path, port: int, speed: float, time: "timedelta | None"
) -> None:
    from crawler.cli.verbs.token import login_link
    from crawler.daemon.daemon import run
    from crawler.demo.server import NewsWeb

    async with NewsWeb(speed=speed) as web:
        config = _config(web, folder, port)

        def announce(address: str) -> None:
            said = _LOOK_AT.format(
                address=address, link=login_link(config), folder=folder.absolute()
            )
            typer.echo(said)

        try:
            async with asyncio.timeout(time.total_seconds() if time else None):
                await run(config, announce)
        except TimeoutError:
            return


def _config(web: "NewsWeb", folder: Path, port: int) -> "Config":
    from crawler.config.tree import Config

    return Config.model_validate(
        {
            "identity": {"contact": "demo@kliping.invalid"},
            "storage": {"folder": folder, "disk_floor": "100MiB"},
            "defaults": {"delay": "200ms", "poll": "5s", "revisit": "10s"},
            "sources": [site.source() for site in (*web.sites, web.magazine)],
            "policy": {"allow_networks": ["127.0.0.0/8"]},
            "service": {"port": port, "anonymous": "read"},
        }
    )
