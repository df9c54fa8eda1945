"""The HTML pages, a module for each."""

from crawler.web.pages import (
    alerts,
    article,
    diff,
    explain,
    health,
    ledger,
    search,
    sources,
    takedowns,
    today,
)

ROUTES = (
    today.routes,
    article.routes,
    diff.routes,
    explain.routes,
    search.routes,
    sources.routes,
    ledger.routes,
    alerts.routes,
    health.routes,
    takedowns.routes,
)
