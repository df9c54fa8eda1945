"""The JSON routes under /v1, a module for each resource."""

from crawler.web.api import (
    alerts,
    articles,
    events,
    explain,
    fetch,
    health,
    jobs,
    ledger,
    links,
    raw,
    reextractions,
    rules,
    search,
    source,
    sources,
    takedowns,
)

ROUTES = (
    articles.routes,
    raw.routes,
    search.routes,
    sources.routes,
    source.routes,
    rules.routes,
    ledger.routes,
    links.routes,
    explain.routes,
    fetch.routes,
    jobs.routes,
    health.routes,
    alerts.routes,
    events.routes,
    reextractions.routes,
    takedowns.routes,
)
