"""`kliping show`: print an archived article."""

from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli.invocation import invocation_of
from crawler.cli.output import json_line, json_text, print_prose, print_text, tell
from crawler.errors import UsageError
from crawler.render import Format, as_html, as_markdown, as_text

if TYPE_CHECKING:
    from storage.sql.moves import Moved


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("show")(show)


def show(
    ctx: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID|URL", help="An article.")],
    form: Annotated[
        Format, typer.Option("-f", "--format", help="How to print it.")
    ] = Format.TEXT,
    version: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="This version; else the one that stands."
        ),
    ] = None,
) -> None:
    """Print an archived article as it stands, or as a version has it."""
    from crawler.cli.lookup import the_article
    from crawler.cli.reading import reading
    from storage.documents import read_document
    from storage.sql.articles import version as find_version
    from storage.sql.moves import moved

    with reading(invocation_of(ctx).settings()) as (_, session):
        row = the_article(session, article)
        kept = find_version(session, row.id or 0, version)
        if kept is None:
            raise UsageError(f"{article}: no version {version}")
        facts: dict[str, object] = {
            "article_id": row.id,
            "version": kept.number,
            "versions": row.versions,
            "change": kept.change,
            "captured_at": kept.captured_at,
            "state": row.state,
        }
        document, elsewhere = kept.document, moved(session, row.link_id)
    facts["moved_to"] = [one.id for one in elsewhere.to]
    facts["came_from"] = [one.id for one in elsewhere.came_from]
    match form:
        case Format.TEXT:
            print_prose(as_text(read_document(document)))
            _tell_moved(elsewhere)
        case Format.MARKDOWN:
            print_text(as_markdown(read_document(document), facts))
        case Format.HTML:
            print_text(as_html(read_document(document)))
        case Format.JSON:
            print_text(json_text({**document, **facts}))
        case Format.JSON_LINES:
            print_text(json_line({**document, **facts}))


def _tell_moved(moved: "Moved") -> None:
    """Tell a person where the versions before and after an article's own are."""
    for one in moved.to:
        tell(f"later versions: article {one.id}, {one.url}")
    for one in moved.came_from:
        tell(f"earlier versions: article {one.id}, {one.url}")
