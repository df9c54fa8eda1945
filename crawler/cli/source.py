"""`kliping source`: the sites that are watched."""

import asyncio
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlsplit

import typer

from crawler.cli.exits import ExitCode, of_many
from crawler.cli.invocation import invocation_of
from crawler.cli.output import (
    json_line,
    json_text,
    on_terminal,
    print_rows,
    print_text,
    tell,
)

if TYPE_CHECKING:
    from crawler.config import Config, Source

app = typer.Typer(help="The sites that are watched.", no_args_is_help=True)

_LIST_COLUMNS = ("name", "state", "language", "links", "home")
_Name = Annotated[str, typer.Argument(metavar="NAME", help="A source.")]
_Many = list[str] | None


@app.command("add")
def add(  # noqa: PLR0913  # a command's options are its arguments
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Its home page or feed.")],
    *,
    name: Annotated[str | None, typer.Option(help="Else its host's name.")] = None,
    feed: Annotated[_Many, typer.Option(metavar="URL", help="Repeatable.")] = None,
    sitemap: Annotated[_Many, typer.Option(metavar="URL", help="Repeatable.")] = None,
    section: Annotated[_Many, typer.Option(metavar="URL", help="Repeatable.")] = None,
    delay: Annotated[
        str | None, typer.Option(help="Between two requests, such as 5s.")
    ] = None,
    language: Annotated[
        str | None, typer.Option(help="Of its text, such as id.")
    ] = None,
    group: Annotated[str | None, typer.Option(help="A group of config.yaml.")] = None,
) -> None:
    """Watch a site; without a feed, its home page is asked for one."""
    from crawler.cli.sources import add_source, probe, source_of

    config = invocation_of(ctx).settings()
    fields: dict[str, Any] = {
        "name": name or (urlsplit(url).hostname or url).removeprefix("www."),
        "home": url,
        "feeds": feed or (),
        "sitemaps": sitemap or (),
        "sections": section or (),
        "delay": delay,
        "language": language,
        "group": group,
    }
    source = source_of(fields, config)
    if not (feed or sitemap or section):
        source = asyncio.run(probe(source, config, tell))
    print_rows([add_source(source, config)], ("id", "name", "state"), "")


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """List the sources, by name."""
    from crawler.cli.reading import reading
    from crawler.cli.sources import source_rows

    with reading(invocation_of(ctx).settings()) as (_, session):
        rows = source_rows(session)
    print_rows(rows, _LIST_COLUMNS, "no sources")


@app.command("show")
def show(ctx: typer.Context, name: _Name) -> None:
    """Show a source: its settings, the manners that hold, where it is watched."""
    from crawler.cli.lookup import source_named
    from crawler.cli.reading import reading
    from crawler.cli.sources import source_facts

    with reading(invocation_of(ctx).settings()) as (reader, session):
        facts = source_facts(session, source_named(session, name), reader.config)
    print_text(json_text(facts) if on_terminal() else json_line(facts))


@app.command("test")
def test(
    ctx: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="NAME|URL", help="A source, or a home page.")
    ],
) -> None:
    """Try a source now, keeping nothing: what it finds, and sample articles."""
    config = invocation_of(ctx).settings()
    codes = asyncio.run(_test(_source(what, config), config))
    if code := of_many(codes):
        raise typer.Exit(code)


async def _test(source: "Source", config: "Config") -> list[ExitCode]:
    from crawler.cli.trial import describe, try_source

    codes = []
    async for finding in try_source(source, config):
        codes.append(ExitCode(finding["exit_code"]))
        if on_terminal():
            print_text("\n".join(describe(finding)))
        else:
            print_text(json_line(finding))
    return codes


def _source(what: str, config: "Config") -> "Source":
    from crawler.cli.lookup import source_named
    from crawler.cli.reading import reading
    from crawler.cli.sources import source_of
    from crawler.config import Source

    if what.startswith(("http://", "https://")):
        return source_of({"name": "test", "home": what}, config)
    for source in config.sources:
        if source.name.casefold() == what.casefold():
            return source
    with reading(config) as (_, session):
        return Source.model_validate(source_named(session, what).settings)


@app.command("pause")
def pause(ctx: typer.Context, name: _Name) -> None:
    """Stop asking a source; what was archived stays."""
    _turn(ctx, name, "pause", "paused")


@app.command("resume")
def resume(ctx: typer.Context, name: _Name) -> None:
    """Watch a paused source again."""
    _turn(ctx, name, "resume", "active")


def _turn(ctx: typer.Context, name: str, verb: str, state: str) -> None:
    from crawler.cli.sources import turn_source
    from crawler.cli.writing import running_service

    config = invocation_of(ctx).settings()
    if service := running_service(config):
        facts = service.post(f"/v1/sources/{quote(name, safe='')}/{verb}", {})
    else:
        facts = asyncio.run(turn_source(name, state, config))
    print_rows([facts], ("id", "name", "state"), "")
