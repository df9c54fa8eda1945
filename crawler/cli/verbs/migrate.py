"""`kliping migrate`: an archive's rows to this Kliping's tables, or to another database."""

from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.exits import ExitCode
from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows, tell
from crawler.cli.progress import progress_of_bytes

if TYPE_CHECKING:
    from crawler.config.tree import Config

_COMPARED = ("table", "rows", "sha256", "equal")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("migrate")(migrate)


def migrate(
    ctx: typer.Context,
    *,
    source: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="URL",
            help="Copy the rows of this database. [default: ours]",
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option("--to", metavar="URL", help="Copy them into this empty one."),
    ] = None,
) -> None:
    """Bring an archive of an earlier Kliping to the tables of this one, or copy its rows.

    `serve` and every command that writes do the first as well; commands that only read
    refuse such an archive. It is one transaction; nobody else may have the archive open.

    With --to, all rows go to another database: sqlite:///FILE or
    postgresql://USER@HOST/NAME (a password is better in PGPASSWORD). An interrupted copy goes on when the
    same is asked for again. In the end a hash of each table's rows is made on both sides;
    only an equal copy can be opened. Then set `storage.database`.
    """
    from crawler.errors import UsageError
    from crawler.service.opening import migrated

    config = invocation_of(ctx).settings()
    if target is not None:
        _copy(config, source, target)
        return
    if source is not None:
        raise UsageError("--from needs --to: where are the rows to go?")
    before, after = migrated(config)
    if before == after:
        tell(f"kliping: the archive is at revision {after} already")
    else:
        tell(f"kliping: migrated from revision {before or 'none'} to {after}")


def _copy(config: "Config", source: str | None, target: str) -> None:
    from crawler.moving import move

    with progress_of_bytes("copying") as advance:
        compared = move(config, source, target, advance)
    rows = [
        {
            "table": one.table,
            "rows": one.source.rows,
            "sha256": one.source.sha256,
            "equal": one.is_equal,
        }
        for one in compared
    ]
    print_rows(rows, _COMPARED, "")
    unlike = [one.table for one in compared if not one.is_equal]
    if unlike:
        tell(
            f"kliping: not equal: {', '.join(unlike)}; was something written meanwhile? "
            "Empty the copy and begin anew"
        )
        raise typer.Exit(ExitCode.UNHEALTHY)
