"""`kliping import`: WARC files and lists of URLs, taken into the archive."""

from typing import Annotated

import typer

from crawler.cli.engines import BaseOption, EngineOption, SchedulerOption, runner_of
from crawler.cli.exits import ExitCode
from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows, tell
from crawler.cli.progress import progress_of_bytes

_KEPT = ("file", "kept", "known", "passed", "damaged")
_LISTED = ("file", "new", "known", "bad")

app = typer.Typer(
    help="Take in what was gathered elsewhere: WARC files, lists of URLs.",
    no_args_is_help=True,
)


@app.command("warc")
def warc(
    ctx: typer.Context,
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE…|-",
            help="WARC files, gzipped or not, or WACZ; folders of them; lists (*.paths[.gz]).",
        ),
    ],
    *,
    base: BaseOption = None,
    engine: EngineOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Archive the pages of WARC files as if they had been fetched then; no network.

    Whole pages of HTML are kept, with where they are from, and read as crawled pages
    are; each version gets its place in time. What else is in the files is counted and
    passed over. What is in the archive already is not kept twice, so an import that
    was interrupted is begun again. Nothing becomes due by it. It needs the archive to
    itself: no service may run meanwhile.

    A list names a path or URL a line, as CC-NEWS' warc.paths.gz does; what is elsewhere
    is fetched. With --engine others read the files first, one file a job, and this
    process takes in what they read. docs/bulk.md has what each needs.
    """
    from crawler.cli.importing import import_warcs

    config = invocation_of(ctx).settings()
    with progress_of_bytes("importing") as advance:
        runner = runner_of(config, engine, scheduler) if engine else None
        done = import_warcs(config, files, advance, base=base, runner=runner)
    print_rows(done.rows(), _KEPT, "")
    tell(f"kliping: read {done.told()}")
    for why in done.troubles():
        tell(f"kliping: {why}")
    if done.troubles():
        raise typer.Exit(ExitCode.SOME_FAILED)


@app.command("urls")
def urls(
    ctx: typer.Context,
    file: Annotated[
        str,
        typer.Argument(metavar="FILE|-", help="One URL a line; # begins a comment."),
    ],
    *,
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Whose they are; else nobody's.")
    ] = None,
) -> None:
    """Enter the URLs of a list into the ledger as due; the service fetches them.

    Those that are known stay as they are. Lines that are no URL are named, and the
    others entered. While a service runs it is asked to enter them.
    """
    from crawler.cli.importing import import_urls

    done = import_urls(invocation_of(ctx).settings(), file, source)
    bad = done.pop("bad_lines")
    print_rows([done], _LISTED, "")
    for why in bad:
        tell(f"kliping: {why}")
    if done["bad"]:
        raise typer.Exit(ExitCode.SOME_FAILED)
