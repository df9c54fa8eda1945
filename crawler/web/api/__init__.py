"""The JSON routes under /v1, a module for each resource."""

from crawler.web.api import (
    alerts,
    articles,
    events,
    explain,
    fetch,
    health,
    ledger,
    links,
    raw,
    reextractions,
    search,
    source,
    sources,
    takedowns,
    tokens,
)

ROUTES = (
    articles.routes,
    raw.routes,
    search.routes,
    sources.routes,
    source.routes,
    ledger.routes,
    links.routes,
    explain.routes,
    fetch.routes,
    health.routes,
    alerts.routes,
    events.routes,
    reextractions.routes,
    takedowns.routes,
    tokens.routes,
)
