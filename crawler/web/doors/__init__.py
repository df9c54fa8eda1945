"""The archive's standard doors over HTTP."""

from crawler.web.doors import cdx, memento

ROUTES = (cdx.routes, memento.routes)
