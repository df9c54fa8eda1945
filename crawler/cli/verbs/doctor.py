"""`kliping doctor`: is this machine fit to run the service?"""

import asyncio
from typing import Annotated

import typer

from crawler.cli.exits import ExitCode
from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows
from crawler.redaction import redact

_COLUMNS = ("check", "result", "found")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("doctor")(doctor)


def doctor(
    ctx: typer.Context,
    *,
    network: Annotated[
        bool, typer.Option("--network", help="Look up the sources' names as well.")
    ] = False,
) -> None:
    """Check versions, settings, data folder, clock, database, ledger, WARC files, extraction."""
    from crawler.cli.checkups.checkup import check_all
    from crawler.cli.checkups.folder import Result

    invocation = invocation_of(ctx)
    checks = asyncio.run(check_all(invocation.config, network=network))
    rows = [
        {"check": one.check, "result": one.result, "found": redact(one.found)}
        for one in checks
    ]
    print_rows(rows, _COLUMNS, "nothing to check")
    if any(one.result is Result.BAD for one in checks):
        raise typer.Exit(ExitCode.UNHEALTHY)
