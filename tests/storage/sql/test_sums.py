"""The states of the ledger add up to what was seen, and each has its reasons."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, func, select

from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.ledger import add_links
from storage.sql.sums import reason_class, sums, unaccounted
from storage.sql.tables import LinkRow
from tests.storage.material import NOON


@pytest.fixture
def ledger(session: Session) -> Session:
    ends = [
        (LinkState.WAITING, ""),
        (LinkState.TOO_OLD, "published 2020-01-02"),
        (LinkState.TOO_OLD, "published 2021-03-04"),
        (LinkState.ROBOTS, "robots.txt says Disallow: /x (line 3)"),
        (LinkState.TRAP, "a again and again"),
    ]
    links = [
        NewLink(
            url=f"https://news.example/{n}",
            key=f"news.example/{n}",
            host="news.example",
            kind=LinkKind.ARTICLE,
            state=state,
            reason=reason,
            next_run=NOON + timedelta(days=1) if state is LinkState.WAITING else None,
        )
        for n, (state, reason) in enumerate(ends)
    ]
    add_links(session, links, source=None, found_on=None, now=NOON)
    return session


def test_the_states_sum_to_the_discovered(ledger: Session) -> None:
    found = sums(ledger)

    assert sum(links for *_, links in found) == 5
    assert ledger.exec(select(func.count()).select_from(LinkRow)).one() == 5
    assert ("too_old", "published …", 2) in found
    assert unaccounted(ledger) == {}


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"state": "lost", "reason": "?"}, "in no known state"),
        ({"state": "gone", "reason": ""}, "ended without a reason"),
        ({"next_run": None}, "open, but never due"),
    ],
)
def test_a_link_that_is_not_accounted_for_is_found(
    ledger: Session, values: dict[str, str | None], why: str
) -> None:
    waiting = col(LinkRow.state) == LinkState.WAITING
    ledger.exec(update(LinkRow).where(waiting).values(**values))

    assert unaccounted(ledger) == {why: 1}


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        ("HTTP 404", "HTTP 404"),
        ("moved to https://a.example/b?c=1", "moved to …"),
        ("3 new, 12 changed", "… new, … changed"),
        ("FetchTimeout: no byte in 20 s", "FetchTimeout"),
        ("hub: 12 cards; no date", "hub"),
        ("article, first", "article, first"),
        ("part_of https://a.example/b: HTTP 503", "part_of …"),
    ],
)
def test_reasons_are_counted_by_kind(reason: str, kind: str) -> None:
    assert reason_class(reason) == kind
