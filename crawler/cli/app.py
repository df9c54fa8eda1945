"""The application: its verbs, its global options, and how it ends."""

import sys
import traceback
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from crawler import __version__
from crawler.cli.exits import ExitCode, forget_stdout, lines_of, of_error
from crawler.cli.flags import show_all_as_flags, show_as_flags
from crawler.cli.invocation import Invocation
from crawler.cli.verbs import (
    add,
    backup,
    check,
    copies,
    demo,
    diff,
    digest,
    doctor,
    explain,
    export,
    fetch,
    health,
    import_,
    ledger,
    migrate,
    nodes,
    objects,
    rebuild,
    reextract,
    reload,
    search,
    serve,
    show,
    source,
    takedown,
    token,
    verify,
    versions,
)
from crawler.redaction import redact
from crawler.terminal import plain


class Verbs(TyperGroup):
    """The verbs; whatever one of them raises ends here as an exit code."""

    def get_params(self, ctx: Any) -> list[Any]:  # noqa: ANN401  # typer's own context
        """Return the global options."""
        found = super().get_params(ctx)
        show_as_flags(found)
        return found

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401  # typer's own
        """Return a verb."""
        found = super().get_command(ctx, cmd_name)
        if found is not None:
            show_all_as_flags(found, ctx)
        return found

    def invoke(self, ctx: Any) -> object:  # noqa: ANN401  # typer's own context
        """Run a verb; tell people why it failed in one line, on stderr."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            forget_stdout()
            raise typer.Exit(ExitCode.BROKEN_PIPE) from None
        except (typer.Exit, typer.Abort, TyperException):
            raise
        except Exception as error:
            if ctx.params.get("verbose", 0) > 1:
                traceback.print_exc()
            for line in lines_of(error):
                typer.echo(f"kliping: {redact(plain(line))}", err=True)
            raise typer.Exit(of_error(error)) from error
        return result


app = typer.Typer(
    name="kliping",
    cls=Verbs,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Watch news sites; keep clean articles, every version, and the proof.",
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  # typer's own signature
    if wanted:
        typer.echo(f"kliping {__version__}")
        raise typer.Exit


@app.callback()
def _begin(
    ctx: typer.Context,
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The settings; else $KLIPING_CONFIG, ./config.yaml, or the shipped one.",
        ),
    ] = None,
    verbose: Annotated[
        int,
        typer.Option("-v", "--verbose", count=True, help="Log more; -vv with traces."),
    ] = 0,
    quiet: Annotated[
        int, typer.Option("-q", "--quiet", count=True, help="Log less.")
    ] = 0,
    version: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Say which."
        ),
    ] = False,
) -> None:
    del version  # its callback has answered
    ctx.obj = Invocation(config=config, verbose=verbose, quiet=quiet)


for _verb in (
    fetch,
    serve,
    add,
    search,
    show,
    versions,
    diff,
    copies,
    explain,
    ledger,
    export,
    health,
    digest,
    verify,
    rebuild,
    reextract,
    backup,
    migrate,
    reload,
    doctor,
    demo,
    token,
):
    _verb.register(app)
app.add_typer(import_.app, name="import")
app.add_typer(source.app, name="source")
app.add_typer(takedown.app, name="takedown")
app.add_typer(objects.app, name="objects")
app.add_typer(nodes.app, name="nodes")
app.add_typer(check.app, name="config")
