"""`kliping backup` and `kliping restore`: the whole archive, elsewhere and back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli.exits import ExitCode
from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows, tell
from crawler.cli.progress import progress_of_bytes

_BACKED_UP = ("made_at", "segments", "bytes", "copied")
_RESTORED = ("made_at", "segments", "bytes", "erased", "folder")


def register(app: typer.Typer) -> None:
    """Add the verbs."""
    app.command("backup")(backup)
    app.command("restore")(restore)


def backup(
    ctx: typer.Context,
    into: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where the backup is, or is to be.")
    ],
) -> None:
    """Back the archive up, or bring a backup up to date; a service may run meanwhile.

    Sealed WARC files that are there already are not copied again, but a thirtieth of
    them is read again each time, and copied again if it has changed. An interrupted
    backup leaves the one before it whole.
    """
    from crawler.cli.reading import reading
    from storage.backup import back_up
    from storage.upkeep import Chore, Done, note_done

    config = invocation_of(ctx).settings()
    _refuse_other_database(config.storage.database)
    with reading(config) as (reader, _), progress_of_bytes("backing up") as advance:
        done = back_up(reader.folder, into, datetime.now(UTC), advance)
        noted = Done(done.manifest.made_at, is_well=not done.damaged)
        note_done(reader.folder.path, Chore.BACKUP, noted)
    print_rows(
        [
            {
                "made_at": done.manifest.made_at,
                "segments": len(done.manifest.segments),
                "bytes": done.manifest.size,
                "copied": done.copied,
                "damaged": list(done.damaged),
                "rotten": list(done.rotten),
            }
        ],
        _BACKED_UP,
        "",
    )
    for name in done.damaged:
        tell(f"kliping: {name} is damaged or missing; see `kliping verify`")
    for name in done.rotten:
        tell(
            f"kliping: {name} had changed in {into} since it was copied, and was copied "
            "again: that disk may be failing"
        )
    if done.damaged or done.rotten:
        raise typer.Exit(ExitCode.UNHEALTHY)


def restore(
    ctx: typer.Context,
    backup: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A backup.", exists=True)
    ],
    *,
    erasures: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="A newer erasures.jsonl; what it lists is erased from the restored.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    damaged: Annotated[
        bool,
        typer.Option(
            "--damaged",
            help="Restore also where WARC files are not what was backed up, as they are.",
        ),
    ] = False,
) -> None:
    """Make the data folder of a backup; it must be empty or not be there.

    Nothing is restored unless every byte is what was backed up; with --damaged what is
    left is, and what is not whole is named. What was erased since is erased again
    before anything is shown; `erasures.jsonl` may stay in the folder.
    """
    from crawler.cli.restoring import carry_out, list_erasures, put_back

    config = invocation_of(ctx).settings()
    _refuse_other_database(config.storage.database)
    folder = config.storage.folder
    if erasures is not None:
        list_erasures(folder, erasures)
    with progress_of_bytes("restoring") as advance:
        manifest, wrong = put_back(backup, folder, advance, is_damaged=damaged)
    erased = carry_out(config)
    print_rows(
        [
            {
                "made_at": manifest.made_at,
                "segments": len(manifest.segments),
                "bytes": manifest.size,
                "folder": str(folder),
                "erased": erased,
                "damaged": list(wrong),
            }
        ],
        _RESTORED,
        "",
    )
    for name in wrong:
        tell(f"kliping: {name} is not what was backed up; see `kliping verify --full`")
    if wrong:
        raise typer.Exit(ExitCode.UNHEALTHY)


def _refuse_other_database(database: str | None) -> None:
    from crawler.errors import UsageError

    if database:
        raise UsageError(
            "storage.database is set: back that database up with its own tools, and "
            "the WARC files after it"
        )
