"""The reference of all commands, from the commands themselves.

python -m crawler.cli.reference > docs/commands.md
"""

from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

from crawler.cli.app import app
from crawler.cli.exits import MEANING

_HEAD = """\
# Commands

This page is written by `python -m crawler.cli.reference > docs/commands.md`.

Data goes to stdout and everything else to stderr. What lists things prints a table on a
terminal and one JSON object a line in a pipe; articles are text unless `--format` says
otherwise. `-` is stdin. Global options stand before the verb:
`kliping --config /etc/kliping.yaml -v serve`.

While a service runs on the same data folder, the commands that write (`add`,
`source add|pause|resume|boost|poll`, `fetch --save`, `reextract`, `takedown`, `token add|revoke`) ask it to do so; the others read beside it.
"""
_NOT_OURS = ("--help", "--install-completion", "--show-completion")


def reference() -> str:
    """Return the page: every command with its arguments, then the exit codes."""
    context = typer.Context(get_command(app), info_name="kliping")
    return "\n".join((_HEAD, *_sections(context), _exit_codes()))


def _sections(context: Any) -> Iterator[str]:  # noqa: ANN401  # typer's own
    """Yield a command's section and those of the commands below it."""
    command = context.command
    yield f"## `{context.command_path}`\n\n{command.help}\n"
    records = (parameter.get_help_record(context) for parameter in command.params)
    rows = [_row(*record) for record in records if record]
    if rows := [row for row in rows if not any(name in row for name in _NOT_OURS)]:
        yield "\n".join(("| argument | means |", "|---|---|", *rows, ""))
    for name, below in getattr(command, "commands", {}).items():
        yield from _sections(typer.Context(below, parent=context, info_name=name))


def _row(named: str, means: str) -> str:
    if not named.startswith("-"):
        named = named.partition(" <")[0]
    cells = (f"`{' '.join(named.split())}`", " ".join(means.split()))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _exit_codes() -> str:
    rows = [f"| {int(code)} | {means} |" for code, means in MEANING.items()]
    return "\n".join(("## Exit codes\n", "| code | means |", "|---|---|", *rows))


if __name__ == "__main__":
    typer.echo(reference())
