"""`kliping versions`: how an article changed."""

from typing import Annotated

import typer

from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows

_COLUMNS = ("number", "captured_at", "change", "title")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("versions")(versions)


def versions(
    ctx: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID|URL", help="An article.")],
) -> None:
    """List an article's versions: when each was captured, what had changed, and where."""
    from crawler.cli.lookup import the_article
    from crawler.cli.reading import reading
    from storage.sql.articles import versions_of

    with reading(invocation_of(ctx).settings()) as (_, session):
        row = the_article(session, article)
        rows = [
            {
                "article_id": row.id,
                "number": version.number,
                "url": version.document["url"],
                "captured_at": version.captured_at,
                "change": version.change,
                "title": version.title,
                "characters": len(version.text),
                "story_sha256": version.story_sha256,
                "capture_id": version.capture_id,
                "extractor": version.extractor,
            }
            for version in versions_of(session, row.id or 0)
        ]
    stood_at = {row["url"] for row in rows}
    columns = (*_COLUMNS, "url") if len(stood_at) > 1 else _COLUMNS
    print_rows(rows, columns, "no versions")
