"""`kliping verify`: is everything still what was written?"""

from dataclasses import asdict
from typing import Annotated

import typer

from crawler.cli.exits import ExitCode
from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows, tell
from crawler.cli.progress import progress_of_bytes

_COLUMNS = ("offset", "why", "article_title", "file", "url")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("verify")(verify)


def verify(
    ctx: typer.Context,
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Walk every file's chain of records too.")
    ] = False,
) -> None:
    """Check every archived byte against its hash; print what is damaged."""
    from crawler.cli.reading import reading
    from storage.fixity import verify as find_damages

    with (
        reading(invocation_of(ctx).settings()) as (reader, session),
        progress_of_bytes("verifying") as advance,
    ):
        damages = [
            asdict(damage)
            for damage in find_damages(
                reader.folder, session, full=full, progress=advance
            )
        ]
    print_rows(damages, _COLUMNS, "all is as it was written")
    if damages:
        tell(f"kliping: {len(damages)} damages found; nothing was changed")
        raise typer.Exit(ExitCode.UNHEALTHY)
