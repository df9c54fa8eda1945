"""Alerts as rows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlmodel import Session

from storage.alerts import Alert, AlertKind, AlertState, Loss
from storage.model.link_kind import Way
from storage.sql.alerts import (
    last_news,
    list_alerts,
    outages_since,
    put_alerts,
    standing_alerts,
    told_since,
)
from storage.sql.articles import Kept
from tests.storage.material import NOON, article

Add = Callable[..., int]
HOUR = timedelta(hours=1)


def suspicion(source: int) -> Alert:
    return Alert(
        source=source,
        loss=Loss.ARTICLES,
        kind=AlertKind.SILENT,
        why="nothing came",
        bad_since=NOON,
    )


def ours(**changed: object) -> Alert:
    alert = Alert(source=None, loss=Loss.OURS, why="out", bad_since=NOON)
    return replace(alert, opened_at=NOON, **changed)  # type: ignore[arg-type]


def test_an_alert_is_kept_as_it_stands(session: Session, add_source: Add) -> None:
    town = add_source("town")
    put_alerts(session, {}, [suspicion(town)])
    before = standing_alerts(session)
    opened = replace(suspicion(town), opened_at=NOON + HOUR, is_told=True, lost=3)

    put_alerts(session, before, [opened])

    assert list(before.values()) == [suspicion(town)]
    assert standing_alerts(session) == {next(iter(before)): opened}
    (named,) = list_alerts(session)
    assert (named.name, named.alert) == ("town", opened)
    assert told_since(session, NOON) == [NOON + HOUR]


def test_a_suspicion_that_is_no_more_is_dropped(
    session: Session, add_source: Add
) -> None:
    put_alerts(session, {}, [suspicion(add_source("town"))])

    put_alerts(session, standing_alerts(session), [])

    assert standing_alerts(session) == {}


def test_suspicions_are_not_listed(session: Session, add_source: Add) -> None:
    put_alerts(session, {}, [suspicion(add_source("town"))])

    assert list_alerts(session) == []


def test_alerts_are_listed_by_state(session: Session, add_source: Add) -> None:
    open_one = replace(suspicion(add_source("town")), opened_at=NOON)
    put_alerts(session, {}, [open_one, ours(closed_at=NOON + HOUR)])

    def listed(state: AlertState | None) -> set[str | None]:
        return {one.name for one in list_alerts(session, state=state)}

    assert listed(None) == {"town", None}
    assert listed(AlertState.OPEN) == {"town"}
    assert listed(AlertState.OVER) == {None}


def test_outages_of_ours_are_found_by_when_they_ended(session: Session) -> None:
    put_alerts(session, {}, [ours(closed_at=NOON + HOUR)])
    put_alerts(session, {}, [ours()])

    assert len(outages_since(session, NOON)) == 2
    assert len(outages_since(session, NOON + 2 * HOUR)) == 1


def test_the_last_news_is_no_article_that_somebody_asked_for(
    session: Session, add_source: Add, add_link: Add, keep: Callable[..., Kept]
) -> None:
    town, new = add_source("town"), add_source("new")
    day = timedelta(days=1)
    links = [
        (town, add_link("named", source_id=town)),
        (town, add_link("asked", source_id=town, ways=Way.HAND)),
        (new, add_link("other", source_id=new, ways=Way.HAND)),
    ]
    for days, (source, link) in enumerate(links):
        at = NOON + days * day
        story = article("Flood", f"The river rose on day {days}.")
        keep(story, source_id=source, link_id=link, captured_at=at)

    assert last_news(session) == {town: NOON, new: NOON + 2 * day}
