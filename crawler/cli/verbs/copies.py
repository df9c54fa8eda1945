"""`kliping copies`: where else a story stands."""

from typing import Annotated

import typer

from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows

_COLUMNS = ("article_id", "first_seen", "source", "changed", "agency", "title")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("copies")(copies)


def copies(
    ctx: typer.Context,
    article: Annotated[str, typer.Argument(metavar="ID|URL", help="An article.")],
) -> None:
    """List all articles with nearly the same text, the first seen first.

    Says how much each differs from the first (a share of words), and which agency it
    names. Copies are linked, and each stays an article of its own.
    """
    from crawler.cli.lookup import the_article
    from crawler.cli.reading import reading
    from crawler.syndication import copies as copies_of

    with reading(invocation_of(ctx).settings()) as (_, session):
        row = the_article(session, article)
        rows = [
            {
                "article_id": one.article.id,
                "first_seen": one.article.first_seen,
                "published_at": one.article.published_at,
                "source": one.article.source or one.article.site,
                "changed": one.changed,
                "agency": one.agency.name if one.agency else None,
                "evidence": one.agency.evidence if one.agency else None,
                "title": one.article.title,
                "url": one.article.url,
            }
            for one in copies_of(session, row.id or 0)
        ]
    print_rows(rows, _COLUMNS, "no copies")
