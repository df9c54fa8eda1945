"""The HTML pages, a module for each."""

from crawler.web.pages import (
    add_source,
    alerts,
    article,
    diff,
    explain,
    explain_url,
    health,
    ledger,
    rule_lab,
    search,
    settings,
    source,
    sources,
    take_down,
    takedowns,
    today,
)

ROUTES = (
    today.routes,
    article.routes,
    diff.routes,
    explain.routes,
    explain_url.routes,
    search.routes,
    sources.routes,
    add_source.routes,
    source.routes,
    rule_lab.routes,
    ledger.routes,
    alerts.routes,
    health.routes,
    takedowns.routes,
    take_down.routes,
    settings.routes,
)
