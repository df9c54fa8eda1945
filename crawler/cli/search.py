"""`kliping search`: find archived articles by their words."""

from typing import Annotated

import typer

from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows

_COLUMNS = ("id", "published_at", "source", "title")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("search")(search)


def search(
    ctx: typer.Context,
    query: Annotated[
        list[str],
        typer.Argument(
            metavar="QUERY…",
            help='Words, "phrases", begin*, -without, title: author: source: lang:',
        ),
    ],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20,
    *,
    newest: Annotated[
        bool, typer.Option("--newest", help="The newest first, not the best.")
    ] = False,
) -> None:
    """Find archived articles by their words, best first."""
    from crawler.cli.reading import reading
    from storage.sql.search import search as find

    with reading(invocation_of(ctx).settings()) as (_, session):
        hits = find(session, " ".join(query), limit=limit, newest=newest)
    rows = (
        {
            "id": hit.article.id,
            "url": hit.article.url,
            "title": hit.article.title,
            "source": hit.article.source or hit.article.site,
            "authors": hit.article.authors,
            "language": hit.article.language,
            "published_at": hit.article.published_at,
            "first_seen": hit.article.first_seen,
            "versions": hit.article.versions,
            "state": hit.article.state,
            "snippet": "".join(part for part, _ in hit.snippet),
            "rank": hit.rank,
        }
        for hit in hits
    )
    print_rows(rows, _COLUMNS, "nothing found")
