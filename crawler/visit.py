"""One visit: a host's due links, in order, politely.

For each link: fetch, keep the bytes (which acknowledges them), then read them.
Every commit carries the visit's fencing number; a visit that was taken over
stops at its next commit and has changed nothing.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session

from crawler.errors import FetchError, LeavesHost
from crawler.fetch.client import Client, Validators
from crawler.host_robots import HostRobots, fetch_robots, robots_of
from crawler.means import Means
from crawler.outcome import OVERLOADED, after_error, after_status
from crawler.reading import Reading, read_capture
from crawler.scope import enter
from crawler.urls import host_key, url_key
from crawler.when import (
    host_rest,
    rest,
    retry_after,
    robots_expired,
    smooth,
    wants_full_get,
)
from storage.errors import VisitLost
from storage.model import (
    Exchange,
    FoundLink,
    Link,
    LinkKind,
    LinkState,
    NewLink,
    Settlement,
    Ticket,
)
from storage.sql.articles import mark_gone
from storage.sql.captures import KeptRecords, add_capture, mark_fetched
from storage.sql.ledger import add_links, note_robots, settle
from storage.sql.visits import (
    close_visit,
    hold,
    open_visit,
    open_visit_for,
    save_robots,
)
from storage.warc.record import capture_records
from storage.writer import Tx

#: A visit that made no commit for this long may be taken over.
LEASE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of one link of a visit; `target` is where it moved to."""

    link: Link
    settlement: Settlement
    answer: Exchange | None = None
    reading: Reading | None = None
    target: str | None = None


async def visit(host: str, means: Means, *, budget: int) -> list[Done]:
    """Visit a host for its due links; an empty list when another visit has it."""
    now = means.now()
    ticket = await means.writer.run(
        lambda tx: open_visit(
            tx.session, host, now=now, until=now + LEASE, limit=budget
        )
    )
    return await _stay(ticket, means) if ticket else []


async def visit_for(link_id: int, means: Means) -> Done | None:
    """Visit a host for one link alone, or return None when the host is taken."""
    now = means.now()
    ticket = await means.writer.run(
        lambda tx: open_visit_for(tx.session, link_id, now=now, until=now + LEASE)
    )
    done = await _stay(ticket, means) if ticket else []
    return done[0] if done else None


async def _stay(ticket: Ticket, means: Means) -> list[Done]:
    stay = Stay(ticket, means)
    try:
        async with means.new_client() as client:
            return await stay.attend_all(client)
    except VisitLost as lost:
        means.log.warning("visit lost", host=lost.host, fence=lost.fence)
        return stay.done
    finally:
        await asyncio.shield(stay.leave())


@dataclass
class Stay:
    """A visit under way: what was done, and what the host is owed."""

    ticket: Ticket
    means: Means
    done: list[Done] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.response_ms = self.ticket.response_ms
        self.failures = self.ticket.failures
        self.robots_copy = self.ticket.robots
        self.robots = self._read_robots()
        self.owed = timedelta(0)
        self.overloaded = False
        self._asked_at: datetime | None = None

    async def attend_all(self, client: Client) -> list[Done]:
        """Attend to the visit's links in turn, until the host asks for a rest."""
        for link in self.ticket.links:
            done = await self._attend(client, link)
            self.done.append(done)
            self._tell(done)
            if self.overloaded:
                break
        return self.done

    def _tell(self, done: Done) -> None:
        reading = done.reading
        self.means.log.info(
            "attended",
            url=done.link.url,
            state=str(done.settlement.state),
            reason=done.settlement.reason,
            new_links=reading.new_links if reading else 0,
            article=reading.article_id if reading else None,
        )

    async def leave(self) -> None:
        """End the visit: the host is left alone for what it is owed."""
        free_at = self.means.now() + self.owed
        if not self.overloaded:
            self.failures = 0
        await self.means.writer.run(
            lambda tx: close_visit(
                tx.session,
                self.ticket,
                free_at=free_at,
                response_ms=self.response_ms,
                failures=self.failures,
            )
        )

    # ---- one link ---------------------------------------------------------------

    async def _attend(self, client: Client, link: Link) -> Done:
        full = wants_full_get(link.full_at, self.means.now())
        validators = (
            None
            if full
            else Validators(etag=link.etag, last_modified=link.last_modified)
        )
        try:
            await self._refresh_robots(client, link)
            hops = await client.fetch(
                link.url,
                validators=validators,
                allow=lambda url: self._allow(url, link),
            )
        except LeavesHost as away:
            return await self._hand_over(link, away)
        except FetchError as error:
            return await self._note_error(link, error)
        return await self._keep_and_read(link, hops, full=full)

    async def _allow(self, url: str, link: Link) -> None:
        """Wait for the host's turn; refuse what robots.txt or politeness forbids."""
        if host_key(url) != self.ticket.host:
            raise LeavesHost(link.url, url)
        self.robots.check(self.means.agent, url)
        await self._wait_turn(link)

    async def _wait_turn(self, link: Link) -> None:
        self.owed = rest(
            self.means.plan(link.source).delay,
            crawl_delay=self.robots.crawl_delay(self.means.agent),
            crawl_delay_cap=self.means.policy.crawl_delay_cap,
            response_ms=self.response_ms,
        )
        if self._asked_at is not None:
            pause = self._asked_at + self.owed - self.means.now()
            await asyncio.sleep(max(0.0, pause.total_seconds()))
        self._asked_at = self.means.now()

    def _note_answers(self, hops: Sequence[Exchange]) -> None:
        """Learn from the answers how fast the host is, and when it was last asked."""
        for hop in hops:
            spent = hop.elapsed / timedelta(milliseconds=1)
            self.response_ms = smooth(self.response_ms, spent)
            self._asked_at = hop.started_at + hop.elapsed

    async def _keep_and_read(
        self, link: Link, hops: Sequence[Exchange], *, full: bool
    ) -> Done:
        self._note_answers(hops)
        answer, now = hops[-1], self.means.now()
        plan = self.means.plan(link.source)
        asked = retry_after(answer.header("retry-after"), now)
        settlement = after_status(
            link,
            answer,
            plan,
            now=now,
            jitter=self.means.draw(),
            retry_after=asked,
        )
        if answer.status in OVERLOADED:
            self.overloaded = True
            self.failures += 1
            pause = host_rest(self.failures, asked=asked, jitter=self.means.draw())
            self.owed = max(self.owed, pause)
        capture = await self._keep(link, hops, settlement=settlement, full=full)
        if settlement is not None:
            return Done(link=link, settlement=settlement, answer=answer)
        reading = await read_capture(self.means, link, answer, capture, self._hold)
        return Done(
            link=link, settlement=reading.settlement, answer=answer, reading=reading
        )

    async def _note_error(self, link: Link, error: FetchError) -> Done:
        self._note_answers(error.exchanges)
        settlement = after_error(
            link,
            error,
            self.means.plan(link.source),
            self.means.now(),
            self.means.draw(),
        )
        await self._keep(link, error.exchanges, settlement=settlement, full=False)
        return Done(link=link, settlement=settlement)

    async def _hand_over(self, link: Link, away: LeavesHost) -> Done:
        """Enter a redirect's target under its own host, to be visited there."""
        self._note_answers(away.exchanges)
        now = self.means.now()
        target = NewLink(
            url=away.target,
            key=url_key(away.target),
            host=host_key(away.target),
            kind=link.kind,
            title=link.title,
            published=link.published,
            next_run=now,
        )
        again = now + timedelta(days=1) if link.kind.is_watched else None
        settlement = Settlement(
            state=LinkState.DUPLICATE, reason=f"moved to {target.url}", next_run=again
        )
        await self._keep(
            link, away.exchanges, settlement=settlement, full=False, target=target
        )
        return Done(link=link, settlement=settlement, target=target.url)

    # ---- what is kept ------------------------------------------------------------

    async def _keep(
        self,
        link: Link | None,
        hops: Sequence[Exchange],
        *,
        settlement: Settlement | None,
        full: bool,
        target: NewLink | None = None,
    ) -> int:
        """Keep exchanges and what is known of the link; return the last capture's id.

        Without a settlement the last exchange is still to be read.
        """
        records = [await asyncio.to_thread(capture_records, hop) for hop in hops]
        now = self.means.now()

        def keep(tx: Tx) -> int:
            self._hold(tx.session)
            capture = 0
            for index, (hop, record) in enumerate(zip(hops, records, strict=True)):
                request, response = tx.append([record.request, record.response])
                capture = add_capture(
                    tx.session,
                    hop,
                    KeptRecords(
                        request=request,
                        response=response,
                        payload_sha256=record.payload_sha256,
                        record_sha256=record.record_sha256,
                    ),
                    link_id=link.id if link else None,
                    to_read=settlement is None
                    and link is not None
                    and index == len(hops) - 1,
                )
            if link is None:
                return capture
            note_robots(tx.session, link.id, self._robots_line(link))
            if hops:
                mark_fetched(tx.session, link.id, hops[-1], full=full)
            if target is not None:
                add_links(
                    tx.session, [target], source=link.source, found_on=link.id, now=now
                )
            if settlement is not None:
                settle(tx.session, link.id, settlement)
                if settlement.state is LinkState.GONE:
                    mark_gone(tx.session, link.id, now)
            return capture

        return await self.means.writer.run(keep)

    def _hold(self, session: Session) -> None:
        hold(session, self.ticket, self.means.now() + LEASE)

    def _robots_line(self, link: Link) -> str:
        return self.robots.line(self.means.agent, link.url)

    # ---- robots.txt ----------------------------------------------------------------

    async def _refresh_robots(self, client: Client, link: Link) -> None:
        known = self.robots_copy
        now = self.means.now()
        if known and not robots_expired(known.status, known.read_at, now):
            return
        await self._wait_turn(link)
        copy, hops = await fetch_robots(client, link.url, known, now)
        self._note_answers(hops)
        self.robots_copy = copy
        self.robots = self._read_robots()
        await self._keep(None, hops, settlement=None, full=False)

        def keep(tx: Tx) -> None:
            save_robots(tx.session, self.ticket.host, copy)
            named = self._named_sitemaps(link, now)
            add_links(tx.session, named, source=link.source, found_on=link.id, now=now)

        await self.means.writer.run(keep)

    def _named_sitemaps(self, link: Link, now: datetime) -> list[NewLink]:
        """Return robots.txt's sitemaps, for a source that names no list itself."""
        watch = self.means.watches.get(link.source) if link.source is not None else None
        if watch is None or watch.source.feeds or watch.source.sitemaps:
            return []
        found = (
            FoundLink(url=url, kind=LinkKind.SITEMAP) for url in self.robots.sitemaps()
        )
        return list(
            enter(
                found, home=watch.source.home, plan=watch.plan, now=now, any_site=False
            )
        )

    def _read_robots(self) -> HostRobots:
        return robots_of(self.robots_copy, obey=self.means.policy.robots == "obey")
