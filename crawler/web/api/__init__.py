"""The JSON routes under /v1, a module for each resource."""

from crawler.web.api import (
    alerts,
    articles,
    config,
    events,
    fetch,
    health,
    ledger,
    links,
    metrics,
    reextractions,
    search,
    sources,
    takedowns,
)

ROUTES = (
    articles.routes,
    search.routes,
    sources.routes,
    ledger.routes,
    links.routes,
    fetch.routes,
    health.routes,
    config.routes,
    metrics.routes,
    alerts.routes,
    events.routes,
    reextractions.routes,
    takedowns.routes,
)
