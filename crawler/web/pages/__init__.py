"""The HTML pages, a module for each."""

from crawler.web.pages import (
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
    health.routes,
    takedowns.routes,
)
