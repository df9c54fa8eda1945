"""`kliping export`: archived articles as files that other programs read."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.engines import (
    BaseOption,
    Engine,
    EngineOption,
    SchedulerOption,
    runner_of,
)
from crawler.cli.exits import ExitCode
from crawler.cli.invocation import invocation_of
from crawler.cli.output import tell
from crawler.cli.progress import progress_of_bytes
from crawler.cli.verbs.search import Query, asked
from crawler.exports.forms import ExportForm

if TYPE_CHECKING:
    from crawler.bulk.running import Runner
    from crawler.config.tree import Config

#: What goes with --shards alone, by the names of the parameters.
_OF_SHARDS = frozenset({"shards", "base", "engine", "scheduler"})


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("export", cls=Query)(export)


def export(  # noqa: PLR0913  # one option each
    ctx: typer.Context,
    query: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[QUERY…]", help="As of `search`; nothing stands for all articles."
        ),
    ] = None,
    *,
    form: Annotated[
        ExportForm, typer.Option("--format", help="What to write.")
    ] = ExportForm.JSONL,
    out: Annotated[
        str,
        typer.Option(metavar="PATH", help="A file; of Markdown a folder; - is stdout."),
    ] = "-",
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this source's articles.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only those in it, such as id.")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            metavar="DAY", formats=["%Y-%m-%d"], help="Only those published since, UTC."
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            metavar="DAY",
            formats=["%Y-%m-%d"],
            help="Only those published before, UTC.",
        ),
    ] = None,
    versions: Annotated[
        bool, typer.Option("--versions", help="Every version, not only what stands.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Write over what is there.")
    ] = False,
    shards: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PLACE",
            help="Read these WARC files (or folders, or *.paths lists of them), not the "
            "archive, into a folder: a Parquet file each.",
        ),
    ] = None,
    base: BaseOption = None,
    engine: EngineOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Write articles to a file, all or those that a query finds; in the order of ids.

    All are written as they stood at one moment, whatever a service archives meanwhile.
    docs/export.md has the fields, and what each format is. An article that states no
    date counts by when it was first seen. A file is in its place only when it is whole.

    With --shards it is no archive that is exported but what WARC files hold, each file
    read into one of Parquet, by --engine. docs/bulk.md has what each needs.
    """
    config = invocation_of(ctx).settings()
    _refuse_unheeded(ctx, is_of_shards=bool(shards))
    if shards:
        runner = runner_of(config, engine or Engine.POOL, scheduler)
        _export_shards(config, shards, base, out, runner)
        return
    from crawler.cli.exporting import write_export
    from crawler.exports.writing import Order
    from storage.sql.selection import Wanted

    order = Order(
        wanted=Wanted(
            query=asked(query or []),
            source=source,
            language=language,
            since=_utc(since),
            until=_utc(until),
        ),
        form=form,
        versions=versions,
    )
    place = None if out == "-" else Path(out)
    with progress_of_bytes("exporting") as advance:
        done = write_export(config, order, place, advance, force=force)
    tell(f"kliping: {done.articles} articles in {done.written} {form.units}")
    for why in done.damages:
        tell(f"kliping: left out, for it is damaged: {why}; see `kliping verify`")
    if done.damages:
        raise typer.Exit(ExitCode.SOME_FAILED)


def _refuse_unheeded(ctx: typer.Context, *, is_of_shards: bool) -> None:
    """Refuse options that what is asked for would not heed."""
    sources = {name: ctx.get_parameter_source(name) for name in ctx.params}
    given = {name for name, of in sources.items() if of and of.name == "COMMANDLINE"}
    if is_of_shards and (others := given - _OF_SHARDS - {"out"}):
        raise typer.BadParameter(
            f"WARC files are read whole: --shards does not go with {_named(others)}"
        )
    if not is_of_shards and (wanting := given & _OF_SHARDS):
        raise typer.BadParameter(f"without --shards there is no {_named(wanting)}")


def _named(options: set[str]) -> str:
    said = {"form": "--format", "query": "a query"}
    return ", ".join(sorted(said.get(name, f"--{name}") for name in options))


def _export_shards(
    config: "Config", named: list[str], base: str | None, out: str, runner: "Runner"
) -> None:
    from crawler.bulk.shards import shards_of
    from crawler.cli.exporting import export_shards

    if out == "-":
        raise typer.BadParameter("--shards needs a folder: --out FOLDER")
    with progress_of_bytes("reading") as advance:
        done = export_shards(config, shards_of(named, base), Path(out), runner, advance)
    tell(f"kliping: {done.pages} pages of {done.files} WARC files")
    for why in done.troubles:
        tell(f"kliping: {why}")
    if done.troubles:
        raise typer.Exit(ExitCode.SOME_FAILED)


def _utc(day: datetime | None) -> datetime | None:
    return day.replace(tzinfo=UTC) if day else None
