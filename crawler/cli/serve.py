"""`kliping serve`: the service in the foreground."""

import asyncio
import os
from typing import Annotated

import typer

from crawler.cli.invocation import invocation_of


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
            else run(config, announce, loaded=loaded, supervisor=supervisor)
        )


def announce(address: str) -> None:
    """Say where the pages are, at once, also into a pipe."""
    typer.echo(f"Kliping is running: {address}")
