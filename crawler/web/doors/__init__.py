"""The archive's standard doors over HTTP."""

from crawler.web.doors import cdx, memento, replay

ROUTES = (cdx.routes, memento.routes, replay.routes)
