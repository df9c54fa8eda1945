"""`kliping fetch`: read a page now; print its article, or archive it."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.exits import of_many
from crawler.cli.fetching.printer import Printer
from crawler.cli.invocation import invocation_of
from crawler.cli.progress import progress
from crawler.errors import UsageError
from crawler.render import Format

if TYPE_CHECKING:
    from crawler.cli.fetching.result import Result


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("fetch")(fetch)


def fetch(  # noqa: PLR0913  # a command's options are its arguments
    ctx: typer.Context,
    what: Annotated[
        list[str],
        typer.Argument(
            metavar="URL|FILE…|-",
            help="Pages; files or stdin with a page or one URL a line.",
        ),
    ],
    *,
    form: Annotated[
        Format, typer.Option("-f", "--format", help="How to print it.")
    ] = Format.TEXT,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Print there.")
    ] = None,
    save: Annotated[bool, typer.Option("--save", help="Archive it as well.")] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="Say why it is read so.")
    ] = False,
    from_text: Annotated[
        bool, typer.Option("--from-text", help="Files and stdin are plain text.")
    ] = False,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where a given file is from.")
    ] = None,
) -> None:
    """Read pages now and print their articles: title, byline, clean text."""
    from crawler.cli.fetching.inputs import Address, read_inputs

    invocation = invocation_of(ctx)
    config = invocation.settings_without_logs()
    inputs = list(read_inputs(what, url=url, from_text=from_text))
    at_hand = [one for one in inputs if not isinstance(one, Address)]
    if output is not None and not output.absolute().parent.is_dir():
        raise UsageError(f"cannot write {output}: its folder does not exist")

    if save or len(at_hand) < len(inputs):
        invocation.log_warnings()
    printer = Printer(form, many=len(inputs) > 1, explained=explain, output=output)
    with progress("fetching", len(inputs)) as advance:

        def show(result: "Result") -> None:
            printer.show(result)
            advance()

        if save:
            from crawler.cli.fetching.saving import save_all

            asyncio.run(save_all(inputs, config, show))
        elif len(at_hand) == len(inputs):
            from crawler.cli.fetching.given import extract_all

            asyncio.run(extract_all(at_hand, config, show))
        else:
            from crawler.cli.fetching.online import fetch_all

            asyncio.run(fetch_all(inputs, config, show))
    printer.close()
    if code := of_many(printer.codes):
        raise typer.Exit(code)
