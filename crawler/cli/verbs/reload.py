"""`kliping reload`: let the running service read its settings again."""

import typer

from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows

_COLUMNS = ("key", "old", "new", "is_applied")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("reload")(reload)


def reload(ctx: typer.Context) -> None:
    """Let the running service read config.yaml again; print what differs.

    What says `is_applied: false` counts after a restart. A file that cannot be used is
    refused with all its problems, and the service goes on with the old settings.
    """
    from crawler.cli.writing import running_service
    from crawler.errors import UsageError

    service = running_service(invocation_of(ctx).settings())
    if service is None:
        raise UsageError("no service runs on this data folder")
    found = service.post("/v1/config/reload", {})["differences"]
    print_rows(found, _COLUMNS, "nothing differs")
