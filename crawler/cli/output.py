"""How answers are printed: for people on a terminal, as JSON lines in a pipe.

What comes from pages is a stranger's text: control characters, which could drive
a terminal, never reach one.
"""

import json
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import typer

#: Reverses or hides what follows on a terminal (Unicode TR 36, section 3.1).
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Longest line of prose; longer ones are hard to read.
_LINE = 88


def plain(text: str) -> str:
    """Return the text without what drives a terminal; lines and tabs stay."""
    return "".join(c for c in text if c in "\n\t" or not _drives(c))


def _drives(character: str) -> bool:
    return unicodedata.category(character) == "Cc" or character in _BIDI


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
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None)
    for name in columns:  # folded, never cut: URLs are copied from here
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row.get(name))) for name in columns))
    if table.row_count:
        Console().print(table)
    else:
        tell(empty)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value:%Y-%m-%d %H:%M}"
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
