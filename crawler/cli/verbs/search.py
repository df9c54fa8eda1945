"""`kliping search`: find archived articles by their words."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from crawler.cli.invocation import invocation_of
from crawler.cli.output import print_rows
from crawler.terminal import plain

if TYPE_CHECKING:
    from storage.sql.search import Page

_COLUMNS = ("id", "published_at", "source", "title")
#: Set before a word that begins with a hyphen, so that it is read as no option.
_A_WORD = "\N{WORD JOINER}"


class Query(TyperCommand):
    """A command whose words may begin with one hyphen: what is not to be found."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401  # typer's own context
        """Read the options, which have two hyphens here, or one letter."""
        return super().parse_args(
            ctx, [f"{_A_WORD}{word}" if _excludes(word) else word for word in args]
        )


def _excludes(word: str) -> bool:
    """Tell a word to exclude from an option; one of a single letter (`-o`) was meant as such."""
    is_letter = len(word) == 2 and word[1].isascii() and word[1].isalpha()
    return len(word) > 1 and word[0] == "-" != word[1] and not is_letter


def asked(words: list[str]) -> str:
    """Return the query that words on the command line make."""
    return " ".join(word.removeprefix(_A_WORD) for word in words)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("search", cls=Query)(search)


def search(
    ctx: typer.Context,
    query: Annotated[
        list[str],
        typer.Argument(
            metavar="QUERY…",
            help='Words, "phrases", begin*, -word to exclude it, a OR b, title: author: section: tag: source: lang: site: after:2026-01-31 before:2026-02',
        ),
    ],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 20,
    cursor: Annotated[
        str | None,
        typer.Option(help="The next page: what the page before gave at its end."),
    ] = None,
    *,
    newest: Annotated[
        bool, typer.Option("--newest", help="The last archived first, not the best.")
    ] = False,
    published: Annotated[
        bool, typer.Option("--published", help="The last published first.")
    ] = False,
) -> None:
    """Find archived articles by their words, best first."""
    from crawler.cli.reading import reading
    from crawler.errors import UsageError
    from storage.sql.search import SEARCHES, unmatched

    if newest and published:
        raise UsageError("--newest and --published are two orders")
    order = "newest" if newest else "published" if published else "best"
    words = asked(query)
    missing: tuple[str, ...] = ()
    with reading(invocation_of(ctx).settings()) as (_, session):
        page = SEARCHES[order](session, words, limit=limit, cursor=cursor)
        if not page.hits and cursor is None:
            missing = unmatched(session, words)
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
        for hit in page.hits
    )
    print_rows(rows, _COLUMNS, "nothing found")
    for line in _said(page, words, missing):
        typer.echo(plain(line), err=True)


def _said(page: "Page", query: str, missing: tuple[str, ...]) -> Iterator[str]:
    """Yield what a person is told besides: how many there are, or why there are none."""
    from storage.search.hints import hints
    from storage.sql.search import RANKED

    if not page.is_all:
        yield (
            f"more than {RANKED:,} match: these are the best of the newest {RANKED:,}; "
            "--newest lists all"
        )
    elif page.cursor and page.counted is not None:
        yield f"{page.counted:,} match"
    if page.cursor:
        yield f"more: --cursor {page.cursor}"
    if not page.hits:
        yield from (f"no article has {part}" for part in missing)
        yield from hints(query)
