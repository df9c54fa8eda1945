"""`kliping diff`: what changed in an article, word by word."""

from collections.abc import Mapping
from dataclasses import asdict
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.invocation import invocation_of
from crawler.cli.output import json_line, on_terminal, print_prose, print_text, tell
from crawler.errors import UsageError

if TYPE_CHECKING:
    from storage.sql.tables import VersionRow


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("diff")(diff)


def diff(
    ctx: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID|URL", help="An article.")],
    *,
    old: Annotated[
        int | None,
        typer.Option(
            "--from", min=1, metavar="N", help="Version N; else the one before."
        ),
    ] = None,
    new: Annotated[
        int | None,
        typer.Option(
            "--to", min=1, metavar="N", help="Version N; else the one that stands."
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, also on a terminal.")
    ] = False,
) -> None:
    """Show what changed in an article from one version to another, word by word.

    What went is marked [-so-], what came {+so+}; paragraphs that are as they were are
    passed over (…). In a pipe it is one JSON object, with all parts of both texts.
    """
    from crawler.cli.lookup import the_article
    from crawler.cli.reading import reading
    from storage.sql.versions import version, versions_of

    with reading(invocation_of(ctx).settings()) as (_, session):
        number = the_article(session, article).id or 0
        after = version(session, number, new)
        if after is None:
            raise UsageError(f"{article}: no version {new}")
        known = versions_of(session, number)
        before = next((one for one in known if one.number == old), None)
    if old is None:
        before = _before(known, after)
    if before is None:
        wanted = f"before version {after.number}" if old is None else f"{old}"
        raise UsageError(f"{article}: no version {wanted}")
    if json or not on_terminal():
        print_text(json_line(_as_json(before, after)))
    else:
        _print_changed(before, after)


def _before(known: "list[VersionRow]", after: "VersionRow") -> "VersionRow | None":
    """Return the version that was captured before another one, the first has none."""
    return next((one for one, two in pairwise(known) if two.id == after.id), None)


def _as_json(before: "VersionRow", after: "VersionRow") -> Mapping[str, object]:
    from storage.changes import word_diff

    return {
        "article_id": after.article_id,
        "a": _entry(before),
        "b": _entry(after),
        "title": [asdict(part) for part in word_diff(before.title, after.title)],
        "text": [asdict(part) for part in word_diff(before.text, after.text)],
    }


def _entry(row: "VersionRow") -> Mapping[str, object]:
    return {
        "number": row.number,
        "url": row.document["url"],
        "captured_at": row.captured_at,
        "change": row.change,
        "title": row.title,
        "story_sha256": row.story_sha256,
    }


def _print_changed(before: "VersionRow", after: "VersionRow") -> None:
    from crawler.difference import changed_paragraphs, marked
    from storage.changes import word_diff

    for row in (before, after):
        tell(
            f"version {row.number}, {row.captured_at:%Y-%m-%d %H:%M} UTC: {row.change}"
        )
    if (before.title, before.text) == (after.title, after.text):
        tell("no word differs")
        return
    text = changed_paragraphs(word_diff(before.text, after.text))
    print_prose(f"{marked(word_diff(before.title, after.title))}\n\n{text}")
