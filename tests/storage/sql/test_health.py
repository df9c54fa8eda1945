"""Counts over a real archive."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session

from storage.model.link_state import LinkState
from storage.sql.articles import Kept, mark_gone
from storage.sql.census import ledger_counts
from storage.sql.health import source_health, totals
from storage.sql.tables import ArticleRow, CaptureRow, HostRow, SegmentRow
from tests.storage.material import NOON, article

Keep = Callable[..., Kept]
Add = Callable[..., int]
HOUR = timedelta(hours=1)


def test_links_are_counted_by_source_and_state(
    session: Session, add_source: Add, add_link: Add
) -> None:
    kabar = add_source("kabar")
    add_link("1", source_id=kabar)
    add_link("2", source_id=kabar)
    add_link("3", source_id=kabar, state="archived")
    add_link("4", state="error")

    assert ledger_counts(session) == {
        None: {LinkState.ERROR: 1},
        "kabar": {LinkState.WAITING: 2, LinkState.ARCHIVED: 1},
    }


def test_a_source_without_links_is_healthy_and_empty(
    session: Session, add_source: Add
) -> None:
    add_source("kabar", state="paused")

    (health,) = source_health(session, NOON)

    assert (health.name, health.state) == ("kabar", "paused")
    assert (health.articles, health.articles_24h) == (0, 0)
    assert (health.waiting, health.errors) == (0, 0)
    assert health.last_success is None
    assert health.last_new_article is None
    assert health.oldest_due is None


@pytest.mark.parametrize(
    ("state", "failures", "failing"),
    [
        ("watched", 0, 0),
        ("error", 5.25, 0),
        ("error", 5.5, 1),
        ("dead", 30, 1),
        ("gone", 1, 0),
        ("gone", 2, 1),
        ("robots", 2, 1),
        ("blocked", 2, 1),
    ],
)
def test_a_list_that_is_long_in_vain_asked_for_is_failing(
    session: Session,
    add_source: Add,
    add_link: Add,
    state: str,
    failures: float,
    failing: int,
) -> None:
    """For hours where it is an error, for a day where it is refused or gone."""
    kabar = add_source("kabar")
    add_link(
        "1",
        source_id=kabar,
        kind="feed",
        state=state,
        failures=failures,
        next_run=NOON,
        status=200,
        fetched_at=NOON,
        rhythm={"at": (NOON - 5 * HOUR).isoformat()},
    )
    add_link("2", source_id=kabar, state="dead", failures=30, next_run=NOON)
    add_link("3", source_id=kabar, kind="sitemap", state="gone", failures=9)

    (health,) = source_health(session, NOON)

    assert (health.lists, health.lists_failing) == (1, failing)


@pytest.mark.parametrize(("ago", "failing"), [(3, 0), (5, 1)])
@pytest.mark.parametrize("is_read", [True, False], ids=["once read", "never read"])
def test_a_list_fails_four_hours_after_it_was_last_read(
    session: Session,
    add_source: Add,
    add_link: Add,
    ago: int,
    *,
    failing: int,
    is_read: bool,
) -> None:
    """Whatever its errors weigh: a night must do for who looks in the morning."""
    then = NOON - ago * HOUR
    known = {"rhythm": {"at": then.isoformat()}} if is_read else {"found_at": then}
    kabar = add_source("kabar")
    failed = {"state": "error", "failures": 6.5, "next_run": NOON}
    add_link("1", kind="feed", source_id=kabar, **failed, **known)

    (health,) = source_health(session, NOON)

    assert health.lists_failing == failing


def test_a_list_that_moved_is_no_list_beside_the_one_it_leads_to(
    session: Session, add_source: Add, add_link: Add
) -> None:
    """Else a site whose addresses all lead to a page of adverts would be half well."""
    kabar = add_source("kabar")
    known = {"kind": "feed", "source_id": kabar, "next_run": NOON}
    add_link("1", state="duplicate", **known)
    add_link("2", state="error", failures=9, found_at=NOON - 9 * HOUR, **known)

    (health,) = source_health(session, NOON)

    assert (health.lists, health.lists_failing) == (1, 1)


@pytest.mark.parametrize(
    ("index", "known", "lists"),
    [
        ("watched", {}, (2, 0)),
        ("watched", {"rhythm": {"at": (NOON - 50 * HOUR).isoformat()}}, (3, 1)),
        ("watched", {"state": "blocked"}, (3, 1)),
        ("watched", {"kind": "section"}, (3, 1)),
        ("duplicate", {}, (2, 1)),
    ],
    ids=["never there", "once read", "refused", "no sitemap", "where one moved to"],
)
def test_a_sitemap_that_is_named_before_it_is_there_is_no_list_yet(
    session: Session,
    add_source: Add,
    add_link: Add,
    index: str,
    known: dict[str, object],
    lists: tuple[int, int],
) -> None:
    kabar = add_source("kabar")
    its = {"source_id": kabar, "kind": "sitemap", "next_run": NOON}
    named_by = add_link("index", **its | {"state": index})
    add_link("today", found_on=named_by, **its | {"state": "watched"})
    early = {"state": "gone", "failures": 3, "reason": "HTTP 404"}
    add_link("tomorrow", found_on=named_by, **its | early | known)

    (health,) = source_health(session, NOON)

    assert (health.lists, health.lists_failing) == lists
    assert health.why_failing == ("HTTP 404" if lists[1] else None)


def test_the_worst_list_says_why_it_fails(
    session: Session, add_source: Add, add_link: Add
) -> None:
    kabar = add_source("kabar")
    failing = {"source_id": kabar, "state": "error", "next_run": NOON}
    add_link("1", kind="feed", reason="HTTP 404", failures=1, **failing)
    add_link("2", kind="section", reason="no address", failures=3, **failing)
    add_link("3", reason="an article's", failures=9, **failing)
    add_link("4", kind="feed", source_id=kabar, reason="3 new", next_run=NOON)

    (health,) = source_health(session, NOON)

    assert health.why_failing == "no address"


def test_a_list_that_is_long_in_vain_asked_for_says_since_when(
    session: Session, add_source: Add, add_link: Add
) -> None:
    """Its last reading is what its rhythm was learned from until then."""
    kabar = add_source("kabar")
    known = {"kind": "feed", "source_id": kabar, "next_run": NOON}
    read = {"rhythm": {"at": (NOON - 50 * HOUR).isoformat()}}
    add_link("1", reason="1 new", **known)
    add_link("2", reason="HTTP 410", state="gone", failures=3, **read, **known)
    add_link("3", reason="no address", state="error", failures=4, **known)

    (health,) = source_health(session, NOON)

    assert (health.lists_failing, health.why_failing) == (1, "HTTP 410")
    assert health.failing_since == NOON - 50 * HOUR


def test_a_list_that_was_never_read_fails_since_it_was_entered(
    session: Session, add_source: Add, add_link: Add
) -> None:
    kabar = add_source("kabar")
    failed = {"state": "gone", "failures": 3, "next_run": NOON}
    add_link("1", kind="feed", source_id=kabar, found_at=NOON - 9 * HOUR, **failed)

    (health,) = source_health(session, NOON)

    assert health.failing_since == NOON - 9 * HOUR


def test_a_source_whose_host_is_left_alone_says_until_when(
    session: Session, add_source: Add, add_link: Add
) -> None:
    kabar, tempo = add_source("kabar"), add_source("tempo")
    tomorrow = NOON + timedelta(days=1)
    session.add(HostRow(key="rests.example", free_at=tomorrow))
    session.add(HostRow(key="free.example", free_at=NOON))
    add_link("1", source_id=kabar, kind="feed", host="rests.example", next_run=NOON)
    add_link("2", source_id=tempo, kind="feed", host="free.example", next_run=NOON)
    add_link("3", source_id=tempo, host="rests.example", next_run=NOON)

    rests = [health.rests_until for health in source_health(session, NOON)]

    assert rests == [tomorrow, None]


def test_a_source_counts_its_links_and_articles(
    session: Session, add_source: Add, add_link: Add, keep: Keep
) -> None:
    kabar = add_source("kabar")
    add_link("1", source_id=kabar, next_run=NOON - HOUR)
    add_link("2", source_id=kabar, next_run=NOON + HOUR, state="watched")
    add_link("3", source_id=kabar, state="error", status=500, fetched_at=NOON)
    add_link("4", source_id=kabar, state="dead")
    ok = add_link("5", source_id=kabar, state="archived", status=304)
    old = NOON - 30 * HOUR
    keep(article("a", "x"), link_id=ok, source_id=kabar, captured_at=old)
    new = add_link(
        "6", source_id=kabar, status=200, fetched_at=NOON - HOUR, state="archived"
    )
    keep(article("b", "y"), link_id=new, source_id=kabar, captured_at=NOON - HOUR)

    (health,) = source_health(session, NOON)

    assert (health.waiting, health.errors) == (1, 2)
    assert (health.articles, health.articles_24h) == (2, 1)
    assert health.last_success == NOON - HOUR
    assert health.last_new_article == NOON - HOUR
    assert health.oldest_due == NOON - HOUR


def test_a_source_says_what_its_lists_name_a_day_and_since_when_it_is_watched(
    session: Session, add_source: Add, add_link: Add
) -> None:
    resumed = add_source("kabar", resumed_at=NOON + HOUR)
    add_source("tempo")
    known = {"kind": "feed", "source_id": resumed, "next_run": NOON}
    add_link("1", rhythm={"news": 28.0, "days": 13.0}, **known)
    add_link("2", rhythm={"news": 3, "days": 0}, **known)
    add_link("3", **known)
    add_link("4", rhythm={"looks": 1}, source_id=resumed, next_run=NOON)

    found = source_health(session, NOON)

    assert [one.named_a_day for one in found] == [3.0, None]
    assert [one.watched_since for one in found] == [NOON + HOUR, NOON]


def test_sources_are_apart_and_by_name(
    session: Session, add_source: Add, add_link: Add
) -> None:
    add_source("b")
    add_link("1", source_id=add_source("a"))

    assert [(h.name, h.waiting) for h in source_health(session, NOON)] == [
        ("a", 1),
        ("b", 0),
    ]


def test_health_takes_one_query_for_any_number_of_sources(
    session: Session, add_source: Add
) -> None:
    for number in range(20):
        add_source(f"s{number}")
    statements: list[str] = []
    connection = session.connection()
    event.listen(
        connection, "before_cursor_execute", lambda *args: statements.append(args[2])
    )

    source_health(session, NOON)

    assert len(statements) == 1


def test_an_empty_archive_totals_nothing(session: Session) -> None:
    found = totals(session, NOON)

    assert (found.sources, found.links, found.captures, found.articles) == (0, 0, 0, 0)
    assert (found.versions, found.segments, found.segments_bytes) == (0, 0, 0)
    assert (found.articles_gone, found.due_late_seconds) == (0, 0.0)


def test_totals_count_everything(
    session: Session, add_source: Add, add_link: Add, keep: Keep
) -> None:
    add_source("kabar")
    link = add_link("1", next_run=NOON - HOUR)
    add_link("2", next_run=NOON - 2 * HOUR)
    add_link("3", next_run=NOON + HOUR)
    keep(article("a", "x"), link_id=link)
    keep(article("b", "y"), link_id=link)
    keep(article("c", "z"))
    mark_gone(session, link, NOON)

    found = totals(session, NOON)

    assert (found.sources, found.links) == (1, 4)
    assert (found.articles, found.articles_gone, found.versions) == (2, 1, 3)
    assert found.due_late_seconds == pytest.approx(7200)


def test_open_segments_are_sized_by_their_captures(session: Session) -> None:
    session.add(SegmentRow(name="a", opened_at=NOON, state="sealed", size=1000))
    session.add(SegmentRow(name="b", opened_at=NOON))
    session.flush()
    for segment in "ab":
        session.add(
            CaptureRow(
                url="u",
                fetched_at=NOON,
                elapsed_ms=1,
                segment=segment,
                offset=0,
                length=70,
                request_offset=70,
                request_length=7,
                record_sha256="",
                payload_sha256="",
                status=200,
            )
        )
    session.flush()

    found = totals(session, NOON)

    assert (found.segments, found.captures) == (2, 2)
    assert found.segments_bytes == 1077


def test_what_was_erased_is_no_article(
    session: Session, add_source: Add, keep: Keep
) -> None:
    kabar = add_source("kabar")
    keep(article("Pier", "It opens."), source_id=kabar)
    erased = keep(article("Quay", "It closes."), source_id=kabar)
    session.get_one(ArticleRow, erased.article_id).state = "erased"
    session.flush()

    assert totals(session, NOON).articles == 1
    assert [one.articles for one in source_health(session, NOON)] == [1]
