"""How answers are printed: for people on a terminal, as JSON lines in a pipe.

What comes from pages is a stranger's text: control characters, which could drive
a terminal, never reach one.
"""

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import typer

from crawler.terminal import plain

#: Longest line of prose; longer ones are hard to read.
_LINE = 88
#: Columns that people copy from; never broken.
_COPIED = frozenset({"file", "link", "name", "url"})
#: No other column gets narrower.
_NARROW = 12
#: Most characters of a cell that nobody copies: a page may have a title of any length.
_WIDE = 300
_GAP = 2
#: A moment as the running service says it, in JSON.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:[\d.]+(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_FILLING = re.compile(r"(?: |\x1b\[[0-9;]*m)+$")


def on_terminal() -> bool:
    """Tell whether stdout is read by a person."""
    return sys.stdout.isatty()


def json_line(document: Mapping[str, object]) -> str:
    """Return a document as one line of JSON, characters as they are."""
    return json.dumps(document, ensure_ascii=False, default=_as_json)


def json_text(document: Mapping[str, object]) -> str:
    """Return a document as indented JSON."""
    return json.dumps(document, ensure_ascii=False, indent=2, default=_as_json)


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def print_rows(
    rows: Iterable[Mapping[str, object]], columns: Sequence[str], empty: str
) -> None:
    """Print rows: as a table of some columns on a terminal, else one JSON a line.

    Args:
        rows: Each with all it has to say.
        columns: The keys that make the table's columns.
        empty: What to tell a person when there are none.
    """
    if not on_terminal():
        for row in rows:
            print_text(json_line(row))
        return
    told = [[_moment_or_else(row.get(name)) for name in columns] for row in rows]
    if not told:
        tell(empty)
        return
    heads = list(map(_head, columns, zip(*told, strict=True)))
    cells = [list(map(_shown, columns, map(_cell, row))) for row in told]
    _print_table(columns, heads, cells)


def _moment_or_else(value: object) -> object:
    """Return a moment as one, whether we or the running service said it."""
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return datetime.fromisoformat(value)
    return value


def _head(name: str, column: Sequence[object]) -> str:
    """Return what stands above a column; over moments it names their zone."""
    is_of_moments = any(isinstance(one, datetime) for one in column)
    return f"{name.replace('_', ' ')}{' (UTC)' if is_of_moments else ''}"


def _print_table(
    columns: Sequence[str], heads: Sequence[str], cells: Sequence[Sequence[str]]
) -> None:
    """Print a table; it is wider than the terminal where a URL or a name is.

    What is copied from here is in one line; the terminal breaks it only to the eye.
    """
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table, needed = Table(box=None), 0
    for name, head, column in zip(
        columns, heads, zip(*cells, strict=True), strict=True
    ):
        longest = max(map(cell_len, (head, *column)))
        is_whole = name in _COPIED
        table.add_column(head, overflow="fold", no_wrap=is_whole)
        needed += _GAP + (longest if is_whole else min(longest, _NARROW))
    for row in cells:
        table.add_row(*map(Text, row))
    console = Console()
    console.width = max(console.width, needed)
    with console.capture() as printed:
        console.print(table)
    for line in printed.get().splitlines():
        typer.echo(_FILLING.sub(_reset, line), color=True)


def _reset(filling: re.Match[str]) -> str:
    """Return what ends a line instead of blanks, which would wrap to empty lines."""
    return "\x1b[0m" if "\x1b" in filling[0] else ""


def _shown(name: str, cell: str) -> str:
    is_whole = name in _COPIED or len(cell) <= _WIDE
    return cell if is_whole else f"{cell[:_WIDE]}…"


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M}"
        case list() | tuple():
            return ", ".join(_cell(one) for one in value)
        case _:
            return plain(str(value))


def print_text(text: str) -> None:
    """Print text on stdout; a lone surrogate becomes a question mark."""
    safe = text.encode("utf-8", "replace").decode("utf-8")
    typer.echo(plain(safe) if on_terminal() else safe)


def print_prose(text: str) -> None:
    """Print text to be read: on a terminal its lines end between words."""
    if not on_terminal():
        print_text(text)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console()
    width = min(console.width, _LINE)
    console.print(Text(plain(text)), width=width, no_wrap=False)


def tell(line: str) -> None:
    """Tell a person something that is not the answer, on stderr."""
    typer.echo(plain(line), err=True)
