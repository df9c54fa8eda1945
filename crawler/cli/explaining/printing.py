"""Explanations on stdout: coloured on a terminal, bare in a pipe, or as a page."""

from collections.abc import Iterable
from pathlib import Path

from crawler.cli.explaining.witness import Line, words
from crawler.cli.output import on_terminal, print_text
from crawler.cli.target import write_file
from crawler.extract.explanation import Explanation
from crawler.terminal import plain
from crawler.web.explained import explanation_page

STDOUT = "-"


def print_lines(lines: Iterable[Line]) -> None:
    """Print lines; in colour on a terminal whose reader wants it (NO_COLOR)."""
    if not on_terminal():
        for line in lines:
            print_text(words(line))
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    for line in lines:
        pieces = ((plain(text), style) for text, style in line)
        console.print(Text.assemble(*pieces), soft_wrap=True)


def write_page(explanation: Explanation, place: str) -> None:
    """Write an explanation as one page of HTML to a file, or `-` for stdout."""
    page = explanation_page(explanation)
    if place == STDOUT:
        print_text(page)
    else:
        write_file(Path(place), f"{page}\n")
