"""`kliping ledger`: every URL seen, where it stands, and why."""

from typing import Annotated

import typer

from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows
from storage.model.link_state import LinkState

_COLUMNS = ("link", "state", "status", "reason", "next_run", "url")
_SUMS = ("state", "reason", "links")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("ledger")(ledger)


def ledger(
    ctx: typer.Context,
    *,
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this source's.")
    ] = None,
    state: Annotated[
        LinkState | None, typer.Option(help="Only those in this state.")
    ] = None,
    sums: Annotated[
        bool, typer.Option("--sums", help="How many stand where, and why.")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50,
) -> None:
    """List the URLs seen, newest first: where each stands and why.

    `kliping explain link:N` tells all of one of them.
    """
    from crawler.cli.lookup import known_source
    from crawler.cli.reading import reading
    from storage.sql.ledger import list_links
    from storage.sql.sums import sums as sums_of

    with reading(invocation_of(ctx).settings()) as (_, session):
        row = known_source(session, source) if source else None
        if sums:
            counted = sums_of(session, row.id if row else None)
            rows = [dict(zip(_SUMS, one, strict=True)) for one in counted]
            print_rows(
                [one for one in rows if state in (None, one["state"])],
                _SUMS,
                "no such URLs",
            )
            return
        links = list_links(
            session, source=row.id if row else None, state=state, limit=limit
        )
        rows = [{"link": f"link:{link.id}", **link.model_dump()} for link in links]
    print_rows(rows, _COLUMNS, "no such URLs")
