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
from crawler.timing.boost import MOST_BOOST_HOURS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from crawler.cli.sourcing.trial import Finding
    from crawler.config.tree import Config

app = typer.Typer(help="The sites that are watched.", no_args_is_help=True)

_LIST_COLUMNS = ("name", "state", "language", "links", "home")
_Name = Annotated[str, typer.Argument(metavar="NAME", help="A source.")]
_Many = list[str] | None


@app.command("add")
def add(  # noqa: PLR0913  # a command's options are its arguments
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Of the site.")],
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
    samples: Annotated[
        int, typer.Option(metavar="N", min=0, max=50, help="How many articles to try.")
    ] = 10,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Add it without asking.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what is found as JSON; add nothing.")
    ] = False,
) -> None:
    """Survey a site and watch it: a home page, section, article, feed or sitemap.

    Its feeds, sitemaps, sections, robots.txt and opt-outs are looked for, sample
    articles are read, and on a terminal you are asked. Elsewhere the finding is
    printed as JSON, and the source added with --yes only. Where nothing that names
    articles is found, nothing is added (exit code 8). With --feed, --sitemap or
    --section nothing is asked of anybody: it is watched there.

    While a service runs it surveys: no visit meets it at a host. One that is being
    visited is waited for a minute.
    """
    from crawler.cli.sourcing.sources import add_source, refuse_another, source_of

    config = invocation_of(ctx).settings()
    fields: dict[str, Any] = {
        "delay": delay,
        "language": language,
        "group": group,
        "name": name,
    }
    if feed or sitemap or section:
        lists = {
            "feeds": feed or (),
            "sitemaps": sitemap or (),
            "sections": section or (),
        }
        named = {"name": name or _host_of(url)}
        source = source_of({**fields, **named, "home": url, **lists}, config)
        if name is None:
            refuse_another(source, config)
        print_rows([add_source(source, config)], ("id", "name", "state"), "")
        return
    _surveyed(url, fields, config, samples, yes=yes, as_json=as_json)


def _surveyed(
    url: str,
    fields: dict[str, Any],
    config: "Config",
    samples: int,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    from crawler.cli.sourcing.sources import source_of
    from crawler.cli.sourcing.wizard import settle_source, survey_site

    home = url if "://" in url else f"https://{url}"
    name = fields["name"] or _host_of(url)
    manners = source_of({**fields, "name": name, "home": home}, config)
    surveyed = survey_site(url, manners, config, samples)
    settle_source(surveyed, manners, fields, config, yes=yes, as_json=as_json)


def _host_of(url: str) -> str:
    """Return a source's name by its address: the host, with its port if it has one."""
    address = url if "://" in url else f"https://{url}"
    return (urlsplit(address).hostname or url).removeprefix("www.")


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="OPML, CSV, or one URL a line; - is stdin."
        ),
    ],
    *,
    feeds: Annotated[
        bool, typer.Option("--feeds", help="The URLs of a list are feeds.")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Add the others where some are bad.")
    ] = False,
) -> None:
    """Watch the sites that a file lists; those watched already are passed over.

    Where an entry cannot be watched, all such are named and nothing is added; with
    --skip-bad the others are, and the exit code is 1. The first line of a CSV file
    names its columns: url (or home), feeds, sitemaps, sections, name, language, group.
    One of addresses is enough; several addresses in a cell have spaces between them.
    """
    from crawler.cli.sourcing.transfer import enter_all, planned, read_file
    from crawler.errors import UsageError

    config = invocation_of(ctx).settings()
    listed = read_file(file, feeds=feeds)
    if listed.unread:
        tell(f"{file}: not read are the columns {', '.join(listed.unread)}")
    plan = planned(listed, config)
    for problem in plan.problems:
        tell(problem)
    if plan.problems and not skip_bad:
        raise UsageError(f"{file}: {len(plan.problems)} bad; nothing was added")
    for place in plan.known:
        tell(f"watched already: {place}")
    rows = enter_all(plan.sources, config) if plan.sources else []
    print_rows(rows, ("id", "name", "state"), "nothing new in it")
    if plan.problems:
        tell(f"{file}: {len(plan.problems)} bad and passed over")
        raise typer.Exit(ExitCode.SOME_FAILED)


@app.command("export")
def export(ctx: typer.Context) -> None:
    """Print the sources as OPML, for any feed reader."""
    from crawler.cli.sourcing.transfer import opml_of

    print_text(opml_of(invocation_of(ctx).settings()).rstrip("\n"))


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """List the sources, by name."""
    from crawler.cli.reading import reading
    from crawler.cli.sourcing.sources import source_rows

    with reading(invocation_of(ctx).settings()) as (_, session):
        rows = source_rows(session)
    print_rows(rows, _LIST_COLUMNS, "no sources")


@app.command("show")
def show(ctx: typer.Context, name: _Name) -> None:
    """Show a source: its settings, the manners that hold, where it is watched."""
    from crawler.cli.lookup import source_named
    from crawler.cli.reading import reading
    from crawler.clock import utc_now
    from crawler.sources.facts import source_facts

    with reading(invocation_of(ctx).settings()) as (reader, session):
        row = source_named(session, name)
        facts = source_facts(session, row, reader.config, utc_now())
    print_text(json_text(facts) if on_terminal() else json_line(facts))


@app.command("test")
def try_(
    ctx: typer.Context,
    what: Annotated[
        str, typer.Argument(metavar="NAME|URL", help="A source, or a home page.")
    ],
    *,
    file: Annotated[
        _Many, typer.Option(metavar="FILE", help="Try this saved page. Repeatable.")
    ] = None,
    archived: Annotated[
        bool, typer.Option("--archived", help="Try its newest archived articles.")
    ] = False,
    samples: Annotated[
        int, typer.Option(metavar="N", min=1, max=50, help="How many articles to try.")
    ] = 3,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, on terminals too.")
    ] = False,
) -> None:
    """Try a source now, keeping nothing: what it finds, and sample articles.

    Where it has site rules, each sample shows what every rule matched, and its fields
    with the rules and without. A rule that matches on no page is an error (exit
    code 12): it never fitted, or the site has changed. With --file or --archived
    nothing is fetched.
    """
    config = invocation_of(ctx).settings()
    findings = _findings(what, config, file or [], samples, archived=archived)
    codes = asyncio.run(_shown(findings, as_json=as_json or not on_terminal()))
    unfit = ExitCode.UNHEALTHY if ExitCode.UNHEALTHY in codes else None
    if code := unfit or of_many(codes):
        raise typer.Exit(code)


def _findings(
    what: str, config: "Config", files: list[str], samples: int, *, archived: bool
) -> "AsyncIterator[Finding]":
    from crawler.cli.sourcing.sources import source_to_try
    from crawler.cli.sourcing.trial import try_samples, try_source
    from crawler.cli.sourcing.trial_pages import samples_in_files, samples_of_archive

    source = source_to_try(what, config)
    if files:
        return try_samples(samples_in_files(files), source, config)
    if archived:
        kept = samples_of_archive(source.name, config, samples)
        return try_samples(kept, source, config)
    return try_source(source, config, samples)


async def _shown(
    findings: "AsyncIterator[Finding]", *, as_json: bool
) -> list[ExitCode]:
    from crawler.cli.sourcing.trial_print import describe

    codes = []
    async for finding in findings:
        codes.append(ExitCode(finding["exit_code"]))
        print_text(json_line(finding) if as_json else "\n".join(describe(finding)))
    return codes


@app.command("pause")
def pause(ctx: typer.Context, name: _Name) -> None:
    """Stop asking a source; what was archived stays."""
    _turn(ctx, name, "pause", "paused")


@app.command("resume")
def resume(ctx: typer.Context, name: _Name) -> None:
    """Watch a paused source again."""
    _turn(ctx, name, "resume", "active")


@app.command("remove")
def remove(ctx: typer.Context, name: _Name) -> None:
    """Watch a source no longer; what was archived stays, under its name.

    One that stands in config.yaml is removed by taking it out there.
    """
    from crawler.cli.sourcing.sources import let_go
    from crawler.cli.writing import running_service

    config = invocation_of(ctx).settings()
    if service := running_service(config):
        facts = service.delete(f"/v1/sources/{quote(name, safe='')}")
    else:
        facts = asyncio.run(let_go(name, config))
    print_rows([facts], ("name", "state"), "")


@app.command("boost")
def boost(
    ctx: typer.Context,
    name: _Name,
    *,
    hours: Annotated[
        float,
        typer.Option(
            metavar="N",
            min=0,
            max=MOST_BOOST_HOURS,
            help="For so long from now; 0 ends a boost.",
        ),
    ] = 6.0,
) -> None:
    """Read a source's lists as often as may be, for some hours.

    That is every 10 minutes, or its own shorter `poll`, whatever was learned of it.
    Its host's rest is kept.
    """
    from crawler.cli.sourcing.attention import boost_source

    _print_change(ctx, name, boost_source, {"hours": hours}, ("name", "boost_until"))


@app.command("poll")
def poll(ctx: typer.Context, name: _Name) -> None:
    """Make all lists of a source due now; without a service, at its next run.

    The rest of their host is kept: `rests_until`, if it has one.
    """
    from crawler.cli.sourcing.attention import poll_source

    _print_change(ctx, name, poll_source, {}, ("name", "lists", "rests_until"))


def _print_change(
    ctx: typer.Context,
    name: str,
    change: "Callable[..., dict[str, Any]]",
    given: dict[str, Any],
    columns: tuple[str, ...],
) -> None:
    facts = change(name, invocation_of(ctx).settings(), **given)
    print_rows([facts], columns, "")


def _turn(ctx: typer.Context, name: str, verb: str, state: str) -> None:
    from crawler.cli.sourcing.sources import turn_source
    from crawler.cli.writing import running_service

    config = invocation_of(ctx).settings()
    if service := running_service(config):
        facts = service.post(f"/v1/sources/{quote(name, safe='')}/{verb}", {})
    else:
        facts = asyncio.run(turn_source(name, state, config))
    print_rows([facts], ("id", "name", "state"), "")
