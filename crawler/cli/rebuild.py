"""`kliping rebuild`: make the database again from the WARC files alone."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.exits import ExitCode
from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows, tell
from crawler.cli.progress import progress_of_bytes

_REBUILT = ("segments", "captures", "articles", "versions", "links", "database")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("rebuild")(rebuild)


def rebuild(
    ctx: typer.Context,
    *,
    into: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Put the database there instead."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Move a database that is there aside.")
    ] = False,
) -> None:
    """Make the database again from the WARC files alone; no network.

    Articles, versions, dates and what was found are as they were; due times, rhythms
    and what was learned of sites are learned again. Interrupted, it is begun anew.
    """
    from crawler.errors import UsageError
    from crawler.rebuild.rebuilding import rebuild as make_again

    config = invocation_of(ctx).settings()
    if config.storage.database and into is None:
        raise UsageError("storage.database is set: give --into FOLDER")
    with progress_of_bytes("rebuilding") as advance:
        done = make_again(
            config,
            into or config.storage.folder,
            datetime.now(UTC),
            advance,
            replace=replace,
        )
    row = {name: value for name, value in asdict(done).items() if name != "damages"}
    print_rows([row | {"damages": len(done.damages)}], _REBUILT, "")
    for damage in done.damages:
        place = f"{damage.file} at {damage.offset}: " if damage.file else ""
        tell(f"kliping: {place}{damage.why}")
    if done.before is not None:
        tell(f"kliping: the database of before is {done.before}")
    if done.damages:
        raise typer.Exit(ExitCode.UNHEALTHY)
