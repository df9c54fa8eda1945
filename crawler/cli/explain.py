"""`kliping explain`: why a URL stands where it does, and an article is what it is."""

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli.fetch import fetch
from crawler.cli.inputs import is_address
from crawler.cli.invocation import invocation_of
from crawler.cli.output import json_line, on_terminal, plain, print_text
from crawler.cli.witness import explain_article
from crawler.errors import UsageError

if TYPE_CHECKING:
    from sqlmodel import Session

    from storage.sql.tables import ArticleRow, LinkRow

#: An article's id, or `link:` and the id of a line of the ledger.
_NUMBERED = re.compile(r"(?:link:)?[0-9]+")
_LINK = (
    *("id", "url", "kind", "state", "reason", "status", "robots_line", "source_id"),
    *("found_on", "found_at", "title", "published", "fetched_at", "next_run"),
    *("attempts", "failures"),
)


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
) -> None:
    """Explain a URL: its line in the ledger, its captures, its article's origin.

    Of a saved page, or one on stdin, say as `fetch --explain` does how it is read.
    """
    if not (is_address(what) or _NUMBERED.fullmatch(what)):
        fetch(ctx, [what], explain=True)
        return
    from crawler.cli.reading import reading

    with reading(invocation_of(ctx).settings()) as (_, session):
        facts = _facts(session, what)
    if not on_terminal():
        print_text(json_line(facts))
        return
    for line in _lines(facts):
        print_text(plain(line))


def _facts(session: "Session", what: str) -> dict[str, Any]:
    from crawler.cli.lookup import article_named, link_named, link_numbered
    from storage.sql.tables import LinkRow

    line = link_numbered(session, what)
    reference = line.url if line else what
    article = article_named(session, reference)
    link = link_named(session, reference)
    if link is None and article is not None:
        link = session.get(LinkRow, article.link_id)
    if link is None:
        hint = f"; `link:{what}` is line {what} of `ledger`" if what.isdigit() else ""
        raise UsageError(f"{what}: never seen{hint}")
    return {
        "link": {**link.model_dump(), "found_on": _address(session, link.found_on)},
        "captures": _captures(session, link),
        "article": _article(session, article) if article else None,
    }


def _address(session: "Session", link_id: int | None) -> str | None:
    from storage.sql.tables import LinkRow

    found = session.get(LinkRow, link_id) if link_id is not None else None
    return found.url if found else None


def _captures(session: "Session", link: "LinkRow") -> list[dict[str, Any]]:
    from sqlmodel import col, select

    from storage.sql.tables import CaptureRow

    captures = select(CaptureRow).where(CaptureRow.link_id == link.id)
    newest_first = captures.order_by(col(CaptureRow.id).desc()).limit(50)
    return [row.model_dump() for row in session.exec(newest_first)]


def _article(session: "Session", article: "ArticleRow") -> dict[str, Any]:
    from storage.sql.articles import version

    standing = version(session, article.id or 0, None)
    return {
        **article.model_dump(),
        "version": standing.number if standing else None,
        "extractor": standing.extractor if standing else None,
        "document": standing.document if standing else None,
    }


# ---- for people ------------------------------------------------------------------


def _lines(facts: Mapping[str, Any]) -> Iterator[str]:
    from storage.documents import read_document

    yield "Link:"
    for name in _LINK:
        if (value := facts["link"][name]) not in (None, "", 0.0):
            yield f"  {name.replace('_', ' ')}: {value}"
    yield f"Captures: {len(facts['captures'])}"
    for capture in facts["captures"]:
        yield from _capture_lines(capture)
    article = facts["article"]
    if article is None:
        yield "Article: none"
        return
    yield f"Article: {article['id']}, version {article['version']} stands"
    yield f"  {article['title']}"
    if article["document"]:
        yield from explain_article(read_document(article["document"]))


def _capture_lines(capture: Mapping[str, Any]) -> Iterator[str]:
    place = f"{capture['segment']} at {capture['offset']}+{capture['length']}"
    cut = f", cut short ({capture['truncated']})" if capture["truncated"] else ""
    at = f"{capture['fetched_at']:%Y-%m-%d %H:%M:%S}"
    yield f"  {at} HTTP {capture['status']}{cut} from {capture['ip']}, {place}"
    if capture["verdict"]:
        yield f"    verdict: {capture['verdict']}"
    yield from (f"      {line}" for line in capture["evidence"] or ())
