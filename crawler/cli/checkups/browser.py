"""Can pages be rendered? What `kliping doctor` says of the browser, where one is wanted."""

import os
from datetime import UTC, datetime, timedelta

from crawler.cli.checkups.folder import Check, Result
from crawler.cli.reading import reading
from crawler.config.plan import plan_for
from crawler.config.tree import Config, Source
from crawler.errors import RefusedDestination, RenderFailed, UsageError
from crawler.fetch.browser import Browser
from crawler.fetch.chromium import find_program
from crawler.fetch.request import Fields
from crawler.service.clients import browser_for
from storage.errors import StorageError
from storage.model.exchange import Exchange
from storage.sql.sources import list_sources

#: A script writes what is looked for.
_PAGE = b"<body><script>document.body.innerHTML = '<p>' + 40 + 2</script></body>"
_WRITTEN = b"<p>402</p>"


async def check_browser(config: Config) -> list[Check]:
    """Show a page to the browser, if any link may have to be rendered."""
    wanted = {config.defaults.render}
    wanted |= {plan_for(one, config).render for one in _sources(config)}
    if wanted == {"never"}:
        return []
    try:
        found = find_program(config.service.browser)
        async with browser_for(config) as browser:
            await _try(browser)
    except RenderFailed as error:
        said = f"{error}, and a source is to be rendered"
        return [Check("browser", Result.BAD, said)]
    bare = " without its sandbox, as it runs as root" if os.geteuid() == 0 else ""
    return [Check("browser", Result.GOOD, f"{found} showed a page{bare}")]


async def _try(browser: Browser) -> None:
    now = datetime.now(UTC)
    page = Exchange(
        url="https://kliping.invalid/",
        started_at=now,
        elapsed=timedelta(0),
        request=b"",
        response=b"",
        status=200,
        headers=(("Content-Type", "text/html"),),
        body=_PAGE,
    )
    made = await browser.render(page, _refuse)
    if _WRITTEN not in made.document:
        raise RenderFailed("the browser runs no scripts")


async def _refuse(url: str, _said: Fields) -> Exchange:
    raise RefusedDestination(url, "a page that is tried asks for nothing")


def _sources(config: Config) -> list[Source]:
    """Return the sources of the settings, and those that were added since."""
    try:
        with reading(config) as (_, session):
            rows = list_sources(session)
    except (UsageError, StorageError):  # other checks say so
        rows = []
    return [*config.sources, *(Source.model_validate(row.settings) for row in rows)]
