"""The JSON routes under /v1, a module for each resource."""

from crawler.web.api import (
    alerts,
    articles,
    digest,
    events,
    fetch,
    health,
    ledger,
    links,
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
    alerts.routes,
    events.routes,
    digest.routes,
    reextractions.routes,
    takedowns.routes,
)
