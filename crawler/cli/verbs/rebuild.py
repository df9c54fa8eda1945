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
    target: Annotated[
        str | None,
        typer.Option("--to", metavar="URL", help="Put it into this empty PostgreSQL."),
    ] = None,
    also: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER", help="Read this node's data folder too. [again for more]"
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Move a database that is there aside.")
    ] = False,
) -> None:
    """Make the database again from the WARC files alone; no network.

    Articles, versions, dates and what was found are as they were; due times, rhythms
    and what was learned of sites are learned again. Interrupted, it is begun anew.

    The database goes where `storage.database` says, to another folder, or to another
    server. There it must be empty; no row is ever dropped but of an unfinished rebuild.
    Where many nodes wrote, all files must be here, in folders given by --also, or in the
    object store.
    """
    from crawler.rebuild.rebuilding import rebuild as make_file
    from crawler.rebuild.rebuilding import rebuild_onto

    config = invocation_of(ctx).settings()
    server = _server(config.storage.database, into, target, replace=replace)
    others, now = also or [], datetime.now(UTC)
    with progress_of_bytes("rebuilding") as advance:
        if server is not None:
            done = rebuild_onto(config, server, now, advance, others)
        else:
            folder = into or config.storage.folder
            done = make_file(config, folder, now, advance, replace=replace, also=others)
    row = {name: value for name, value in asdict(done).items() if name != "damages"}
    print_rows([row | {"damages": len(done.damages)}], _REBUILT, "")
    for damage in done.damages:
        place = f"{damage.file} at {damage.offset}: " if damage.file else ""
        tell(f"kliping: {place}{damage.why}")
    if done.before is not None:
        tell(f"kliping: the database of before is {done.before}")
    if target is not None and target != config.storage.database:
        tell("kliping: set storage.database to that URL to open it")
    if done.damages:
        raise typer.Exit(ExitCode.UNHEALTHY)


def _server(
    configured: str, into: Path | None, target: str | None, *, replace: bool
) -> str | None:
    """Return the server's database to make; None for a file in a folder."""
    from crawler.errors import UsageError
    from storage.sql.engine import is_server

    if into is not None and target is not None:
        raise UsageError("--into and --to are two places: give one")
    if target is not None and not is_server(target):
        raise UsageError("--to wants postgresql://…; --into FOLDER makes a file")
    server = target or (configured if into is None else "")
    if server and not is_server(server):
        raise UsageError("storage.database is a file: give --into FOLDER")
    if server and replace:
        raise UsageError("--replace moves files; make an empty database at the server")
    return server or None
