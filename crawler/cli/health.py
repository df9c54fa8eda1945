"""`kliping health`: does every source still bring news?"""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import typer

from crawler.cli.exits import ExitCode
from crawler.cli.invocation import invocation_of
from crawler.cli.output import json_line, on_terminal, print_rows, print_text, tell

if TYPE_CHECKING:
    from storage.sql.health import SourceHealth

_COLUMNS = ("name", "state", "well", "last_success", "articles", "articles_24h", "why")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("health")(health)


def health(ctx: typer.Context) -> None:
    """Show what is archived and how each source fares; fails when one is unwell."""
    from crawler.cli.reading import reading
    from crawler.means import closed_sources
    from crawler.service import utc_now
    from crawler.sources.watching import load_watches
    from storage.sql.health import source_health, totals
    from storage.sql.sources import REMOVED

    now = utc_now()
    with reading(invocation_of(ctx).settings()) as (reader, session):
        held = asdict(totals(session, now))
        closed = closed_sources(load_watches(session, reader.config), now)
        known = source_health(session, now, closed=closed)
    rows = [fare(source, now) for source in known if source.state != REMOVED]
    if on_terminal():
        tell(", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in held.items()))
    else:
        print_text(json_line({"kind": "totals", **held}))
    print_rows(rows, _COLUMNS, "no sources")
    if not all(row["well"] for row in rows):
        raise typer.Exit(ExitCode.UNHEALTHY)


def fare(source: "SourceHealth", now: datetime) -> Mapping[str, Any]:
    """Return how a source fares, and why it is unwell; a paused one is well."""
    from crawler.sources.wellness import why_unwell

    why = why_unwell(source, now)
    return {
        "kind": "source",
        **asdict(source),
        "well": not why,
        "why": ", ".join(why),
    }
