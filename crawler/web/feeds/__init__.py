"""Feeds of new and changed articles, and of alerts: Atom and JSON Feed."""

from crawler.web.feeds import articles

ROUTES = (articles.routes,)
