"""Articles chosen for a list, on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from storage.model.moment import Moment, Precision
from storage.sql.articles import Kept
from storage.sql.dated import place_of
from storage.sql.listing import Choice, choose_articles, choose_dated
from tests.plans import steps
from tests.storage.material import NOON, ON_SQLITE, article

Keep = Callable[..., Kept]
DAY = timedelta(days=1)


@pytest.fixture
def some(keep: Keep, add_source: Callable[..., int]) -> None:
    kabar = add_source("Kabar")
    old = Moment(at=NOON - 9 * DAY, precision=Precision.DAY, zone_stated=True)
    harbour = article("Harbour", "A pier.", language="en", published=old)
    keep(harbour)
    keep(article("Pasar", "Pasar malam.", language="id"), source_id=kabar)
    keep(article("Ferry", "A boat.", language="id"), captured_at=NOON + 2 * DAY)


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize(
    ("choice", "titles"),
    [
        (Choice(), ["Ferry", "Pasar", "Harbour"]),
        (Choice(source="Kabar"), ["Pasar"]),
        (Choice(language="id"), ["Ferry", "Pasar"]),
        (Choice(state="gone"), []),
        (Choice(since=NOON - DAY), ["Ferry", "Pasar"]),
        (Choice(until=NOON - DAY), ["Harbour"]),
        (Choice(changed_since=NOON + DAY), ["Ferry"]),
        (
            Choice(changed_since=datetime(1, 1, 1, tzinfo=UTC), language="en"),
            ["Harbour"],
        ),
    ],
)
def test_articles_are_chosen(
    session: Session, choice: Choice, titles: list[str]
) -> None:
    assert [one.title for one in choose_articles(session, choice)] == titles


@pytest.mark.usefixtures("some")
def test_a_page_begins_behind_the_last_one(session: Session) -> None:
    first = choose_articles(session, Choice(), limit=2)

    rest = choose_articles(session, Choice(), before_id=first[-1].id)

    assert [one.title for one in rest] == ["Harbour"]


def days_old(days: int) -> Moment:
    return Moment(at=NOON - days * DAY, precision=Precision.DAY, zone_stated=True)


def archived(keep: Keep, *ages: int | None) -> None:
    """Keep articles that are dated so many days ago, or not at all, by turns."""
    for number, age in enumerate(ages):
        published = None if age is None else days_old(age)
        keep(article(f"Story {number} of {age}", f"{number}", published=published))


def test_articles_are_listed_by_their_dates_whenever_they_were_archived(
    session: Session, keep: Keep
) -> None:
    """What states none counts from when it was seen first, which is today here."""
    archived(keep, 300, 2, None, 4000, 9)

    ages = [one.title.split()[-1] for one in choose_dated(session, Choice())]

    assert ages == ["None", "2", "9", "300", "4000"]


def test_a_page_of_dates_begins_behind_the_last_one(
    session: Session, keep: Keep
) -> None:
    """Though all are of one day, and another came meanwhile."""
    archived(keep, 5, 5, 5, 5)
    first = choose_dated(session, Choice(), limit=2)
    archived(keep, 1)

    rest = choose_dated(session, Choice(), behind=place_of(first[-1]))

    assert [one.title for one in (*first, *rest)] == [
        f"Story {number} of 5" for number in (3, 2, 1, 0)
    ]


@ON_SQLITE
@pytest.mark.parametrize(
    "choice",
    [Choice(), Choice(source="Kabar"), Choice(since=NOON - DAY, until=NOON)],
    ids=["all", "of a source", "of a day"],
)
def test_articles_are_read_in_the_order_of_an_index(
    engine: Engine, choice: Choice
) -> None:
    plan = steps(engine, lambda session: choose_dated(session, choice))

    assert any("_date" in step for step in plan)
    assert not any("ORDER BY" in step for step in plan)
