"""A visit to a hub: what is due about subscriptions there, asked in the hub's turn.

The requests are no captures: they are no evidence of what anybody published, and
hold the secrets of the subscriptions, which a WARC file must not give away. robots.txt
is not asked: it speaks to crawlers of pages, and the feed itself asks for this.
"""

from contextlib import AsyncExitStack
from dataclasses import dataclass

from sqlmodel import Session

from crawler.errors import ConnectFailed, FetchError, NameNotResolved
from crawler.fetch.client import Client
from crawler.fetch.host_robots import HostRobots
from crawler.means import Means
from crawler.redaction import redact
from crawler.urls import address_of, domain_of
from crawler.visits.courtesy import Courtesy
from crawler.visits.gate import LEASE
from crawler.visits.leaving import leave_host
from crawler.websub.hubs import after_answer, due_step, failed
from storage.errors import VisitLost
from storage.model.exchange import Exchange
from storage.model.visit import Ticket
from storage.model.websub import Subscription
from storage.sql.ledger import add_hosts
from storage.sql.subscriptions import (
    due_subscriptions,
    forget_subscription,
    is_wanted,
    put_subscription,
    subscription_of,
)
from storage.sql.visits import arrive, hold, open_visit
from storage.writer import Tx

#: Nobody reads more of a hub's answer.
_MOST_BYTES = 64 * 1024
_NO_RULES = HostRobots(None)


async def visit_hub(host: str, means: Means, *, budget: int) -> int:
    """Visit a hub's host; return how many requests were made, 0 when it is not free."""
    now = means.now()
    ticket = await means.writer.run(
        lambda tx: open_visit(
            tx.session, host, now=now, until=now + LEASE, limit=0, domain_of=domain_of
        )
    )
    if ticket is None:
        return 0
    stay = _HubStay(ticket, means)
    try:
        return await stay.ask_all(budget)
    except VisitLost as lost:
        means.log.warning("visit lost", host=lost.host, fence=lost.fence)
        return stay.asked
    finally:
        await leave_host(stay.leave, means.log, host)


@dataclass
class _HubStay:
    """A visit to a hub under way."""

    ticket: Ticket
    means: Means
    asked: int = 0

    def __post_init__(self) -> None:
        self.courtesy = Courtesy.of(self.ticket)

    async def ask_all(self, budget: int) -> int:
        """Do what is due, until the host asks for a rest or is away."""
        means, now = self.means, self.means.now()
        due = await means.writer.run(
            lambda tx: due_subscriptions(tx.session, self.ticket.host, now, budget)
        )
        async with AsyncExitStack() as stack:
            inside = await stack.enter_async_context(means.new_client())
            outside = await stack.enter_async_context(means.new_public_client())
            for subscription in due:
                client = inside if subscription.is_private else outside
                if not self.asked and not await self._arrive(client, subscription):
                    break
                await self._attend(client, subscription.link)
                if self.courtesy.broken_off:
                    break
        return self.asked

    async def _arrive(self, client: Client, subscription: Subscription) -> bool:
        """Take the turn at the hub's address, or leave at once: another has it."""
        try:
            found = await client.addresses(subscription.endpoint)
        except FetchError:
            return True  # the request will say so
        now, address = self.means.now(), address_of(found, self.ticket.host)
        arrived = await self.means.writer.run(
            lambda tx: arrive(
                tx.session, self.ticket, address, now=now, until=now + LEASE
            )
        )
        self.ticket = arrived or self.ticket
        return arrived is not None

    async def _attend(self, client: Client, link: int) -> None:
        """Do what is due about one subscription.

        What is asked for is noted before it is asked: a hub may verify at once.
        """
        means = self.means

        def begin(tx: Tx) -> tuple[Subscription | None, dict[str, str] | None]:
            self._hold(tx.session)
            known = subscription_of(tx.session, link)
            if known is None:
                return None, None
            wanted = is_wanted(tx.session, known, means.callback)
            step = due_step(known, wanted=wanted, now=means.now(), jitter=means.draw())
            self._keep(tx.session, link, step.subscription)
            return step.subscription, dict(step.form) if step.form else None

        known, form = await means.writer.run(begin)
        if known is None or form is None:
            means.log.info(
                "subscription not asked for",
                link=link,
                reason=known.reason if known else "forgotten",
            )
            return
        answer = await self._ask(client, known, form)
        means.log.info(
            "hub asked",
            hub=known.endpoint,
            mode=form["hub.mode"],
            topic=known.topic,
            answer=answer.status if isinstance(answer, Exchange) else answer.why,
        )
        await self._note(link, answer)

    async def _ask(
        self, client: Client, known: Subscription, form: dict[str, str]
    ) -> Exchange | FetchError:
        self.asked += 1
        await self.courtesy.wait_turn(self.means, None, _NO_RULES)
        try:
            answer = await client.exchange(
                known.endpoint, form=form, raw_limit=_MOST_BYTES
            )
        except FetchError as error:
            self.courtesy.note(error.exchanges)
            if isinstance(error, ConnectFailed | NameNotResolved):
                self.courtesy.break_off(None, self.means.draw())
            return error
        self.courtesy.note([answer])
        return answer

    async def _note(self, link: int, answer: Exchange | FetchError) -> None:
        """Note what came of a request; the hub may have verified meanwhile."""
        now, jitter = self.means.now(), self.means.draw()
        asked = (
            self.courtesy.heed(answer, now, jitter)
            if isinstance(answer, Exchange)
            else None
        )

        def note(tx: Tx) -> None:
            self._hold(tx.session)
            known = subscription_of(tx.session, link)
            if known is None or known.asked_at is None:
                return
            if isinstance(answer, Exchange):
                stands = after_answer(known, answer, now, jitter, asked)
            else:
                why = redact(answer.reason)
                stands = failed(known, why, now, jitter)
            self._keep(tx.session, link, stands)

        await self.means.writer.run(note)

    def _keep(self, session: Session, link: int, stands: Subscription | None) -> None:
        if stands is None:
            forget_subscription(session, link)
            return
        add_hosts(session, {stands.host}, self.means.now())
        put_subscription(session, stands)

    async def leave(self) -> None:
        """End the visit: the hub is left alone for what it is owed."""
        courtesy, now = self.courtesy, self.means.now()
        await self.means.writer.run(
            lambda tx: courtesy.close(tx.session, self.ticket, now)
        )

    def _hold(self, session: Session) -> None:
        hold(session, self.ticket, self.means.now() + LEASE)
