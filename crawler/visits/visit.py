"""One visit: a host's due links, in order, politely.

For each link: fetch, keep the bytes (which acknowledges them), then read them.
Every commit carries the visit's fencing number; a visit that was taken over
stops at its next commit and has changed nothing.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

from sqlmodel import Session

from crawler.decisions.outcome import (
    after_error,
    after_move,
    after_status,
    after_trap,
    after_unreadable,
)
from crawler.discover.sitemaps import MAX_BYTES
from crawler.errors import (
    ConnectFailed,
    FetchError,
    FetchTimeout,
    LeavesHost,
    NameNotResolved,
    RefusedDestination,
    TooManyRedirects,
)
from crawler.fetch.client import Client, Validators
from crawler.learning import ReadPage, learn_from
from crawler.means import Means
from crawler.reading.capture import read_capture
from crawler.reading.result import Reading
from crawler.timing.when import LONG_REST, wants_full_get
from crawler.urls import address_of, domain_of, host_key, url_key
from crawler.visits.candour import examine, is_suspect
from crawler.visits.courtesy import Courtesy
from crawler.visits.gate import LEASE, Gate
from crawler.visits.keeping import Attended, keep_exchanges
from crawler.visits.leaving import leave_host
from crawler.visits.looking import spare
from crawler.visits.part_visit import PartVisit
from crawler.visits.probing import Doubt
from crawler.visits.render_visit import RenderVisit
from crawler.visits.shelf import Shelf
from crawler.visits.trails import Trails
from storage.errors import StorageError, VisitLost
from storage.model.exchange import Exchange
from storage.model.link import Link, NewLink, Settlement
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.model.visit import Ticket
from storage.sql.serving import note_served
from storage.sql.visits import arrive, hold, open_visit, open_visit_for
from storage.writer import Tx

#: What an operator should look at when a feed, sitemap or section ends so.
_FAILURES = frozenset(
    {
        LinkState.ERROR,
        LinkState.DEAD,
        LinkState.BLOCKED,
        LinkState.REFUSED,
        LinkState.ROBOTS,
        LinkState.GONE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of one link of a visit.

    `url` and `status` are of its answer, if one came; `target` is where it moved to.
    Answers themselves are not kept: those of all visits under way are many megabytes.
    """

    link: Link
    settlement: Settlement
    url: str | None = None
    status: int | None = None
    reading: Reading | None = None
    target: str | None = None


async def visit(host: str, means: Means, *, budget: int) -> list[Done]:
    """Visit a host for its due links; an empty list when another visit has it."""
    now, closed = means.now(), means.closed()
    ticket = await means.writer.run(
        lambda tx: open_visit(
            tx.session,
            host,
            now=now,
            until=now + LEASE,
            limit=budget,
            domain_of=domain_of,
            closed=closed,
        )
    )
    if ticket is None:
        return []
    return await _stay(await spare(ticket, means), means, budget)


async def visit_for(link_id: int, means: Means) -> Done | None:
    """Visit a host for one link alone, or return None when the host is taken."""
    now = means.now()
    ticket = await means.writer.run(
        lambda tx: open_visit_for(
            tx.session, link_id, now=now, until=now + LEASE, domain_of=domain_of
        )
    )
    done = await _stay(ticket, means, budget=1) if ticket else []
    return done[0] if done else None


async def _stay(ticket: Ticket, means: Means, budget: int) -> list[Done]:
    stay = Stay(ticket, means, budget)
    try:
        async with means.client_for(ticket.links) as client:
            return await stay.attend_all(client)
    except VisitLost as lost:
        means.log.warning("visit lost", host=lost.host, fence=lost.fence)
        return stay.done
    finally:
        await leave_host(stay.leave, means.log, ticket.host)


@dataclass
class Stay:
    """A visit under way: what was done, and what the host is owed."""

    ticket: Ticket
    means: Means
    budget: int
    done: list[Done] = field(default_factory=list)
    parts: set[int] = field(default_factory=set)
    shelf: Shelf = field(default_factory=Shelf)

    def __post_init__(self) -> None:
        self.courtesy = Courtesy.of(self.ticket)
        self.trails = Trails(self.means)

    async def attend_all(self, client: Client) -> list[Done]:
        """Attend to the links in turn, until the host asks for a rest or is away."""
        if not await self._arrive(client):
            return []
        self.hold = partial(_hold, self.ticket, self.means)
        self.gate = Gate(
            ticket=self.ticket,
            means=self.means,
            client=client,
            courtesy=self.courtesy,
            hold=self.hold,
        )
        self.doubt = Doubt(
            host=self.ticket.host,
            probe=self.ticket.probe,
            means=self.means,
            client=client,
            courtesy=self.courtesy,
            allow=self.gate.allow,
            hold=self.hold,
        )
        for link in self.ticket.links:
            if len(self.done) + len(self.parts) >= self.budget:
                break  # parts took the place of later links, which stay due
            if link.id in self.parts:
                continue
            if link.due is not None:
                self.means.counts.add_lag(self.means.now() - link.due)
            try:
                async with self._client_for(link, client) as own:
                    done = await self._attend(own, link)
            except (StorageError, VisitLost):
                raise
            except Exception as error:  # noqa: BLE001
                done = await self._give_up(link, error)
            self.done.append(done)
            if done.reading is not None:
                await self.trails.note(done.link, done.settlement.state)
            self._tell(done)
            if self.courtesy.broken_off or self.means.asked[self.ticket.host]:
                break
        await self._learn()
        return self.done

    async def _arrive(self, client: Client) -> bool:
        """Take the turn at the host's address, or leave at once: another has it."""
        if not self.ticket.links:
            return True
        try:
            found = await client.addresses(self.ticket.links[0].url)
        except FetchError:
            return True  # the first request will say so
        now, address = self.means.now(), address_of(found, self.ticket.host)
        arrived = await self.means.writer.run(
            lambda tx: arrive(
                tx.session, self.ticket, address, now=now, until=now + LEASE
            )
        )
        self.ticket = arrived or self.ticket
        return arrived is not None

    async def _learn(self) -> None:
        """Learn from what was read; no visit fails by it."""
        pages = [
            ReadPage(link=done.link, url=done.url, reading=done.reading)
            for done in self.done
            if done.reading is not None and done.url is not None
        ]
        try:
            await learn_from(self.means, pages, self.hold)
        except (StorageError, VisitLost):
            raise
        except Exception:  # what was read is kept
            self.means.log.exception("learning failed", host=self.ticket.host)

    async def leave(self) -> None:
        """End the visit: the host is left alone for what it is owed."""
        courtesy, now = self.courtesy, self.means.now()
        if self.done and not courtesy.broken_off:
            courtesy.failures = 0
        has_served = any(_is_served(done) for done in self.done)

        def close(tx: Tx) -> int:
            courtesy.close(tx.session, self.ticket, now)
            return note_served(tx.session, self.ticket.host, now) if has_served else 0

        again = await self.means.writer.run(close)
        if again:
            self.means.log.warning(
                "host serves articles again", host=self.ticket.host, asked_again=again
            )
        if courtesy.owed >= LONG_REST:
            until = (now + courtesy.owed).isoformat(timespec="seconds")
            self.means.log.warning("host rests", host=self.ticket.host, until=until)

    @asynccontextmanager
    async def _client_for(self, link: Link, client: Client) -> AsyncIterator[Client]:
        """Give the visit's client, or a public one for an image of another site."""
        links = self.ticket.links
        if self.means.are_foreign([link]) and not self.means.are_foreign(links):
            async with self.means.new_public_client() as public:
                yield public
        else:
            yield client

    async def _attend(self, client: Client, link: Link) -> Done:
        if done := await self._turn_away(link):
            return done
        full = not link.archived and not link.kind.is_watched
        full = full or wants_full_get(
            link.full_at, self.means.now(), lied_at=link.validators_lied_at
        )
        validators = Validators(etag=link.etag, last_modified=link.last_modified)
        try:
            hops = await client.fetch(
                link.url,
                validators=None if full else validators,
                allow=lambda url: self.gate.allow(url, link),
                at_least=_room(link),
            )
        except LeavesHost as away:
            return await self._hand_over(link, away)
        except (ConnectFailed, NameNotResolved) as error:  # not this link: the host
            if not error.exchanges:
                self.courtesy.break_off(None, self.means.draw())
            return await self._note_error(link, error)
        except FetchTimeout as error:
            done = await self._note_error(link, error)
            self.courtesy.note_silence(self.means.draw())
            return done
        except FetchError as error:
            return await self._note_error(link, error)
        return await self._keep_and_read(client, link, hops, full=full)

    async def _turn_away(self, link: Link) -> Done | None:
        """Settle a link that is not asked for now; None for one that is."""
        try:
            await self.gate.open(link)
        except RefusedDestination as error:  # nobody was asked, nobody needs a rest
            return await self._note_error(link, error)
        except FetchError as error:  # the other links stay due
            if not self.courtesy.broken_off:
                self.courtesy.break_off(None, self.means.draw())
            return await self._note_error(link, error)
        why = await self.trails.trap(link)
        if why is None:
            return None
        settlement = after_trap(why)
        await self._keep([], link, settlement=settlement)
        return Done(link=link, settlement=settlement)

    async def _give_up(self, link: Link, error: Exception) -> Done:
        """Settle a link that broke us, or it would be first in every visit."""
        self.means.log.error("attending failed", url=link.url, exc_info=error)
        why = f"{type(error).__name__}: {error}"
        settlement = after_unreadable(
            link,
            why,
            self.means.plan(link.source),
            self.means.now(),
            self.means.draw(),
        )
        await self._keep([], link, settlement=settlement)
        return Done(link=link, settlement=settlement)

    async def _keep_and_read(
        self, client: Client, link: Link, hops: Sequence[Exchange], *, full: bool
    ) -> Done:
        self.courtesy.note(hops)
        answer, means = hops[-1], self.means
        asked = self.courtesy.heed(answer, means.now(), means.draw())
        settlement = after_status(
            link,
            answer,
            means.plan(link.source),
            now=means.now(),
            jitter=means.draw(),
            retry_after=asked,
            terms=means.terms(link.source, answer),
        )
        capture = await self._keep(hops, link, settlement=settlement, full=full)
        if settlement is not None:
            return Done(
                link=link, settlement=settlement, url=answer.url, status=answer.status
            )
        reading = await read_capture(
            means,
            link,
            answer,
            capture,
            self.hold,
            self._pages(client, link).ask,
            render=self._rendering(client, link).render,
            judge=self.doubt.judge,
        )
        if is_suspect(link, answer, full=full, news=reading.new_links):
            await examine(
                link,
                answer,
                means,
                self.hold,
                client,
                courtesy=self.courtesy,
                allow=lambda url: self.gate.allow(url, link),
            )
        return Done(
            link=link,
            settlement=reading.settlement,
            url=answer.url,
            status=answer.status,
            reading=reading,
            target=reading.target,
        )

    def _rendering(self, client: Client, link: Link) -> RenderVisit:
        """Return who shows a page to a browser."""
        return RenderVisit(
            link=link,
            means=self.means,
            client=client,
            courtesy=self.courtesy,
            gate=self.gate,
            hold=self.hold,
            shelf=self.shelf,
        )

    def _pages(self, client: Client, first: Link) -> PartVisit:
        """Return who asks for the further pages of an article."""
        return PartVisit(
            first=first,
            host=self.ticket.host,
            means=self.means,
            client=client,
            courtesy=self.courtesy,
            allow=self.gate.allow,
            keep=self._keep_part,
            hold=self.hold,
            seen=self.parts,
        )

    async def _keep_part(
        self, hops: Sequence[Exchange], link: Link, settlement: Settlement
    ) -> int:
        return await self._keep(hops, link, settlement=settlement, full=True)

    async def _note_error(self, link: Link, error: FetchError) -> Done:
        self.courtesy.note(error.exchanges)
        means = self.means
        means.counts.add_error(means.name(link.source), error)
        settlement = after_error(
            link, error, means.plan(link.source), means.now(), means.draw()
        )
        await self._keep(error.exchanges, link, settlement=settlement)
        is_answered = isinstance(error, TooManyRedirects)
        status = error.exchanges[-1].status if is_answered else None
        return Done(link=link, settlement=settlement, status=status)

    async def _hand_over(self, link: Link, away: LeavesHost) -> Done:
        """Enter a redirect's target under its own host, to be visited there."""
        self.courtesy.note(away.exchanges)
        now = self.means.now()
        target = NewLink(
            url=away.target,
            key=url_key(away.target),
            host=host_key(away.target),
            kind=link.kind,
            title=link.title,
            published=link.published,
            blurb=link.blurb,
            next_run=now,
        )
        settlement = after_move(link, target.url, away.exchanges, now)
        await self._keep(away.exchanges, link, settlement=settlement, target=target)
        status = away.exchanges[-1].status
        return Done(link=link, settlement=settlement, status=status, target=target.url)

    async def _keep(
        self,
        hops: Sequence[Exchange],
        link: Link,
        *,
        settlement: Settlement | None,
        full: bool = False,
        target: NewLink | None = None,
    ) -> int:
        attended = Attended(
            link=link,
            robots_line=self.gate.line(link.url),
            settlement=settlement,
            full=full,
            target=target,
        )
        return await keep_exchanges(self.means, self.hold, hops, attended)

    def _tell(self, done: Done) -> None:
        reading = done.reading
        if done.link.kind.is_watched:
            self._count_poll(done, reading.new_links if reading else 0)
        tell = self.means.log.warning if _is_worrying(done) else self.means.log.info
        tell(
            "attended",
            url=done.link.url,
            state=str(done.settlement.state),
            reason=done.settlement.reason,
            new_links=reading.new_links if reading else 0,
            article=reading.article_id if reading else None,
        )

    def _count_poll(self, done: Done, new_links: int) -> None:
        """Count a reading of a list: as news, nothing new, or how it failed."""
        state = done.settlement.state
        if state is not LinkState.WATCHED:
            result = str(state)
        elif done.status == 304:
            result = "unchanged"
        else:
            result = "news" if new_links else "nothing"
        means = self.means
        means.counts.add_poll(
            means.name(done.link.source), done.link, result, new_links
        )


def _is_worrying(done: Done) -> bool:
    """Tell whether an operator should look: a list cannot be read, or has just moved."""
    state = done.settlement.state
    has_moved = state is LinkState.DUPLICATE and done.link.state is not state
    return done.link.kind.is_watched and (state in _FAILURES or has_moved)


def _room(link: Link) -> int:
    """Return how many bytes a link's body may have, whatever the limits."""
    return MAX_BYTES if link.kind is LinkKind.SITEMAP else 0


def _is_served(done: Done) -> bool:
    """Tell whether a host gave an article not had before: walls let old ones through."""
    is_kept = done.reading is not None and done.reading.article_id is not None
    return is_kept and not done.link.archived


def _hold(ticket: Ticket, means: Means, session: Session) -> None:
    """Hold a visit's host for longer, or learn that another took it."""
    hold(session, ticket, means.now() + LEASE)
