"""`kliping takedown`: withhold articles, or erase them, and lift what can be lifted."""

import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from crawler.cli.invocation import invocation_of
from crawler.cli.output import json_text, print_rows, print_text, tell
from crawler.errors import UsageError
from storage.model.takedown import Depth, Ground

_COLUMNS = ("name", "depth", "state", "ground", "addresses", "refused", "requested_at")
_LISTS_STAY = (
    "kliping: captures of feeds, sitemaps and sections were left as they are, and may "
    "quote it; the same command with --everywhere erases those that do"
)
_ONLY_KNOWN = (
    "kliping: * stood for the addresses that are known now; what appears below it later "
    "is not barred: give the command again then"
)


class _AddElse(TyperGroup):
    """The verbs; what is none of them is what to take down."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  # typer's own
        """Put `add` before what names no verb."""
        if args and args[0] not in {*self.commands, "--help", "-h"}:
            args = ["add", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    help="Withhold articles, or erase them: `kliping takedown ID|URL… --depth DEPTH`.",
    cls=_AddElse,
    no_args_is_help=True,
)


@app.command("add")
def add(  # noqa: PLR0913  # one option each
    ctx: typer.Context,
    articles: Annotated[
        list[str],
        typer.Argument(
            metavar="ID|URL|FILE…",
            help="Articles; a URL that ends in * stands for all known now that begin so, "
            "a file has one a line.",
        ),
    ],
    *,
    depth: Annotated[
        Depth,
        typer.Option(
            help="hide: answers 451; exclude: as if never there; erase: bytes and all.",
        ),
    ],
    reason: Annotated[
        Ground, typer.Option(help="Of which kind the reason is.")
    ] = Ground.OTHER,
    note: Annotated[str, typer.Option(help="The reason in your words.")] = "",
    asked_by: Annotated[str, typer.Option(help="Who asked for it.")] = "",
    everywhere: Annotated[
        bool,
        typer.Option(
            "--everywhere",
            help="Erase captures of feeds, sitemaps and sections as well that quote it.",
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only tell what would go, as JSON.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Erase without asking.")
    ] = False,
) -> None:
    """Take articles down, with every version, other address and further page of theirs.

    Hidden and excluded ones are shown again by `kliping takedown lift`. Addresses that
    are excluded or erased are never asked for again. Nothing brings back what is
    erased: backups and exports made before still have it.
    """
    from crawler.cli import taking_down
    from storage.sql.takedowns import Wanted

    config = invocation_of(ctx).settings()
    named = list(taking_down.references(articles))
    wanted = Wanted(
        depth=depth,
        ground=reason,
        note=note,
        asked_by=asked_by,
        everywhere=everywhere,
    )
    if dry_run:
        print_text(json_text(taking_down.would_reach(config, named, wanted)))
        return
    if depth is Depth.ERASE and not yes:
        _confirm(taking_down.would_reach(config, named, wanted))
    print_rows([taking_down.begin(config, named, wanted)], _COLUMNS, "")
    if depth is Depth.ERASE and not everywhere:
        tell(_LISTS_STAY)
    if any(one.endswith("*") for one in named):
        tell(_ONLY_KNOWN)


def _confirm(found: dict[str, Any]) -> None:
    """Ask a person before anything is erased; whoever cannot be asked has `--yes`."""
    tell(
        f"kliping: {len(found['articles'])} articles, {found['versions']} versions, "
        f"{len(found['records'])} records of {found['bytes']} bytes will be erased; "
        "nothing brings them back"
    )
    if not sys.stdin.isatty():
        raise UsageError("to erase, say --yes; --dry-run tells what would go")
    if typer.prompt("Type erase to go on", err=True) != "erase":
        raise typer.Abort


@app.command("list")
def list_all(ctx: typer.Context) -> None:
    """List the takedowns, newest first."""
    from crawler.cli import taking_down

    rows = taking_down.rows(invocation_of(ctx).settings())
    print_rows(rows, _COLUMNS, "nothing was taken down")


@app.command("report")
def report(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A takedown.")],
) -> None:
    """Print what a takedown did, as JSON: what went where, by hashes, without content."""
    from crawler.cli import taking_down

    config = invocation_of(ctx).settings()
    print_text(json_text(taking_down.report(config, name)))


@app.command("outlived")
def outlived(ctx: typer.Context) -> None:
    """Tell which captures `keep_lists` and `keep_looks` would let go now; changes nothing.

    A running service lets them go, some every quarter of an hour.
    """
    from crawler.cli import taking_down

    rows = taking_down.outlived_rows(invocation_of(ctx).settings())
    print_rows(rows, ("source", "captures", "bytes", "until"), "nothing is outlived")


@app.command("lift")
def lift(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A takedown.")],
) -> None:
    """Show again what a takedown hides or excludes."""
    from crawler.cli import taking_down

    config = invocation_of(ctx).settings()
    print_rows([taking_down.lift(config, name)], _COLUMNS, "")
