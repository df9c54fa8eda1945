"""What a visit owes its host: its turn before each request, and a rest at the end."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from crawler.decisions.outcome import OVERLOADED
from crawler.fetch.host_robots import HostRobots
from crawler.means import Means
from crawler.timing.when import host_rest, rest, retry_after, smooth
from storage.model.exchange import Exchange, Truncated
from storage.model.visit import Ticket
from storage.sql.visits import close_visit

#: How long a domain rests at most because one of its hosts is overloaded.
DOMAIN_REST = timedelta(hours=1)
#: After so many requests in a row that were left without an answer a visit ends.
SILENCES = 3


@dataclass(slots=True)
class Courtesy:
    """A host's pace, as it was known at the start and as its answers teach it.

    Attributes:
        response_ms: Smoothed response time.
        failures: Visits in a row that were broken off.
        owed: The rest due to the host after the last request.
        pace: The pause between two requests of this visit.
        domain_owed: The rest due to the other hosts of its domain.
        broken_off: Whether this visit ended before its links did.
    """

    response_ms: float | None
    failures: int
    owed: timedelta = timedelta(0)
    pace: timedelta = timedelta(0)
    domain_owed: timedelta = timedelta(0)
    broken_off: bool = False
    _silences: int = 0
    _asked_at: datetime | None = None
    _crawl_delay: timedelta = timedelta(0)

    @classmethod
    def of(cls, ticket: Ticket) -> "Courtesy":
        """Begin with what earlier visits have learnt."""
        return cls(response_ms=ticket.response_ms, failures=ticket.failures)

    async def wait_turn(
        self, means: Means, source: int | None, robots: HostRobots
    ) -> None:
        """Wait until the host has had its pause since the last request."""
        await asyncio.sleep(self.pause(means, source, robots).total_seconds())
        self._asked_at = means.now()

    def pause(self, means: Means, source: int | None, robots: HostRobots) -> timedelta:
        """Return how long it is until the host's turn.

        Of the robots.txt files met in a visit the slowest sets the pace.
        """
        asked = robots.crawl_delay(means.agent) or timedelta(0)
        self._crawl_delay = max(self._crawl_delay, asked)
        self.pace = self.owed = self.domain_owed = rest(
            means.plan(source).delay,
            crawl_delay=self._crawl_delay,
            crawl_delay_cap=means.policy.crawl_delay_cap,
            response_ms=self.response_ms,
            response_factor=means.plan(source).response_factor,
        )
        if self._asked_at is None:
            return timedelta(0)
        # never longer than what is owed: a clock may have been set back
        left = self._asked_at + self.pace - means.now()
        return min(max(left, timedelta(0)), self.pace)

    def note(self, hops: Sequence[Exchange]) -> None:
        """Learn from answers how fast the host is, and when it was last asked."""
        for hop in hops:
            spent = hop.elapsed / timedelta(milliseconds=1)
            self.response_ms = smooth(self.response_ms, spent)
            self._asked_at = hop.started_at + hop.elapsed

    def heed(self, answer: Exchange, now: datetime, jitter: float) -> timedelta | None:
        """Give the host the rest that a 429 or 503 asks for.

        Its domain rests as well, for an hour at most: one name that always answers
        so must not silence the others. One that answers well in between asks for a
        pace, it is not in trouble. An answer that came to no end in its time is none.

        Returns:
            The answer's Retry-After, if it gave one.
        """
        asked = retry_after(answer.header("retry-after"), now)
        if answer.truncated is Truncated.TIME:
            self.note_silence(jitter)
            return asked
        self._silences = 0
        if answer.status in OVERLOADED:
            self.break_off(asked, jitter)
            self.domain_owed = min(self.owed, max(self.pace, DOMAIN_REST))
        elif answer.status < 400:
            self.failures = 0
        return asked

    def next_turns(self, ticket: Ticket, now: datetime) -> dict[str, datetime]:
        """Return when each turn of this visit may be another's."""
        domain, *addresses = ticket.turns
        turns = dict.fromkeys(addresses, now + self.pace)
        return {**turns, domain: now + self.domain_owed}

    def note_silence(self, jitter: float) -> None:
        """Count a request without an answer; the third in a row ends the visit.

        One slow page says little of its host, and its link backs off by itself. But a
        host that lets all wait would hold a worker for a minute for each due link.
        """
        self._silences += 1
        if self._silences >= SILENCES:
            self.break_off(None, jitter)

    def close(self, session: Session, ticket: Ticket, now: datetime) -> None:
        """End a visit: the host, and who shares its turns, have the rest they are owed."""
        close_visit(
            session,
            ticket,
            free_at=now + self.owed,
            next_turns=self.next_turns(ticket, now),
            response_ms=self.response_ms,
            failures=self.failures,
        )

    def break_off(self, asked: timedelta | None, jitter: float) -> None:
        """End the visit: the host cannot be asked, or does not want to be."""
        self.broken_off = True
        self.owed = max(self.owed, host_rest(self.failures, asked=asked, jitter=jitter))
        self.failures += 1
