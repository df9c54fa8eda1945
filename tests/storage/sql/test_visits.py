from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from storage.errors import VisitLost
from storage.model.exchange import Exchange, Truncated
from storage.model.link import NewLink, Settlement
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.model.record import Position
from storage.model.verdict import VerdictKind
from storage.model.visit import RobotsCopy, Ticket
from storage.sql import visits
from storage.sql.captures import (
    KeptRecords,
    add_capture,
    mark_fetched,
    mark_read,
    unread_captures,
)
from storage.sql.ledger import add_links, find_link, settle
from storage.sql.sources import SourceEntry, put_source
from storage.sql.tables import CaptureRow, HostRow, LinkRow, SegmentRow, TurnRow
from storage.sql.visits import (
    close_visit,
    due_hosts,
    forget_visits,
    hold,
    is_pending,
    open_visit,
    open_visit_for,
    save_robots,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def link(host: str, path: str, *, kind: LinkKind, due: datetime | None) -> NewLink:
    return NewLink(
        url=f"https://{host}{path}",
        key=f"//{host}{path}",
        host=host,
        kind=kind,
        next_run=due,
    )


@pytest.fixture
def ledger(session: Session) -> Session:
    links = [
        link("a.example", "/old", kind=LinkKind.ARTICLE, due=NOW - 9 * MINUTE),
        link("a.example", "/new", kind=LinkKind.ARTICLE, due=NOW - MINUTE),
        link("a.example", "/feed", kind=LinkKind.FEED, due=NOW - MINUTE),
        link("a.example", "/later", kind=LinkKind.ARTICLE, due=NOW + MINUTE),
        link("b.example", "/x", kind=LinkKind.ARTICLE, due=NOW - 5 * MINUTE),
        link("c.example", "/never", kind=LinkKind.ARTICLE, due=None),
    ]
    add_links(session, links, source=None, found_on=None, now=NOW)
    return session


def claim(session: Session, host: str = "a.example", now: datetime = NOW) -> Ticket:
    ticket = open_visit(session, host, now=now, until=now + 5 * MINUTE, limit=10)
    assert ticket is not None
    return ticket


def close(session: Session, ticket: Ticket, free_at: datetime) -> None:
    close_visit(
        session,
        ticket,
        free_at=free_at,
        next_turns=dict.fromkeys(ticket.turns, NOW),
        response_ms=120.0,
        failures=2,
    )


def answer(status: int = 200, *headers: tuple[str, str]) -> Exchange:
    return Exchange(
        url="https://a.example/new",
        started_at=NOW,
        elapsed=timedelta(milliseconds=250),
        request=b"",
        response=b"",
        status=status,
        headers=headers,
        body=b"",
    )


def test_hosts_with_due_links_come_longest_due_first(ledger: Session) -> None:
    assert due_hosts(ledger, NOW, 10) == ["a.example", "b.example"]


def test_a_visited_host_is_not_due(ledger: Session) -> None:
    claim(ledger)

    assert due_hosts(ledger, NOW, 10) == ["b.example"]


def test_one_host_has_one_visit(ledger: Session) -> None:
    claim(ledger)

    again = open_visit(ledger, "a.example", now=NOW, until=NOW + MINUTE, limit=10)
    assert again is None


def test_an_abandoned_visit_is_taken_over(ledger: Session) -> None:
    first = claim(ledger)

    second = claim(ledger, now=NOW + 6 * MINUTE)

    assert second.fence == first.fence + 1


def test_a_visit_that_was_taken_over_cannot_commit(ledger: Session) -> None:
    first = claim(ledger)
    claim(ledger, now=NOW + 6 * MINUTE)

    with pytest.raises(VisitLost, match=r"visit 1 of a\.example"):
        hold(ledger, first, NOW + 9 * MINUTE)


def test_holding_prolongs_a_visit(ledger: Session) -> None:
    ticket = claim(ledger)

    hold(ledger, ticket, NOW + 60 * MINUTE)

    assert due_hosts(ledger, NOW + 6 * MINUTE, 10) == ["b.example"]


def test_watched_links_come_before_articles_and_newest_first(ledger: Session) -> None:
    paths = [found.url.rsplit("/", 1)[1] for found in claim(ledger).links]

    assert paths == ["feed", "new", "old"]


def test_a_closed_visit_gives_the_host_a_rest(ledger: Session) -> None:
    close(ledger, claim(ledger), NOW + MINUTE)

    assert due_hosts(ledger, NOW, 10) == ["b.example"]
    assert "a.example" in due_hosts(ledger, NOW + MINUTE, 10)


def test_what_was_learnt_of_a_host_is_there_next_time(ledger: Session) -> None:
    copy = RobotsCopy(
        url="https://a.example/robots.txt", status=200, body=b"# ok", read_at=NOW
    )
    save_robots(ledger, "a.example", copy)
    close(ledger, claim(ledger), NOW)

    ticket = claim(ledger)

    assert (ticket.robots, ticket.response_ms, ticket.failures) == (copy, 120.0, 2)


def test_a_lost_visit_does_not_close_the_one_that_took_over(ledger: Session) -> None:
    first = claim(ledger)
    claim(ledger, now=NOW + 6 * MINUTE)

    close(ledger, first, NOW)

    assert due_hosts(ledger, NOW + 7 * MINUTE, 10) == ["b.example"]


def test_a_start_releases_the_visits_of_a_dead_process(ledger: Session) -> None:
    dead = claim(ledger)

    assert forget_visits(ledger, NOW) == 1
    assert "a.example" in due_hosts(ledger, NOW, 10)
    with pytest.raises(VisitLost):
        hold(ledger, dead, NOW)


def test_a_visit_for_one_link_needs_it_not_be_due(ledger: Session) -> None:
    row = find_link(ledger, "//c.example/never")
    assert row is not None

    ticket = open_visit_for(ledger, int(row.id or 0), now=NOW, until=NOW + MINUTE)

    assert ticket is not None
    assert [found.url for found in ticket.links] == ["https://c.example/never"]


def test_a_visit_for_one_link_waits_for_its_host(ledger: Session) -> None:
    claim(ledger)
    row = find_link(ledger, "//a.example/new")
    assert row is not None

    assert open_visit_for(ledger, int(row.id or 0), now=NOW, until=NOW) is None


@pytest.fixture
def kept(ledger: Session) -> tuple[int, int]:
    """A capture of /new that is still to be read: (capture, link)."""
    ledger.add(SegmentRow(name="s.warc.gz", opened_at=NOW))
    ledger.flush()
    row = find_link(ledger, "//a.example/new")
    assert row is not None
    link_id = int(row.id or 0)
    records = KeptRecords(
        request=Position(segment="s.warc.gz", offset=0, length=10),
        response=Position(segment="s.warc.gz", offset=10, length=20),
        payload_sha256="p",
        record_sha256="r",
        request_sha256="q",
    )
    capture = add_capture(ledger, answer(), records, link_id=link_id, to_read=True)
    return capture, link_id


def test_an_unread_capture_is_found_again(
    ledger: Session, kept: tuple[int, int]
) -> None:
    assert [row.id for row in unread_captures(ledger, 10)] == [kept[0]]


def test_a_read_capture_remembers_its_verdict(
    ledger: Session, kept: tuple[int, int]
) -> None:
    mark_read(ledger, kept[0], NOW, verdict=VerdictKind.HUB, evidence=["many links"])

    row = ledger.get_one(CaptureRow, kept[0])
    assert (row.verdict, row.evidence) == ("hub", ["many links"])
    assert unread_captures(ledger, 10) == []


def test_a_whole_answer_leaves_its_validators(
    ledger: Session, kept: tuple[int, int]
) -> None:
    mark_fetched(ledger, kept[1], answer(200, ("ETag", '"1"')), full=True)

    row = find_link(ledger, "//a.example/new")
    assert row is not None
    assert (row.state, row.etag, row.full_at) == (LinkState.CAPTURED, '"1"', NOW)


def test_an_error_leaves_the_validators_alone(
    ledger: Session, kept: tuple[int, int]
) -> None:
    mark_fetched(ledger, kept[1], answer(200, ("ETag", '"1"')), full=False)
    mark_fetched(ledger, kept[1], answer(500), full=True)

    row = find_link(ledger, "//a.example/new")
    assert row is not None
    assert (row.etag, row.status, row.full_at) == ('"1"', 500, None)


def test_an_answer_cut_short_leaves_no_validators(
    ledger: Session, kept: tuple[int, int]
) -> None:
    whole = answer(200, ("ETag", '"1"'))

    mark_fetched(
        ledger, kept[1], replace(whole, truncated=Truncated.DISCONNECT), full=True
    )

    row = find_link(ledger, "//a.example/new")
    assert row is not None
    assert row.etag is None


@pytest.mark.parametrize(("failures", "etag"), [(0.0, '"1"'), (1.0, None)])
def test_an_answer_that_could_not_be_read_is_asked_for_whole_again(
    ledger: Session, kept: tuple[int, int], failures: float, etag: str | None
) -> None:
    mark_fetched(ledger, kept[1], answer(200, ("ETag", '"1"')), full=True)

    settle(
        ledger,
        kept[1],
        Settlement(state=LinkState.ERROR, reason="", next_run=NOW, failures=failures),
    )

    row = find_link(ledger, "//a.example/new")
    assert row is not None
    assert row.etag == etag


def test_links_of_a_closed_source_are_not_due(ledger: Session) -> None:
    source = put_source(
        ledger,
        SourceEntry(
            name="B",
            home="https://b.example/",
            language=None,
            state="active",
            settings={},
        ),
        origin="command",
        now=NOW,
    )
    shut = int(source.id or 0)
    for row in ledger.exec(select(LinkRow).where(LinkRow.host == "b.example")):
        row.source_id = shut
    ledger.flush()

    assert due_hosts(ledger, NOW, 10, closed={shut}) == ["a.example"]
    assert due_hosts(ledger, NOW, 10, closed={shut + 1}) == ["a.example", "b.example"]
    ticket = open_visit(
        ledger, "b.example", now=NOW, until=NOW + MINUTE, limit=10, closed={shut}
    )
    assert ticket is not None
    assert ticket.links == ()


def test_very_many_due_links_are_not_looked_up_one_by_one(
    ledger: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = due_hosts(ledger, NOW, 10)
    monkeypatch.setattr(visits, "_FEW", 1)

    assert due_hosts(ledger, NOW, 10) == few == ["a.example", "b.example"]


def test_what_was_read_before_waits_for_the_new_and_images_for_all(
    ledger: Session,
) -> None:
    more = [
        link("a.example", "/image", kind=LinkKind.ASSET, due=NOW),
        link("a.example", "/read", kind=LinkKind.ARTICLE, due=NOW),
    ]
    add_links(ledger, more, source=None, found_on=None, now=NOW)
    row = find_link(ledger, "//a.example/read")
    assert row is not None
    row.state = LinkState.ARCHIVED
    ledger.flush()

    paths = [found.url.rsplit("/", 1)[1] for found in claim(ledger).links]

    assert paths == ["feed", "new", "old", "read", "image"]


def test_a_visit_has_no_more_links_than_its_limit(ledger: Session) -> None:
    ticket = open_visit(ledger, "a.example", now=NOW, until=NOW + MINUTE, limit=2)

    assert ticket is not None
    assert [found.url.rsplit("/", 1)[1] for found in ticket.links] == ["feed", "new"]


def test_a_host_waits_from_when_it_was_free(ledger: Session) -> None:
    """Else one with old links would be first again after each of its visits."""
    for host, minutes in (("a.example", 1), ("b.example", 30)):
        ledger.get_one(HostRow, host).free_at = NOW - minutes * MINUTE
    ledger.flush()

    assert due_hosts(ledger, NOW, 10) == ["b.example", "a.example"]


@pytest.mark.parametrize(
    ("since", "attempts", "rest", "is_waited_for"),
    [
        (-3, 0, 0, True),
        (-3, 1, 0, False),
        (-1, 1, 0, True),
        (-3, 0, 1, False),
        (-3, 0, 0.5, True),
    ],
    ids=["never attended", "due since", "due before", "rests long", "rests shortly"],
)
def test_a_run_that_ends_waits_for(
    session: Session, *, since: int, attempts: int, rest: float, is_waited_for: bool
) -> None:
    due = link("a.example", "/x", kind=LinkKind.ARTICLE, due=NOW - MINUTE)
    add_links(session, [due], source=None, found_on=None, now=NOW)
    row = find_link(session, "//a.example/x")
    assert row is not None
    row.attempts = attempts
    session.get_one(HostRow, "a.example").free_at = NOW + rest * MINUTE
    session.flush()

    pending = is_pending(session, since=NOW + since * MINUTE, now=NOW)

    assert pending is is_waited_for


def test_a_start_keeps_the_rest_that_a_host_is_owed(ledger: Session) -> None:
    later = NOW + 9 * MINUTE
    claim(ledger)
    ledger.get_one(HostRow, "a.example").free_at = later
    ledger.get_one(TurnRow, "a.example").free_at = later
    ledger.flush()

    forget_visits(ledger, NOW)

    ledger.expire_all()
    assert ledger.get_one(HostRow, "a.example").free_at == later
    assert ledger.get_one(TurnRow, "a.example").free_at == later


def test_a_start_leaves_the_visits_of_other_nodes_alone(ledger: Session) -> None:
    ticket = claim(ledger)
    ledger.get_one(HostRow, "a.example").visitor = "another"
    ledger.flush()

    assert forget_visits(ledger, NOW) == 0
    hold(ledger, ticket, NOW + 9 * MINUTE)


def test_a_lost_visit_gives_back_nothing_of_the_one_that_took_over(
    ledger: Session,
) -> None:
    first = claim(ledger)
    second = claim(ledger, now=NOW + 6 * MINUTE)

    close(ledger, first, NOW)

    hold(ledger, second, NOW + 9 * MINUTE)
