"""Help and version as they lie ready, for a command that asks for nothing else.

Typer and rich take ten times what printing a page takes. So the pages of help.txt are
what they print, in colours, at a few widths (crawler.cli.reference writes them), and
what is not plainly a request for one of them is left to typer. Nothing is imported
here that the interpreter has not loaded.
"""

import os
import sys

from crawler import __version__

#: Columns of the pages; the widest that fits is shown.
WIDTHS = (80, 120)
#: Between pages, and before the width and the command of each.
MARK = "\f"
_HELP = ("--help", "-h")
#: Variables by which typer and rich are told to print otherwise.
_OTHERWISE = (
    "_KLIPING_COMPLETE",
    "_TYPER_FORCE_DISABLE_TERMINAL",
    "FORCE_COLOR",
    "GITHUB_ACTIONS",
    "PY_COLORS",
    "TERMINAL_WIDTH",
    "TTY_COMPATIBLE",
    "TYPER_USE_RICH",
)
_WITHOUT_COLOURS = ("dumb", "unknown")


def answer() -> str | None:
    """Return what the process was asked to print, or None where typer has to."""
    words = sys.argv[1:]
    if not words or any(name in os.environ for name in _OTHERWISE):
        return None
    if words == ["--version"]:
        return f"kliping {__version__}\n"
    *command, last = words
    if last not in _HELP or not all(word.isalpha() for word in command):
        return None
    if not sys.stdout.encoding.lower().startswith("utf"):  # the boxes are not ASCII
        return None
    page = _page(" ".join(("kliping", *command)), _columns())
    return page if page is None or _coloured() else without_colours(page)


def without_colours(text: str) -> str:
    """Return a text without the escape sequences that colour it."""
    first, *rest = text.split("\x1b[")
    return first + "".join(piece.partition("m")[2] for piece in rest)


def _page(command: str, columns: int) -> str | None:
    """Return the widest page of a command that fits, or None where none does."""
    fitting = [width for width in WIDTHS if width <= columns]
    if not fitting:
        return None
    path = os.path.join(os.path.dirname(__file__), "help.txt")  # noqa: PTH118, PTH120
    with open(path, encoding="utf-8") as file:  # noqa: PTH123  # pathlib takes longer
        pages = file.read()
    _, _, rest = pages.partition(f"{MARK}{max(fitting)} {command}\n")
    return rest.partition(MARK)[0] or None


def _columns() -> int:
    """Return how wide the terminal is, as rich finds it."""
    if (told := os.environ.get("COLUMNS", "")).isdigit():
        return int(told)
    for stream in (0, 1, 2):
        try:
            columns = os.get_terminal_size(stream).columns
        except OSError:
            continue
        return columns or WIDTHS[0]
    return WIDTHS[0]


def _coloured() -> bool:
    environ = os.environ
    return (
        sys.stdout.isatty()
        and not environ.get("NO_COLOR")
        and environ.get("TERM", "").lower() not in _WITHOUT_COLOURS
    )
