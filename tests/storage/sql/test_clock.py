"""A clock that ran ahead and was set back leaves nothing waiting for its future."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.sql.clock import take_times_back
from storage.sql.ledger import add_links
from storage.sql.tables import HostRow, LinkRow, TurnRow
from storage.sql.visits import due_hosts

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AHEAD = NOW + timedelta(days=365)
HOST = "a.example"


@pytest.fixture
def link(session: Session) -> LinkRow:
    found = NewLink(
        url=f"https://{HOST}/feed",
        key=f"//{HOST}/feed",
        host=HOST,
        kind=LinkKind.FEED,
        next_run=AHEAD,
    )
    add_links(session, [found], source=None, found_on=None, now=NOW - timedelta(days=1))
    row = session.get_one(LinkRow, 1)
    session.get_one(HostRow, HOST).free_at = NOW
    session.flush()
    return row


@pytest.mark.parametrize("name", ["fetched_at", "found_at"])
def test_what_a_clock_ahead_put_off_is_due(
    session: Session, link: LinkRow, name: str
) -> None:
    setattr(link, name, AHEAD)
    session.flush()

    assert take_times_back(session, NOW) == 1
    assert due_hosts(session, NOW, 10) == [HOST]


@pytest.mark.usefixtures("link")
def test_a_host_that_rests_for_a_year_is_free_and_its_links_are_due(
    session: Session,
) -> None:
    """What failed while the clock was ahead was never fetched then."""
    host = session.get_one(HostRow, HOST)
    host.free_at, host.domain, host.robots_at = AHEAD, HOST, AHEAD
    session.add(TurnRow(key=HOST, free_at=AHEAD))
    session.flush()

    assert take_times_back(session, NOW) == 1
    assert due_hosts(session, NOW, 10) == [HOST]
    session.refresh(host)
    assert host.robots_at == NOW


def test_a_host_that_was_asked_by_a_clock_two_hours_ahead_rests_from_now(
    session: Session, link: LinkRow
) -> None:
    """Its domain and address with it; else nobody would ask it for two hours."""
    asked, pause = NOW + timedelta(hours=2), timedelta(seconds=2)
    host = session.get_one(HostRow, HOST)
    host.domain = HOST
    host.free_at = link.fetched_at = asked
    host.free_at += pause
    turn = TurnRow(key=HOST, free_at=asked + pause)
    session.add(turn)
    session.flush()

    take_times_back(session, NOW)

    assert (host.free_at, turn.free_at) == (NOW + pause, NOW + pause)


def test_validators_of_the_future_are_left_out_next_time(
    session: Session, link: LinkRow
) -> None:
    link.fetched_at = link.full_at = AHEAD
    session.flush()

    take_times_back(session, NOW)

    session.refresh(link)
    assert (link.fetched_at, link.full_at) == (NOW, None)


def test_with_a_true_clock_nothing_moves(session: Session, link: LinkRow) -> None:
    link.next_run = NOW + timedelta(days=30)
    link.fetched_at = NOW
    session.get_one(HostRow, HOST).free_at = NOW + timedelta(hours=28)
    session.flush()

    assert take_times_back(session, NOW) == 0
    session.refresh(link)
    assert link.next_run == NOW + timedelta(days=30)
