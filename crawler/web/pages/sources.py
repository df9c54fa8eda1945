"""The sources and how each fares, those that lose articles first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fastapi import APIRouter
from fastapi.responses import Response

from crawler.sources.wellness import lists_lost, why_unwell
from crawler.web.charts import Line, line
from crawler.web.given import GivenFigures, GivenService
from crawler.web.lists import GivenForm, ListForm, Row, as_file
from crawler.web.render import render
from storage.alerts import Alert, AlertState
from storage.sql.alerts import list_alerts
from storage.sql.health import SourceHealth
from storage.sql.sources import list_sources
from storage.sql.tables import SourceRow

routes = APIRouter(include_in_schema=False)

_NOTHING = line([])
_FARES = (
    *("articles", "articles_24h", "last_new_article", "last_success", "waiting"),
    *("errors", "oldest_due", "lists", "lists_failing", "failing_since"),
    *("why_failing", "interval_s", "pages_in_vain", "in_vain_since", "why_in_vain"),
)
_COLUMNS = ("name", "home", "state", "lost", "alerts", "why", *_FARES)


@dataclass(frozen=True, slots=True)
class Shown:
    """A source in the list.

    Attributes:
        row: As it is kept.
        health: How it fares, as far as that was counted.
        alerts: Open ones.
        line: New articles a day.
        why: Why it is unwell, by what was counted.
    """

    row: SourceRow
    health: SourceHealth
    alerts: list[Alert]
    line: Line
    why: tuple[str, ...] = ()

    @property
    def lists_lost(self) -> str:
        """Which part of its lists cannot be read."""
        return lists_lost(self.health)

    @property
    def lost(self) -> float:
        """Articles that are missing by its alerts."""
        return sum(one.lost for one in self.alerts)


@routes.get("/sources")
def get_sources(
    service: GivenService, figures: GivenFigures, form: GivenForm = ListForm.PAGE
) -> Response:
    """Show the sources, those that lose most first, then by name."""
    counted = figures.sources.get()
    now = service.means.now() - timedelta(seconds=figures.sources.age)
    with service.session() as session:
        rows = list_sources(session)
        alerts = list_alerts(session, state=AlertState.OPEN, limit=None)
    by_source: defaultdict[int | None, list[Alert]] = defaultdict(list)
    for one in alerts:
        by_source[one.alert.source].append(one.alert)
    found = sorted(
        _shown(rows, by_source, counted, figures.lines.get(), now),
        key=lambda one: (
            -one.lost,
            not one.alerts,
            not one.why,
            one.row.name.casefold(),
        ),
    )
    if form is not ListForm.PAGE:
        return as_file(form, "sources", _COLUMNS, map(_as_row, found))
    return render("sources.html", sources=found, now=now)


def _shown(
    rows: list[SourceRow],
    alerts: Mapping[int | None, list[Alert]],
    counted: Sequence[SourceHealth],
    lines: Mapping[int, Line],
    now: datetime,
) -> list[Shown]:
    known = {one.name: one for one in counted}
    found = [(row, _standing(known.get(row.name), row)) for row in rows]
    return [
        Shown(
            row=row,
            health=health,
            alerts=alerts.get(row.id, []),
            line=lines.get(row.id or 0, _NOTHING),
            why=why_unwell(health, now) if row.name in known else (),
        )
        for row, health in found
    ]


def _standing(found: SourceHealth | None, row: SourceRow) -> SourceHealth:
    """Return how a source fares, as it stands now; one that is new has nothing yet."""
    if found is None:
        return SourceHealth(
            name=row.name,
            state=row.state,
            last_success=None,
            last_new_article=None,
            articles=0,
            articles_24h=0,
            waiting=0,
            errors=0,
            oldest_due=None,
        )
    return found if found.state == row.state else replace(found, state=row.state)


def _as_row(one: Shown) -> Row:
    kinds = [str(alert.kind) for alert in one.alerts]
    said = {name: getattr(one.health, name) for name in ("name", "state", *_FARES)}
    said |= {"home": one.row.home, "lost": round(one.lost, 1), "alerts": kinds}
    return said | {"why": list(one.why)}
