"""What a host's answers mean for its rest, and for that of its domain."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler.visits.courtesy import DOMAIN_REST, SILENCES, Courtesy
from storage.model.exchange import Exchange, Truncated
from storage.model.visit import Ticket

NOW = datetime(2026, 3, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
JITTER = 0.5


def answer(
    status: int, *, retry_after: str | None = None, truncated: Truncated | None = None
) -> Exchange:
    return Exchange(
        url="https://a.test/",
        started_at=NOW,
        elapsed=timedelta(seconds=1),
        request=b"",
        response=b"",
        status=status,
        headers=(("Retry-After", retry_after),) if retry_after else (),
        body=b"",
        truncated=truncated,
    )


def courtesy(failures: int = 0) -> Courtesy:
    return Courtesy(response_ms=None, failures=failures)


@pytest.mark.parametrize("status", [200, 404])
def test_only_silences_in_a_row_end_a_visit(status: int) -> None:
    """However a host answers in between, it does."""
    host = courtesy()

    for _ in range(2):
        for _ in range(SILENCES - 1):
            host.heed(answer(200, truncated=Truncated.TIME), NOW, JITTER)
        host.heed(answer(status), NOW, JITTER)

    assert not host.broken_off


def test_a_host_that_answers_well_begins_with_a_short_rest_again() -> None:
    known, fresh = courtesy(failures=5), courtesy()
    known.heed(answer(200), NOW, JITTER)

    for host in (known, fresh):
        host.heed(answer(503), NOW, JITTER)

    assert known.owed == fresh.owed


def test_a_host_that_only_misses_pages_is_not_well_by_that() -> None:
    known, fresh = courtesy(failures=5), courtesy()
    known.heed(answer(404), NOW, JITTER)

    for host in (known, fresh):
        host.heed(answer(503), NOW, JITTER)

    assert known.owed > fresh.owed


@pytest.mark.parametrize(("asked", "rests"), [(5 * HOUR, DOMAIN_REST), (HOUR / 2,) * 2])
def test_a_domain_rests_as_its_host_but_for_an_hour_at_most(
    asked: timedelta, rests: timedelta
) -> None:
    host = courtesy()
    ticket = Ticket(
        host="www.a.test",
        turns=("a.test", "192.0.2.1"),
        fence=1,
        links=(),
        robots=None,
        response_ms=None,
        failures=0,
    )

    seconds = f"{asked.total_seconds():.0f}"
    host.heed(answer(503, retry_after=seconds), NOW, JITTER)

    assert host.owed == asked
    assert host.next_turns(ticket, NOW) == {"a.test": NOW + rests, "192.0.2.1": NOW}
