"""Explain a page that is given or asked for now; nothing is kept."""

from dataclasses import dataclass, replace
from typing import Any

from crawler.cli.fetching.inputs import Address, Given, Input, Unreadable, read_inputs
from crawler.cli.sourcing.sources import source_by_name, source_of_site
from crawler.clock import utc_now
from crawler.config.plan import Plan, plan_for, stray_plan
from crawler.config.tree import Config
from crawler.errors import UsageError
from crawler.extract.children.examine import examine
from crawler.extract.explanation import Explanation, explain, explanation_document
from crawler.extract.source import Hint, PageSource
from crawler.service.clients import client_for
from crawler.sources.asking import Asker, Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An explanation, and of what: `status` is None without HTTP."""

    name: str
    url: str
    status: int | None
    explanation: Explanation

    def document(self) -> dict[str, Any]:
        """Return all of it for JSON."""
        return {
            "input": self.name,
            "fetched_url": self.url,
            "status": self.status,
            "explanation": explanation_document(self.explanation),
        }


async def explain_now(
    what: str, config: Config, *, url: str | None = None, source: str | None = None
) -> Told:
    """Read a page and return why it is read so.

    Args:
        what: A URL, a file name or `-`.
        config: The settings.
        url: Where a file is from.
        source: Whose site rules hold; else those of the source the URL belongs to.

    Raises:
        UsageError: it is none of these, or several.
        CrawlError: it cannot be had or not be read.
    """
    given = _only(what, list(read_inputs([what], url=url, from_text=False)))
    page, status = await _page(given, config)
    plan = _plan(page.url, config, source)
    ruled = PageSource(
        url=page.url,
        body=page.body,
        captured_at=page.captured_at,
        status=page.status,
        headers=page.headers,
        hint=Hint(language=plan.language, timezone=plan.timezone),
        rules=plan.rules_on(page.captured_at.date()),
    )
    told = explain(await examine(ruled), url=page.url)
    if status is None:  # no status speaks for what came without HTTP
        heard = tuple(e for e in told.evidence if not e.startswith("status "))
        told = replace(told, evidence=heard)
    name = given.url if isinstance(given, Address) else given.name
    return Told(name=name, url=page.url, status=status, explanation=told)


def _only(what: str, inputs: list[Input]) -> Address | Given:
    if len(inputs) != 1:
        raise UsageError(f"{what}: names {len(inputs)} pages; explain takes one")
    match inputs[0]:
        case Unreadable() as one:
            raise one.why
        case one:
            return one


async def _page(
    given: Address | Given, config: Config
) -> tuple[PageSource, int | None]:
    if isinstance(given, Given):
        return PageSource(url=given.url, body=given.body, captured_at=utc_now()), None
    async with client_for(config) as client:
        asker = Asker(config, client, Pace(stray_plan(config).delay))
        answer = await asker.fetch(given.url)
    page = PageSource(
        url=answer.url,
        body=answer.body,
        captured_at=answer.started_at,
        status=answer.status,
        headers=answer.headers,
    )
    return page, answer.status


def _plan(url: str, config: Config, name: str | None) -> Plan:
    if name is not None:
        return plan_for(source_by_name(name, config), config)
    source = source_of_site(url, config)
    return plan_for(source, config) if source else stray_plan(config)
