"""`kliping migrate`: bring an archive to the tables of this Kliping."""

import typer

from crawler.cli.invocation import invocation_of
from crawler.cli.output import tell


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("migrate")(migrate)


def migrate(ctx: typer.Context) -> None:
    """Bring an archive of an earlier Kliping to the tables of this one.

    `serve` and every command that writes do it as well; commands that only read refuse
    such an archive. It is one transaction; nobody else may have the archive open.
    """
    from crawler.service import migrated

    before, after = migrated(invocation_of(ctx).settings())
    if before == after:
        tell(f"kliping: the archive is at revision {after} already")
    else:
        tell(f"kliping: migrated from revision {before or 'none'} to {after}")
