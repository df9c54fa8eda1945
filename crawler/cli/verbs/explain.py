"""`kliping explain`: why a URL stands where it does, and an article is what it is."""

import asyncio
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.fetching.inputs import is_address
from crawler.cli.invocation import invocation_of
from crawler.cli.output import json_line, on_terminal, print_text, tell
from crawler.errors import UsageError

if TYPE_CHECKING:
    from crawler.cli.explaining.archived import Known
    from crawler.cli.explaining.now import Told
    from crawler.config.tree import Config
    from crawler.extract.explanation import Explanation

#: An article's id, or `link:` and the id of a line of the ledger.
_NUMBERED = re.compile(r"(?:link:)?[0-9]+")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("explain")(explain)


def explain(
    ctx: typer.Context,
    what: Annotated[
        str,
        typer.Argument(
            metavar="URL|ID|link:N|FILE|-",
            help="A URL, an article's id, link:N for line N of `ledger`, or a page.",
        ),
    ],
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, also on a terminal.")
    ] = False,
    html: Annotated[
        str | None,
        typer.Option("--html", metavar="OUT|-", help="Write it as a page of HTML."),
    ] = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Where a given file is from.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Read a page by this source's rules."),
    ] = None,
) -> None:
    """Explain a URL: its line in the ledger, its captures, how its page was read.

    Shows each field's winner and losers, each removed line with class and rule, what
    became of every block of the page, and the verdict's evidence. A saved page, one on
    stdin, or a URL never seen is read now, by the rules of its source, and not kept.
    In a pipe, what the archive holds is one JSON object; a page read now is text.
    """
    if html not in (None, "-") and not Path(html or "").absolute().parent.is_dir():
        raise UsageError(f"cannot write {html}: its folder does not exist")
    config = invocation_of(ctx).settings()
    known = _known(config, what) if _is_reference(what) and not source else None
    if known is not None:
        _show_known(known, as_json=as_json, html=html)
        return
    from crawler.cli.explaining.now import explain_now

    told = asyncio.run(explain_now(what, config, url=url, source=source))
    _show_told(told, as_json=as_json, html=html)


def _is_reference(what: str) -> bool:
    return is_address(what) or _NUMBERED.fullmatch(what) is not None


def _known(config: "Config", what: str) -> "Known | None":
    """Return what the archive knows, or None of a URL never seen: it can be read now."""
    from crawler.cli.explaining.archived import known_of
    from crawler.cli.reading import is_there

    if is_address(what) and not is_there(config):
        return None
    known = known_of(config, what)
    if known is None and is_address(what):
        tell(f"{what}: never seen; it is read now and not kept")
    return known


def _show_known(known: "Known", *, as_json: bool, html: str | None) -> None:
    from crawler.cli.explaining.archived import lines_of
    from crawler.cli.explaining.printing import print_lines

    if html is not None:
        _write(known.explanation, html)
    elif as_json or not on_terminal():
        print_text(json_line(known.document()))
    else:
        print_lines(lines_of(known))


def _show_told(told: "Told", *, as_json: bool, html: str | None) -> None:
    from crawler.cli.explaining.printing import print_lines
    from crawler.cli.explaining.witness import explained

    if html is not None:
        _write(told.explanation, html)
    elif as_json:
        print_text(json_line(told.document()))
    else:
        print_lines(explained(told.explanation))


def _write(explanation: "Explanation | None", html: str) -> None:
    from crawler.cli.explaining.printing import write_page

    if explanation is None:
        raise UsageError("no page of it was captured; there is nothing to show as HTML")
    write_page(explanation, html)
