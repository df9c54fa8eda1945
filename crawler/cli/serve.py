"""`kliping serve`: the service in the foreground."""

import asyncio
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.invocation import invocation_of

if TYPE_CHECKING:
    from crawler.config import Config


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("serve")(serve)


def serve(
    ctx: typer.Context,
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Visit all that is due, then end.")
    ] = False,
) -> None:
    """Run the service: watch the sources, keep what they publish, serve the pages."""
    from crawler.cli.serving import serving
    from crawler.daemon import run, run_once
    from crawler.supervisor import supervisor_of

    loaded = invocation_of(ctx).settings_of_service()
    config = loaded.config
    supervisor = supervisor_of(os.environ)
    with serving("service.port"):
        asyncio.run(
            run_once(config)
            if once
            else run(
                config,
                partial(announce, config),
                loaded=loaded,
                supervisor=supervisor,
            )
        )


def announce(config: "Config", address: str) -> None:
    """Say where the pages are, at once, also into a pipe; how to log in, to people.

    The link to log in with is no line for a log, which others may read.
    """
    from crawler.cli.token import login_link

    typer.echo(f"Kliping is running: {address}")
    if config.service.anonymous == "none":
        link = login_link(config) if sys.stdout.isatty() else None
        typer.echo(f"Log in: {link or '`kliping login` prints a link'}")
