"""Articles chosen for a list, on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from storage.model.moment import Moment, Precision
from storage.sql.articles import Kept
from storage.sql.listing import Choice, choose_articles
from tests.storage.material import NOON, article

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
