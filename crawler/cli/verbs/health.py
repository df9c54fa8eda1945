"""`kliping health`: does every source still bring news?"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

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


def health(
    ctx: typer.Context,
    *,
    unwell: Annotated[
        bool, typer.Option("--unwell", help="Only the sources that are unwell.")
    ] = False,
) -> None:
    """Show what is archived and how each source fares; fails when one is unwell.

    A source with an open alert is unwell: it loses articles, or what they should have.
    One of several lists that cannot be read is told of a source that is well, too; with
    --unwell such a source is left out.
    """
    from crawler.cli.reading import reading
    from crawler.clock import utc_now
    from crawler.means import closed_sources
    from crawler.sources.watching import load_watches
    from crawler.sources.wellness import why_ours
    from storage.alerts import AlertState
    from storage.sql.alerts import list_alerts
    from storage.sql.health import source_health, totals
    from storage.sql.sources import REMOVED

    now = utc_now()
    with reading(invocation_of(ctx).settings()) as (reader, session):
        held = asdict(totals(session, now))
        closed = closed_sources(load_watches(session, reader.config), now)
        known = source_health(session, now, closed=closed)
        alerts = list_alerts(session, state=AlertState.OPEN, limit=None)
    alarmed: dict[str | None, list[str]] = {}
    for one in alerts:
        alarmed.setdefault(one.name, []).append(one.alert.why)
    rows = [
        fare(source, now, alarmed.get(source.name, ()))
        for source in known
        if source.state != REMOVED
    ]
    if on_terminal():
        tell(", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in held.items()))
    else:
        print_text(json_line({"kind": "totals", **held}))
    ill = [row for row in rows if not row["well"]]
    if unwell:
        _print_sources(ill, "all sources are well")
    else:
        _print_sources(rows, "no sources")
    if on_terminal() and ill and not unwell:
        tell(f"unwell {len(ill):,} of {len(rows):,} sources: --unwell shows them alone")
    ours = why_ours(known, now)
    outages = alarmed.get(None) or ([ours] if ours else [])
    for why in outages:
        _tell_outage(why)
    if outages or ill:
        raise typer.Exit(ExitCode.UNHEALTHY)


def _print_sources(rows: Sequence[Mapping[str, Any]], empty: str) -> None:
    is_any_lost = any(row["lists_lost"] for row in rows)
    columns = (*_COLUMNS, "lists_lost") if is_any_lost else _COLUMNS
    print_rows(rows, columns, empty)


def _tell_outage(why: str) -> None:
    if on_terminal():
        tell(f"the service itself: {why}")
    else:
        print_text(json_line({"kind": "outage", "why": why}))


def fare(
    source: "SourceHealth", now: datetime, alerts: Sequence[str] = ()
) -> Mapping[str, Any]:
    """Return how a source fares, and why it is unwell; a paused one is well.

    `lists_lost` says which part of its lists cannot be read.
    """
    from crawler.sources.wellness import lists_lost, why_unwell

    known = replace(source, pages_in_vain=0) if alerts else source  # they say it better
    why = (*why_unwell(known, now), *alerts)
    return {
        "kind": "source",
        **asdict(source),
        "well": not why,
        "why": ", ".join(why),
        "lists_lost": lists_lost(source),
    }
