"""Feeds of new and changed articles, and of alerts: Atom and JSON Feed."""

from crawler.web.feeds import alerts, articles

ROUTES = (articles.routes, alerts.routes)
