"""How the archive fares today."""

from collections.abc import Callable
from datetime import timedelta

from sqlmodel import Session

from storage.source_day import SourceDay
from storage.sql.articles import Kept
from storage.sql.facets import facets
from storage.sql.tables import ArticleRow, SegmentRow, SourceDayRow
from storage.sql.today import answers, growth, lag, new_by_day, news
from tests.storage.material import NOON, article

Keep = Callable[..., Kept]
Add = Callable[..., int]
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)


def test_the_lag_is_that_of_all_but_one_in_twenty(
    session: Session, add_link: Add
) -> None:
    for n in range(1, 41):
        add_link(f"due{n}", next_run=NOON - timedelta(minutes=n))
    add_link("later", next_run=NOON + HOUR)

    found = lag(session, NOON)

    assert (found.due, found.longest) == (40, timedelta(minutes=40))
    assert found.p95 == timedelta(minutes=38)


def test_nothing_due_is_not_late(session: Session, add_link: Add) -> None:
    add_link("later", next_run=NOON + HOUR)

    assert lag(session, NOON).longest == timedelta()


def test_of_a_closed_source_nothing_is_late(
    session: Session, add_source: Add, add_link: Add
) -> None:
    kabar = add_source("kabar")
    add_link("due", source_id=kabar, next_run=NOON - HOUR)

    assert lag(session, NOON, closed={kabar}).due == 0


def test_news_are_compared_with_the_same_weekday_up_to_the_same_hour(
    session: Session, keep: Keep
) -> None:
    seen = [
        *(NOON - HOUR for _ in range(3)),
        *(NOON - WEEK - HOUR for _ in range(5)),
        NOON - WEEK + HOUR,
        *(NOON - 2 * WEEK - HOUR for _ in range(7)),
        NOON - timedelta(days=1),
        NOON - 2 * WEEK - 13 * HOUR,
    ]
    for n, at in enumerate(seen):
        kept = keep(article(f"Story {n}", f"Words of story {n}."), key=str(n))
        session.get_one(ArticleRow, kept.article_id).first_seen = at
    session.flush()

    found = news(session, NOON)

    assert (found.today, found.usual) == (3, 6.0)


def test_without_an_earlier_week_there_is_nothing_usual(session: Session) -> None:
    assert news(session, NOON).usual is None


def test_answers_of_days_are_added_up(session: Session, add_source: Add) -> None:
    for number, name in enumerate(("a", "b")):
        _day(session, add_source(name), 10, 1 + number, 7)
    _day(session, add_source("old"), 99, 99, 99, back=5)

    found = answers(session, [NOON.date()])

    assert (found.asked, found.walls, found.read) == (20, 3, 14)


def test_new_articles_by_source_and_day(session: Session, add_source: Add) -> None:
    kabar = add_source("kabar")
    _day(session, kabar, 1, 0, 1, new=4)
    _day(session, kabar, 1, 0, 1, new=9, back=40)

    assert new_by_day(session, NOON.date() - timedelta(days=29)) == {
        kabar: {NOON.date(): 4}
    }


def test_growth_is_of_a_day(session: Session) -> None:
    for n in range(4):
        opened = NOON - timedelta(days=4 - n)
        row = SegmentRow(name=f"s{n}", opened_at=opened, sealed_at=opened + HOUR)
        row.size = 1000
        session.add(row)
    session.flush()

    assert growth(session, NOON) == 1000.0


def test_growth_of_less_than_a_day_is_not_known(session: Session) -> None:
    row = SegmentRow(name="s", opened_at=NOON - HOUR, sealed_at=NOON, size=10)
    session.add(row)
    session.flush()

    assert growth(session, NOON) is None


def test_facets_count_what_a_query_finds(
    session: Session, keep: Keep, add_source: Add
) -> None:
    add_source("kabar")
    for n in range(3):
        keep(
            article(f"Bridge {n}", f"The bridge number {n}.", language="en"),
            key=f"b{n}",
        )
    keep(article("Ferry", "The ferry."), key="f")

    found = facets(session, "bridge")

    assert found.counted == 3
    assert sum(count for _, count in found.languages) == 3
    assert sum(count for _, count in found.months) == 3
    assert all(len(month) == 7 for month, _ in found.months)


def _day(
    session: Session,
    source: int,
    asked: int,
    walls: int,
    read: int,
    *,
    new: int = 0,
    back: int = 0,
) -> None:
    empty = SourceDay(day=NOON.date() - timedelta(days=back))
    session.add(
        SourceDayRow(
            source_id=source,
            day=empty.day,
            asked=asked,
            walls=walls,
            read=read,
            new=new,
            hours=list(empty.hours),
            fields={},
            lengths={},
        )
    )
    session.flush()
