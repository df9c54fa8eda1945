"""`kliping reextract`: read what is archived again, with today's extractor and rules."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.engines import EngineOption, SchedulerOption, runner_of
from crawler.cli.exits import ExitCode
from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows, tell
from crawler.cli.progress import progress_of_bytes

if TYPE_CHECKING:
    from crawler.reextract.shadow import Shadow, Tally

_CHANGED = (
    "article",
    "version",
    "differs",
    "words_before",
    "words_after",
    "why",
    "url",
)
_RUNS = ("name", "state", "source", "since", "extractor", "promoted_at")
_REPLACED = ("run", "articles", "versions", "left")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("reextract")(reextract)


def reextract(  # noqa: PLR0913  # one option each
    ctx: typer.Context,
    *,
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this source's articles.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            metavar="DAY", formats=["%Y-%m-%d"], help="Only captures since, UTC."
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            metavar="DAY", formats=["%Y-%m-%d"], help="Only captures before, UTC."
        ),
    ] = None,
    shadow: Annotated[
        bool, typer.Option("--shadow", help="Only list what would change.")
    ] = False,
    promote: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Put a shadow run's readings in place."),
    ] = None,
    rollback: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Put back what a run replaced."),
    ] = None,
    runs: Annotated[bool, typer.Option("--runs", help="List the runs.")] = False,
    engine: EngineOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Read what is archived again, with today's extractor and site rules; no network.

    Lists the versions that read otherwise, and in which fields, and puts the new
    readings in place in one transaction; with --shadow it only lists them, for
    --promote RUN later. --rollback RUN undoes it. A version whose page reads as no
    article now is listed and stays as it is; pages that were passed over as no article
    are read too, and archived where they are one now (a rollback leaves those). An interrupted run goes on where it was
    when the same is asked for again; a service may run meanwhile.

    With --engine others read the WARC files, one file a job, and this process compares
    what they read. docs/bulk.md has what each needs.
    """
    from crawler.cli import reextracting
    from storage.search.query import refuse_no_time
    from storage.sql.reextraction import Within

    config = invocation_of(ctx).settings()
    if sum(map(bool, (promote, rollback, runs, shadow))) > 1:
        raise typer.BadParameter(
            "choose one of --shadow, --promote, --rollback, --runs"
        )
    if runs:
        print_rows(reextracting.runs(config), _RUNS, "no runs")
        return
    if name := promote or rollback:
        verb = "promote" if promote else "rollback"
        print_rows([reextracting.turn(config, verb, name)], _REPLACED, "")
        return
    within = Within(source=source, since=_utc(since), until=_utc(until))
    refuse_no_time(within.since, within.until)
    with progress_of_bytes("reading again") as advance:
        runner = runner_of(config, engine, scheduler) if engine else None
        done, tally, troubles = reextracting.run(config, within, advance, runner)
    for why in troubles:
        tell(f"kliping: not read as a whole, its pages were read here: {why}")
    print_rows(reextracting.rows_of(done), _CHANGED, "every version reads as it did")
    _conclude(done, tally)
    if (tally.changed or tally.found) and not shadow:
        replaced = reextracting.turn(config, "promote", done.name)
        tell(f"kliping: promoted; undo by `kliping reextract --rollback {done.name}`")
        if replaced["left"]:
            tell(f"kliping: {replaced['left']} versions had changed meanwhile and stay")
    if tally.unread:
        raise typer.Exit(ExitCode.SOME_FAILED)


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None


def _conclude(run: "Shadow", tally: "Tally") -> None:
    tell(
        f"kliping: run {run.name}: {tally.changed} versions read otherwise, "
        f"{tally.same} as before, {tally.unread} as no article or not at all; "
        f"{tally.found} of {tally.found + tally.passed} pages that were none are articles"
    )
