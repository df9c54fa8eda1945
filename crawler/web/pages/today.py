"""The first page: what is new, from every source."""

from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from crawler.web.given import Before, Choice, GivenPulse, GivenService
from crawler.web.reads import health, languages
from crawler.web.render import render
from storage.sql.articles import list_articles
from storage.sql.sources import list_sources

routes = APIRouter(include_in_schema=False)

_PAGE = 50


@routes.get("/")
def get_today(
    service: GivenService,
    pulse: GivenPulse,
    source: Choice = None,
    language: Choice = None,
    before: Before = None,
) -> HTMLResponse:
    """Show the newest articles and how the service fares."""
    now = service.means.now()
    with service.session() as session:
        articles = list_articles(
            session,
            source=source,
            language=language,
            before_id=before,
            limit=_PAGE,
        )
        sources = [row.name for row in list_sources(session)]
        spoken = languages(session)
    filters = {"source": source or "", "language": language or ""}
    older = {k: v for k, v in filters.items() if v} | {
        "before": str(articles[-1].id) if articles else ""
    }
    return render(
        "today.html",
        health=health(service, pulse, now),
        now=now,
        articles=articles,
        sources=sources,
        languages=spoken,
        filters=filters,
        is_first=before is None,
        older=f"/?{urlencode(older)}" if len(articles) == _PAGE else None,
    )
