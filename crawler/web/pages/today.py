"""The first page: whether the archive is alive and complete, and what is new."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from crawler.kept.reader import Reader
from crawler.sources.wellness import why_unwell
from crawler.web.api.health import not_ready
from crawler.web.forms import own_place
from crawler.web.given import Before, Choice, GivenFigures, GivenPulse, GivenService
from crawler.web.lists import GivenForm, ListForm, Row, as_file
from crawler.web.reads import known_source_or_404
from crawler.web.render import render
from storage.alerts import AlertState
from storage.sql.alerts import worst_alerts
from storage.sql.articles import list_articles
from storage.sql.sources import source_names
from storage.upkeep import Chore, last_done

routes = APIRouter(include_in_schema=False)

_PAGE = 50
_ALERTS = 20
_AT_ONCE = 200
_COLUMNS = (
    *("id", "url", "title", "authors", "source", "language", "published_at"),
    *("first_seen", "versions", "state"),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which articles are asked for."""

    source: Choice = None
    language: Choice = None
    before: Before = None


@routes.get("/")
def get_today(
    request: Request,
    service: GivenService,
    pulse: GivenPulse,
    figures: GivenFigures,
    asked: Annotated[Asked, Depends()],
    form: GivenForm = ListForm.PAGE,
) -> Response:
    """Show how the archive fares, what is lost, and the newest articles."""
    if asked.source is not None:
        with service.session() as session:
            known_source_or_404(session, asked.source)
    if form is not ListForm.PAGE:
        rows = _every(service, asked)
        return as_file(form, "articles", _COLUMNS, rows)
    now, known = service.means.now(), figures.now.get()
    unwell = sum(bool(why_unwell(one, now)) for one in figures.sources.get())
    with service.session() as session:
        found = list_articles(
            session,
            source=asked.source,
            language=asked.language,
            before_id=asked.before,
            limit=_PAGE + 1,
        )
        sources = list(source_names(session).values())
        alerts = worst_alerts(session, state=AlertState.OPEN, limit=_ALERTS + 1)
    articles = found[:_PAGE]
    free = service.folder.free_bytes()
    filters = {"source": asked.source or "", "language": asked.language or ""}
    chosen = {name: value for name, value in filters.items() if value}
    older = chosen | {"before": str(articles[-1].id) if articles else ""}
    return render(
        "today.html",
        now=known,
        weekday=f"{now:%A}",
        trouble=not_ready(pulse, service.means.writer, now),
        disk_free=free,
        days_left=_days_left(free - service.config.storage.disk_floor, known.growth),
        verified=last_done(service.folder.path, Chore.VERIFY),
        backed_up=last_done(service.folder.path, Chore.BACKUP),
        alerts=alerts[:_ALERTS],
        has_more_alerts=len(alerts) > _ALERTS,
        unwell=unwell,
        articles=articles,
        sources=sources,
        languages=known.languages,
        filters=filters,
        is_first=asked.before is None,
        here=own_place(f"{request.url.path}?{request.url.query}"),
        older=f"/?{urlencode(older)}" if len(found) > _PAGE else None,
        export=f"/?{urlencode(chosen)}{'&' if chosen else ''}",
    )


def _days_left(room: int, growth: float | None) -> int | None:
    return max(0, int(room / growth)) if growth else None


def _every(service: Reader, asked: Asked) -> Iterator[Row]:
    """Yield all articles that fit, newest first, a batch in one transaction."""
    before: int | None = None
    while True:
        with service.session() as session:
            found = list_articles(
                session,
                source=asked.source,
                language=asked.language,
                before_id=before,
                limit=_AT_ONCE,
            )
        for one in found:
            said = {name: getattr(one, name) for name in _COLUMNS}
            yield said | {"authors": list(one.authors)}
        if len(found) < _AT_ONCE:
            return
        before = found[-1].id
