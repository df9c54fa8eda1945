"""Domains and addresses have one visit at a time, whichever host it is of."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from storage.errors import VisitLost
from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.model.visit import Ticket
from storage.sql.ledger import add_links
from storage.sql.tables import HostRow, TurnRow
from storage.sql.turns import DOMAINS_AT_ADDRESS, address_turn
from storage.sql.visits import (
    arrive,
    close_visit,
    due_hosts,
    forget_visits,
    hold,
    is_pending,
    look_in,
    open_visit,
    rests_until,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
ADDRESS = "203.0.113.5"
HOSTS = ("www.a.example", "m.a.example", "b.example", "c.example")


@pytest.fixture
def ledger(session: Session) -> Session:
    enter(session, *HOSTS)
    return session


def enter(session: Session, *hosts: str) -> None:
    links = [
        NewLink(
            url=f"https://{host}/x",
            key=f"//{host}/x",
            host=host,
            kind=LinkKind.ARTICLE,
            next_run=NOW - MINUTE,
        )
        for host in hosts
    ]
    add_links(session, links, source=None, found_on=None, now=NOW - 30 * MINUTE)


def domain_of(host: str) -> str:
    return ".".join(host.split(".")[-2:])


def claim(
    session: Session,
    host: str,
    now: datetime = NOW,
    guest_of: Collection[str] = (),
) -> Ticket | None:
    return open_visit(
        session,
        host,
        now=now,
        until=now + 5 * MINUTE,
        limit=10,
        domain_of=domain_of,
        guest_of=guest_of,
    )


def visiting(session: Session, host: str, now: datetime = NOW) -> Ticket:
    ticket = claim(session, host, now)
    assert ticket is not None
    return ticket


def at_address(
    session: Session, host: str, address: str = ADDRESS, now: datetime = NOW
) -> Ticket | None:
    ticket = visiting(session, host, now)
    return arrive(session, ticket, address, now=now, until=now + 5 * MINUTE)


def close(session: Session, ticket: Ticket, *, pause: timedelta, now: datetime) -> None:
    close_visit(
        session,
        ticket,
        free_at=now + pause,
        next_turns=dict.fromkeys(ticket.turns, now + pause),
        response_ms=None,
        failures=0,
    )


def test_hosts_of_one_domain_are_not_visited_at_once(ledger: Session) -> None:
    visiting(ledger, "www.a.example")

    assert claim(ledger, "m.a.example") is None
    assert claim(ledger, "b.example") is not None


def test_hosts_of_one_domain_share_the_pause(ledger: Session) -> None:
    close(ledger, visiting(ledger, "www.a.example"), pause=2 * SECOND, now=NOW)

    assert claim(ledger, "m.a.example", NOW + SECOND) is None
    assert claim(ledger, "m.a.example", NOW + 2 * SECOND) is not None


def test_a_host_that_waits_for_its_domain_is_not_due(ledger: Session) -> None:
    ticket = visiting(ledger, "www.a.example")
    claim(ledger, "m.a.example")  # in vain, but now its domain is known

    assert set(due_hosts(ledger, NOW, 9)) == {"b.example", "c.example"}

    close(ledger, ticket, pause=2 * SECOND, now=NOW)
    assert "m.a.example" not in due_hosts(ledger, NOW + SECOND, 9)
    assert "m.a.example" in due_hosts(ledger, NOW + 2 * SECOND, 9)


def test_a_domain_that_rests_long_is_not_waited_for(ledger: Session) -> None:
    for host in ("b.example", "c.example"):
        close(ledger, visiting(ledger, host), pause=timedelta(days=1), now=NOW)
    ticket = visiting(ledger, "www.a.example")
    claim(ledger, "m.a.example")
    close(ledger, ticket, pause=timedelta(hours=1), now=NOW)

    assert not is_pending(ledger, since=NOW, now=NOW)


def test_hosts_at_one_address_are_not_visited_at_once(ledger: Session) -> None:
    assert at_address(ledger, "b.example") is not None

    assert at_address(ledger, "c.example") is None


def test_hosts_at_one_address_share_the_pause(ledger: Session) -> None:
    ticket = at_address(ledger, "b.example")
    assert ticket is not None
    close(ledger, ticket, pause=2 * SECOND, now=NOW)

    assert at_address(ledger, "c.example", now=NOW + SECOND) is None
    assert claim(ledger, "c.example", NOW + 9 * MINUTE) is not None


def test_a_known_address_is_waited_for_without_asking_again(ledger: Session) -> None:
    refused = visiting(ledger, "c.example")
    at_address(ledger, "b.example")
    arrive(ledger, refused, ADDRESS, now=NOW, until=NOW + MINUTE)
    close(ledger, refused, pause=0 * SECOND, now=NOW)

    assert claim(ledger, "c.example") is None
    assert "c.example" not in due_hosts(ledger, NOW, 9)


def test_another_port_is_another_server(ledger: Session) -> None:
    assert at_address(ledger, "b.example") is not None

    assert at_address(ledger, "c.example", f"{ADDRESS}:8443") is not None


def test_a_host_that_moved_takes_the_turn_of_its_new_address(ledger: Session) -> None:
    first = at_address(ledger, "b.example", "203.0.113.9")
    assert first is not None
    close(ledger, first, pause=0 * SECOND, now=NOW)
    assert at_address(ledger, "c.example") is not None

    assert at_address(ledger, "b.example") is None


def test_a_crowded_address_has_more_than_one_turn(session: Session) -> None:
    """Else ten thousand sources behind one platform would wait for each other."""
    hosts = [f"s{n}.example" for n in range(10 * DOMAINS_AT_ADDRESS)]
    enter(session, *hosts)
    for host in hosts:
        ticket = at_address(session, host)
        if ticket is not None:
            close(session, ticket, pause=0 * SECOND, now=NOW)

    lanes = {address_turn(session, ADDRESS, host) for host in hosts}
    assert len(lanes) == 10
    assert all(lane.startswith(f"{ADDRESS}/") for lane in lanes)
    assert address_turn(session, f"{ADDRESS}0", "s1.example") == f"{ADDRESS}0"


def test_few_domains_share_one_turn(session: Session) -> None:
    hosts = [f"s{n}.example" for n in range(DOMAINS_AT_ADDRESS)]
    enter(session, *hosts)
    for host in hosts:
        ticket = at_address(session, host)
        assert ticket is not None
        close(session, ticket, pause=0 * SECOND, now=NOW)

    assert {address_turn(session, ADDRESS, host) for host in hosts} == {ADDRESS}


def test_a_dead_visit_loses_its_turns_to_another_host(ledger: Session) -> None:
    dead = visiting(ledger, "www.a.example")

    assert claim(ledger, "m.a.example", NOW + 6 * MINUTE) is not None
    with pytest.raises(VisitLost):
        hold(ledger, dead, NOW + 9 * MINUTE)


def test_a_dead_visit_does_not_give_back_what_it_lost(ledger: Session) -> None:
    dead = visiting(ledger, "www.a.example")
    later = NOW + 6 * MINUTE
    taken = visiting(ledger, "m.a.example", later)

    close(ledger, dead, pause=0 * SECOND, now=later)

    hold(ledger, taken, later + MINUTE)


def test_holding_a_visit_holds_its_turns(ledger: Session) -> None:
    hold(ledger, visiting(ledger, "www.a.example"), NOW + 30 * MINUTE)

    assert claim(ledger, "m.a.example", NOW + 20 * MINUTE) is None


def test_a_start_gives_all_turns_back(ledger: Session) -> None:
    visiting(ledger, "www.a.example")

    forget_visits(ledger, NOW)

    assert claim(ledger, "m.a.example") is not None


def test_a_guest_uses_the_turns_of_its_host(ledger: Session) -> None:
    at_address(ledger, "c.example", now=NOW - 9 * MINUTE)  # it lives there too
    host = at_address(ledger, "b.example")
    assert host is not None

    assert claim(ledger, "c.example") is None
    guest = claim(ledger, "c.example", guest_of=("b.example",))
    assert guest is not None
    close(ledger, guest, pause=0 * SECOND, now=NOW)

    hold(ledger, host, NOW + MINUTE)
    held = ledger.exec(select(TurnRow.key).where(TurnRow.host == "b.example")).all()
    assert set(held) == {"b.example", ADDRESS}


def test_another_name_of_the_domain_is_looked_in_on(ledger: Session) -> None:
    row = ledger.get_one(HostRow, "m.a.example")
    row.free_at = NOW + MINUTE

    assert look_in(ledger, "m.a.example", NOW) == (False, None)
    assert look_in(ledger, "new.a.example", NOW) == (True, None)


def test_a_host_whose_turn_a_dead_visit_has_is_due(ledger: Session) -> None:
    visiting(ledger, "www.a.example")
    claim(ledger, "m.a.example")  # in vain, but now its domain is known

    assert "m.a.example" in due_hosts(ledger, NOW + 6 * MINUTE, 9)


def test_a_host_that_is_found_where_it_was_has_its_turns_once(ledger: Session) -> None:
    first = at_address(ledger, "b.example")
    assert first is not None
    close(ledger, first, pause=0 * SECOND, now=NOW)
    again = at_address(ledger, "b.example")
    assert again is not None

    hold(ledger, again, NOW + 9 * MINUTE)

    assert again.turns == ("b.example", ADDRESS)


@pytest.mark.parametrize("key", ["b.example", ADDRESS])
def test_a_host_rests_until_its_turns_have(ledger: Session, key: str) -> None:
    ticket = at_address(ledger, "b.example")
    assert ticket is not None
    close(ledger, ticket, pause=0 * SECOND, now=NOW)
    ledger.get_one(TurnRow, key).free_at = NOW + MINUTE
    ledger.flush()

    assert rests_until(ledger, "b.example") == NOW + MINUTE
