from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from storage.errors import BadQuery
from storage.model.moment import Moment, Precision
from storage.sql.articles import Kept
from storage.sql.copies import place_among_copies
from storage.sql.selection import (
    Wanted,
    all_versions,
    hold_moment,
    standing,
    wanted_ids,
)
from tests.storage.material import NOON, article

Keep = Callable[..., Kept]
DAY = timedelta(days=1)


def stated(at: datetime) -> Moment:
    return Moment(at=at, precision=Precision.DAY, zone_stated=True)


@pytest.fixture
def some(keep: Keep, add_source: Callable[..., int]) -> None:
    kabar = add_source("Kabar")
    keep(article("Harbour", "A pier.", language="en", published=stated(NOON - 9 * DAY)))
    keep(article("Ferry", "A pier again.", language="en-GB"))
    keep(article("Pasar", "Pasar malam.", language="id"), source_id=kabar)


@pytest.mark.usefixtures("some")
@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Wanted(), [1, 2, 3]),
        (Wanted(query="pier"), [1, 2]),
        (Wanted(query="pier -again"), [1]),
        (Wanted(query="lang:id"), [3]),
        (Wanted(language="en"), [1, 2]),
        (Wanted(source="Kabar"), [3]),
        (Wanted(query="pier", source="Kabar"), []),
        (Wanted(since=NOON - DAY), [2, 3]),
        (Wanted(until=NOON - DAY), [1]),
        (Wanted(query="pier", since=NOON - DAY), [2]),
    ],
)
def test_what_is_asked_for_is_found(
    session: Session, wanted: Wanted, ids: list[int]
) -> None:
    first = wanted_ids(session, Wanted())[0]  # ids grow on in a shared database

    assert [one - first + 1 for one in wanted_ids(session, wanted)] == ids


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(query="-all"),
        Wanted(query="all source:Nobody"),
        Wanted(source="Nobody"),
        Wanted(language="Indonesian"),
    ],
)
def test_what_nothing_can_be_found_by_is_refused(
    session: Session, wanted: Wanted
) -> None:
    with pytest.raises(BadQuery):
        wanted_ids(session, wanted)


def test_articles_with_nearly_the_same_text_have_one_cluster(
    session: Session, keep: Keep
) -> None:
    report = " ".join(f"word{n}" for n in range(200))
    first = keep(article("Storm", report))
    alone = keep(article("Pasar", "Pasar malam."))
    copy = keep(article("Storm warning", f"{report} Own line."))
    ids = [one.article_id for one in (first, alone, copy)]
    for one, text in zip(ids, (report, "", report), strict=True):
        place_among_copies(session, one, text)

    found = [one.cluster for one in standing(session, ids)]

    assert found == [ids[0], None, ids[0]]


def test_an_article_is_told_as_it_stands(session: Session, keep: Keep) -> None:
    first = keep(article("Old", "One."))
    row = {"link_id": 1, "captured_at": NOON + DAY}
    keep(article("New", "Quite another story."), **row)

    (one,) = standing(session, [first.article_id])

    assert (one.title, one.version, one.versions) == ("New", 2, 2)
    assert one.captured_at == NOON + DAY
    assert one.captured_at.tzinfo == UTC


def test_all_versions_are_told_in_the_order_of_their_captures(
    session: Session, keep: Keep
) -> None:
    keep(article("Second", "One."))
    keep(article("First", "Before it."), link_id=1, captured_at=NOON - DAY)

    told = list(all_versions(session, [1]))

    assert [(one.title, one.version) for one in told] == [("First", 2), ("Second", 1)]


def test_many_articles_are_told_in_the_order_of_ids(
    session: Session, keep: Keep
) -> None:
    for number in range(110):
        keep(article(f"No. {number}"))

    ids = wanted_ids(session, Wanted())

    assert [one.id for one in standing(session, ids)] == list(range(1, 111))


def test_one_moment_is_seen_whatever_is_written(
    session: Session, reader: Session, keep: Keep
) -> None:
    before = keep(article("Before"))
    session.commit()
    hold_moment(reader)

    keep(article("After"))
    session.commit()

    assert list(wanted_ids(reader, Wanted())) == [before.article_id]
