"""`kliping verify`: is everything still what was written?"""

import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.exits import ExitCode
from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows, tell
from crawler.cli.progress import progress_of_bytes

if TYPE_CHECKING:
    from crawler.config.tree import Config
    from storage.fixity import Damage

_COLUMNS = ("offset", "why", "article_title", "file", "url")
_ROOTS = ("day", "leaves", "root")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("verify")(verify)


def verify(
    ctx: typer.Context,
    *,
    full: Annotated[
        bool, typer.Option("--full", help="Walk every file's chain of records too.")
    ] = False,
    roots: Annotated[
        bool,
        typer.Option("--roots", help="List each day's root, to be kept elsewhere."),
    ] = False,
    root: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DAY=ROOT", help="Prove a day's records by a root kept elsewhere."
        ),
    ] = None,
) -> None:
    """Check every archived byte against its hash; print what is damaged.

    Each day's records are under a root, chained to the day before. With --root that day
    is read and no other: nothing of it was changed since the root was printed.
    """
    config = invocation_of(ctx).settings()
    if roots:
        print_rows(_roots(config), _ROOTS, "no day is over yet")
        return
    damages = _proved(config, root) if root else _damages(config, full=full)
    print_rows([asdict(damage) for damage in damages], _COLUMNS, _sound(root))
    if damages:
        tell(f"kliping: {_counted(len(damages))} found; nothing was changed")
        raise typer.Exit(ExitCode.UNHEALTHY)


def _counted(damages: int) -> str:
    return "1 damage" if damages == 1 else f"{damages} damages"


def _sound(root: list[str] | None) -> str:
    return (
        "every record is what the root stands for"
        if root
        else ("all is as it was written")
    )


def _damages(config: "Config", *, full: bool) -> "list[Damage]":
    from crawler.cli.reading import reading
    from storage.days.checking import check_days
    from storage.fixity import verify as find_damages
    from storage.upkeep import Chore, Done, note_done

    with (
        reading(config) as (reader, session),
        progress_of_bytes("verifying") as advance,
    ):
        found = find_damages(reader.folder, session, full=full, progress=advance)
        damages = [*found, *check_days(reader.folder, session)]
        done = Done(datetime.now(UTC), is_well=not damages)
        note_done(reader.folder.path, Chore.VERIFY, done)
    return damages


def _proved(config: "Config", roots: list[str]) -> "list[Damage]":
    from crawler.cli.reading import reading
    from storage.days.checking import prove_day

    with reading(config) as (reader, session):
        return [
            damage
            for one in roots
            for damage in prove_day(reader.folder, session, *_given(one))
        ]


def _given(text: str) -> tuple[str, str]:
    day, sign, root = text.partition("=")
    if not sign or not root or _DAY.fullmatch(day) is None:
        raise typer.BadParameter(f"{text}: wanted DAY=ROOT, such as 2026-11-26=5f3c…")
    return day, root


def _roots(config: "Config") -> list[dict[str, object]]:
    from crawler.cli.reading import reading
    from storage.days.files import day_files, read_day

    with reading(config) as (reader, _):
        return [asdict(read_day(path)) for path in day_files(reader.folder.fixity)]
