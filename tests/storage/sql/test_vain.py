"""New pages that became no article, counted without any history."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from storage.model.link_kind import Way
from storage.sql.articles import Kept
from storage.sql.health import SourceHealth, source_health
from storage.sql.tables import SourceDayRow, SourceRow
from storage.sql.vain import FEW, MOST
from tests.plans import steps
from tests.storage.material import NOON, ON_SQLITE, article

Keep = Callable[..., Kept]
Add = Callable[..., int]
HOUR = timedelta(hours=1)
REFUSED = {
    "state": "blocked",
    "status": 403,
    "reason": "HTTP 403",
    "ways": Way.FEED,
    "found_at": NOON - 9 * HOUR,
}


@pytest.fixture
def kabar(session: Session, add_source: Add) -> int:
    """A source that is watched for four days, of which many answers were no articles."""
    number = add_source("kabar")
    session.get_one(SourceRow, number).created_at = NOON - 96 * HOUR
    counted = {"hours": [], "fields": {}, "lengths": {}, "asked": 90, "read": 80}
    session.add(SourceDayRow(source_id=number, day=NOON.date(), **counted))
    session.flush()
    return number


def ask_in_vain(add_link: Add, source: int, count: int = FEW, **facts: object) -> None:
    for number in range(count):
        at = NOON - 8 * HOUR + number * HOUR / 2
        said = {**REFUSED, "fetched_at": at, **facts}
        add_link(f"{facts}{number}", source_id=source, **said)


def health(session: Session) -> SourceHealth:
    (found,) = source_health(session, NOON)
    return found


def test_new_pages_that_all_were_refused_are_counted_with_the_commonest_reason(
    session: Session, add_link: Add, kabar: int
) -> None:
    ask_in_vain(add_link, kabar)
    ask_in_vain(add_link, kabar, 4, state="gone", status=404, reason="HTTP 404")
    ask_in_vain(add_link, kabar, 1, kind="feed", state="watched", status=200)

    found = health(session)

    assert (found.pages_in_vain, found.why_in_vain) == (14, "HTTP 403")
    assert found.in_vain_since == NOON - 8 * HOUR


def test_reasons_that_differ_in_their_figures_count_as_one(
    session: Session, add_link: Add, kabar: int
) -> None:
    ask_in_vain(add_link, kabar, 2)
    wall = {"status": 200, "fetched_at": NOON - HOUR}
    for number in range(9):
        ask_in_vain(add_link, kabar, 1, reason=f"bot_wall: prose {number}", **wall)

    assert health(session).why_in_vain == "bot_wall: prose 0"


def test_no_more_are_counted_than_say_enough(
    session: Session, add_link: Add, kabar: int
) -> None:
    ask_in_vain(add_link, kabar, MOST, fetched_at=NOON - HOUR)
    ask_in_vain(add_link, kabar)

    found = health(session)

    assert (found.pages_in_vain, found.in_vain_since) == (MOST, NOON - 8 * HOUR)


@pytest.mark.parametrize(
    "facts",
    [
        {"ways": Way.SITEMAP},
        {"ways": Way.SITEMAP, "published": NOON - 400 * 24 * HOUR},
        {"published": NOON - 8 * 24 * HOUR},
        {"found_at": NOON - 8 * 24 * HOUR},
        {"ways": Way.SECTION, "state": "not_article", "status": 200},
        {"state": "duplicate"},
        {"state": "archived"},
        {"state": "waiting"},
        {"kind": "section"},
        {"fetched_at": NOON - 100 * HOUR},
    ],
    ids=[
        "an old sitemap",
        "an old sitemap with days",
        "old news in a feed",
        "known for long",
        "pages of a front page",
        "known under another address",
        "archived",
        "waiting",
        "lists",
        "before it was entered",
    ],
)
def test_what_says_nothing_of_the_site_today_is_not_counted(
    session: Session, add_link: Add, kabar: int, facts: dict[str, object]
) -> None:
    ask_in_vain(add_link, kabar, **facts)

    assert health(session).pages_in_vain == 0


@pytest.mark.parametrize(
    "facts",
    [
        {"ways": Way.SITEMAP, "published": NOON - 9 * HOUR},
        {"ways": Way.SECTION},
        {"state": "not_article", "status": 200, "reason": "hub"},
    ],
    ids=["a news sitemap", "refused pages of a front page", "no articles in a feed"],
)
def test_news_may_be_named_by_any_list(
    session: Session, add_link: Add, kabar: int, facts: dict[str, object]
) -> None:
    ask_in_vain(add_link, kabar, **facts)

    assert health(session).pages_in_vain == FEW


def test_pages_count_from_the_newest_article_on(
    session: Session, add_link: Add, keep: Keep, kabar: int
) -> None:
    ask_in_vain(add_link, kabar)
    link = add_link("good", source_id=kabar, state="archived")
    at = NOON - 4 * HOUR
    keep(article("a", "x"), link_id=link, source_id=kabar, captured_at=at)

    found = health(session)

    assert (found.pages_in_vain, found.in_vain_since) == (1, NOON - 3.5 * HOUR)


def test_articles_of_other_sources_say_nothing_of_this_one(
    session: Session, add_source: Add, add_link: Add, keep: Keep, kabar: int
) -> None:
    ask_in_vain(add_link, kabar)
    tempo = add_source("tempo")
    link = add_link("good", source_id=tempo, state="archived")
    keep(article("a", "x"), link_id=link, source_id=tempo, captured_at=NOON)

    found = {one.name: one.pages_in_vain for one in source_health(session, NOON)}

    assert found == {"kabar": FEW, "tempo": 0}


def test_an_article_that_is_gone_later_is_no_page_in_vain(
    session: Session, add_link: Add, keep: Keep, kabar: int
) -> None:
    ask_in_vain(add_link, kabar)
    gone = add_link(
        "gone", source_id=kabar, **{**REFUSED, "state": "gone"}, fetched_at=NOON
    )
    old = NOON - 30 * HOUR
    keep(article("a", "x"), link_id=gone, source_id=kabar, captured_at=old)

    assert health(session).pages_in_vain == FEW


def test_pages_of_before_a_pause_do_not_count(
    session: Session, add_link: Add, kabar: int
) -> None:
    ask_in_vain(add_link, kabar)
    session.get_one(SourceRow, kabar).resumed_at = NOON - HOUR
    session.flush()

    assert health(session).pages_in_vain == 0


def test_links_are_looked_at_only_where_days_count_enough(
    session: Session, add_link: Add, kabar: int
) -> None:
    ask_in_vain(add_link, kabar)
    session.get_one(SourceDayRow, (kabar, NOON.date())).read = 81
    session.flush()

    assert health(session).pages_in_vain == 0


@ON_SQLITE
def test_links_of_a_source_are_read_by_the_time_they_were_asked_for(
    engine: Engine,
) -> None:
    plan = steps(engine, lambda session: source_health(session, NOON))

    asked = [step for step in plan if "fetched_at>" in step]
    assert len(asked) == 3
    assert all("ix_link_fetched (source_id=? AND fetched_at>?)" in s for s in asked)
