"""The reference of all commands and their help, from the commands themselves.

`python -m crawler.cli.reference` writes docs/commands.md and the pages of help that
crawler.cli.ready shows.
"""

from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any
from unittest.mock import patch

import typer
from typer import rich_utils
from typer.main import get_command

from crawler.cli.app import app
from crawler.cli.exits import MEANING
from crawler.cli.ready import MARK, WIDTHS

HELP = Path(__file__).with_name("help.txt")

_HEAD = """\
# Commands

This page is written by `python -m crawler.cli.reference`.

Data goes to stdout and everything else to stderr. What lists things prints a table on a
terminal and one JSON object a line in a pipe; articles are text unless `--format` says
otherwise. `-` is stdin. Global options stand before the verb:
`kliping --config /etc/kliping.yaml -v serve`.

While a service runs on the same data folder, the commands that write (`add`, `import urls`,
`source add|import|pause|resume|remove|boost|poll`, `fetch --save`, `reextract`, `takedown`, `token add|revoke`, `digest --send`) ask it
to do so; `import warc`, `rebuild`, `restore` and `migrate` are refused; the others read beside it.
Without one, commands that write wait for each other, half a minute at most.
"""
_NOT_OURS = ("--help", "--install-completion", "--show-completion")


def reference() -> str:
    """Return the page: every command with its arguments, then the exit codes."""
    sections = (_section(context) for context in _contexts())
    return "\n".join((_HEAD, *sections, _exit_codes(), ""))


def help_pages() -> str:
    """Return what `--help` prints on a terminal, for every command and width."""
    return "".join(
        f"{MARK}{width} {context.command_path}\n{_help(context, width)}"
        for width in WIDTHS
        for context in _contexts()
    )


def _help(context: Any, width: int) -> str:  # noqa: ANN401  # typer's own
    """Return what typer prints as the help of a command, in colours."""
    terminal = patch.multiple(
        rich_utils, MAX_WIDTH=width, FORCE_TERMINAL=True, COLOR_SYSTEM="standard"
    )
    with terminal, redirect_stdout(StringIO()) as printed:
        told = context.get_help()
    return f"{printed.getvalue()}{told}\n"


def _contexts() -> Iterator[Any]:
    """Yield the context of the application, and of every command below it."""
    application = get_command(app)
    yield from _below(
        typer.Context(application, info_name="kliping", **application.context_settings)
    )


def _below(context: Any) -> Iterator[Any]:  # noqa: ANN401  # typer's own
    yield context
    for name in getattr(context.command, "commands", ()):
        command = context.command.get_command(context, name)
        yield from _below(typer.Context(command, parent=context, info_name=name))


def _section(context: Any) -> str:  # noqa: ANN401  # typer's own
    """Return a command's section."""
    command = context.command
    lines = [f"## `{context.command_path}`\n\n{command.help}\n"]
    records = (parameter.get_help_record(context) for parameter in command.params)
    rows = [_row(*record) for record in records if record]
    if rows := [row for row in rows if not any(name in row for name in _NOT_OURS)]:
        lines.extend(("| argument | means |", "|---|---|", *rows, ""))
    return "\n".join(lines)


def _row(named: str, means: str) -> str:
    if not named.startswith("-"):
        named = named.partition(" <")[0]
    cells = (f"`{' '.join(named.split())}`", " ".join(means.split()))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _exit_codes() -> str:
    rows = [f"| {int(code)} | {means} |" for code, means in MEANING.items()]
    return "\n".join(("## Exit codes\n", "| code | means |", "|---|---|", *rows))


if __name__ == "__main__":
    page = Path(__file__).parents[2] / "docs" / "commands.md"
    page.write_text(reference(), encoding="utf-8")
    HELP.write_text(help_pages(), encoding="utf-8")
