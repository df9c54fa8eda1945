"""`kliping serve`: the service in the foreground."""

import asyncio
import os
import sys
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.invocation import invocation_of
from crawler.service.roles import EVERY, Role

if TYPE_CHECKING:
    from crawler.config.tree import Config


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("serve")(serve)
    app.command("work")(work)


def serve(
    ctx: typer.Context,
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Visit all that is due, then end.")
    ] = False,
    role: Annotated[
        list[Role] | None,
        typer.Option(help="Do this share alone; several may be named (PostgreSQL)."),
    ] = None,
) -> None:
    """Run the service: watch the sources, keep what they publish, serve the pages."""
    serve_as(ctx, frozenset(role or EVERY), once=once)


def work(ctx: typer.Context) -> None:
    """Run one more worker on a PostgreSQL: `serve --role work`."""
    serve_as(ctx, frozenset({Role.WORK}), once=False)


def serve_as(ctx: typer.Context, roles: frozenset[Role], *, once: bool) -> None:
    """Run the service, or a share of it."""
    from crawler.cli.serving import serving
    from crawler.garbage import loading

    with loading():
        from crawler.daemon.daemon import run, run_once
    from crawler.daemon.supervisor import supervisor_of

    loaded = invocation_of(ctx).settings_of_service()
    config = loaded.config
    refuse_share(config, roles)
    supervisor = supervisor_of(os.environ)
    with serving("service.port"):
        asyncio.run(
            run_once(config)
            if once
            else run(
                config,
                partial(announce, config),
                roles=roles,
                loaded=loaded,
                supervisor=supervisor,
            )
        )


def refuse_share(config: "Config", roles: frozenset[Role]) -> None:
    """Refuse a share of the service where no others can have the rest.

    Raises:
        UsageError: the database is a file, which one process writes.
    """
    from crawler.errors import UsageError
    from storage.sql.engine import is_server

    if roles != EVERY and not is_server(config.storage.database):
        raise UsageError(
            "one process does all where the database is a file; "
            "name a PostgreSQL in storage.database to share it"
        )


def announce(config: "Config", address: str) -> None:
    """Say where the pages are, at once, also into a pipe; how to log in, to people.

    The link to log in with is no line for a log, which others may read.
    """
    from crawler.cli.verbs.token import login_link

    typer.echo(f"Kliping is running: {address}")
    if config.service.anonymous == "none":
        link = login_link(config) if sys.stdout.isatty() else None
        typer.echo(f"Log in: {link or '`kliping login` prints a link'}")
