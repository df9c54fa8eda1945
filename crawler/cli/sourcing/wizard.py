"""Survey a site and make it a source, once somebody said yes."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

import typer

from crawler.cli.exits import ExitCode
from crawler.cli.output import json_line, on_terminal, print_text, tell
from crawler.cli.sourcing.sources import add_source, refuse_another, source_of
from crawler.cli.sourcing.wizard_print import describe
from crawler.cli.writing import Running, running_service
from crawler.clock import utc_now
from crawler.config.plan import plan_for
from crawler.config.tree import DELAY_WITHOUT_CONTACT, Config, Source
from crawler.errors import ConnectFailed, NotReadable, UsageError
from crawler.extract.children.pool import ChildLimits, ExtractPool
from crawler.service.clients import client_for
from crawler.sources.asking import Asker, Pace
from crawler.sources.prospect import Prospect, proposed_source, summary
from crawler.sources.survey_lists import Surveyor
from crawler.sources.surveying import survey
from crawler.units import write_duration
from crawler.web.client import ServiceRefused

#: Seconds that a survey by the service may take: some sites ask for long pauses.
_PATIENCE = 3600
#: The status with which the service says that a site cannot be had.
_NOT_HAD = 424


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """What a survey found, and the settings of the source that it proposes."""

    finding: Mapping[str, Any]
    source: Mapping[str, Any]


_Ask = Callable[[str, Source, Config, int], Surveyed]


def survey_site(url: str, manners: Source, config: Config, samples: int) -> Surveyed:
    """Ask a site what it would be as a source; steps are told on stderr.

    While a service runs it asks, for it knows whose turn it is at a host. Without a
    scheme https is tried, then http.

    Raises:
        CrawlError: it cannot be had, or is nothing that can be watched.
    """
    _tell_slowness(config)
    service = running_service(config)
    ask: _Ask = partial(_by_service, service) if service else _directly
    if "://" in url:
        return ask(url, manners, config, samples)
    try:
        return ask(f"https://{url}", manners, config, samples)
    except (ConnectFailed, ServiceRefused) as error:
        if isinstance(error, ServiceRefused) and error.status != _NOT_HAD:
            raise
        return ask(f"http://{url}", manners, config, samples)


def _tell_slowness(config: Config) -> None:
    """Say why a survey of some dozen requests takes minutes, and what ends that."""
    if not config.identity.contact:
        pause = write_duration(DELAY_WITHOUT_CONTACT)
        tell(
            f"identity.contact is not set: one request in {pause}, so this takes "
            "minutes; set it, or try fewer articles (--samples 2)"
        )


def _by_service(
    service: Running, url: str, manners: Source, config: Config, samples: int
) -> Surveyed:
    tell(f"the running service surveys {url}; this takes a while")
    delay = write_duration(plan_for(manners, config).delay)
    wanted = {"url": url, "samples": samples, "delay": delay}
    finding = service.post("/v1/sources/probe", wanted, patience=_PATIENCE)
    for seen in finding["lists"]:
        seen["newest"] = seen["newest"] and datetime.fromisoformat(seen["newest"])
    return Surveyed(source=finding.pop("source"), finding=finding)


def _directly(url: str, manners: Source, config: Config, samples: int) -> Surveyed:
    prospect = asyncio.run(_survey(url, manners, config, samples))
    source = proposed_source(prospect, manners.name)
    return Surveyed(finding=asdict(summary(prospect)), source=source.model_dump())


async def _survey(url: str, manners: Source, config: Config, samples: int) -> Prospect:
    pool = ExtractPool(config.service.extractors, ChildLimits())
    with _steps() as told:
        async with pool, client_for(config) as client:
            by = Surveyor(
                asker=Asker(config, client, Pace(plan_for(manners, config).delay)),
                extract=pool.extract,
                tell=told,
                now=utc_now(),
            )
            return await survey(url, by, samples)


def settle_source(
    surveyed: Surveyed,
    manners: Source,
    fields: Mapping[str, Any],
    config: Config,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Show what was found; enter the source where that is wanted.

    On a terminal the finding is told and a question asked; in a pipe, or where JSON
    is wanted, it is one line of JSON.

    Args:
        surveyed: What was found.
        manners: The source as it was surveyed; its name holds where none was given.
        fields: What was given by hand, None where it was not.
        config: The settings.
        yes: Add it without asking.
        as_json: Print JSON, on terminals too.

    Raises:
        NotReadable: nothing was found that could be watched.
        UsageError: the name is taken, or nobody could be asked.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    source = source_of({**surveyed.source, "name": manners.name, **given}, config)
    finding = {**surveyed.finding, "source": _brief(source)}
    is_to_ask = on_terminal() and not as_json
    if "name" not in given and (yes or is_to_ask):
        refuse_another(source, config)
    is_empty = not any(seen["used"] for seen in finding["lists"])
    if not is_to_ask:
        added = add_source(source, config) if yes and not is_empty else None
        print_text(json_line({**finding, "added": added}))
        if is_empty and not (as_json and not yes):
            raise _nothing_found(source.home)
        if not (yes or as_json):
            raise UsageError("nobody was asked and nothing added; --yes adds it")
        return
    print_text("\n".join(describe(finding)))
    if is_empty:
        raise _nothing_found(source.home)
    if not (yes or _asked(source.name)):
        raise typer.Exit(ExitCode.SOME_FAILED)
    print_text(f"Watching {add_source(source, config)['name']}.")


def _nothing_found(home: str) -> NotReadable:
    return NotReadable(
        f"{home}: nothing was added, for no feed, sitemap or section was found that "
        "names articles; give one that you know with --feed, --sitemap or --section"
    )


def _asked(name: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError("nobody was asked and nothing added; --yes adds it")
    return typer.confirm(f"Watch it as {name!r}?", default=True, err=True)


def _brief(source: Source) -> dict[str, Any]:
    return source.model_dump(mode="json", exclude_defaults=True, exclude_none=True)


@contextmanager
def _steps() -> Iterator[Callable[[str], None]]:
    """Show each step on stderr: as a line that changes where a person sees it."""
    if not sys.stderr.isatty():
        yield tell
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status("") as status:
        yield lambda step: status.update(Text(step, overflow="ellipsis", no_wrap=True))
