"""The one route that the world may reach: where hubs verify and deliver (WebSub).

Each subscription has a path of its own, 256 random bits, so whoever finds one was
told by its hub. Elsewhere there is nothing: unknown paths, and questions that were
not asked for, are answered alike. What is delivered is signed or ignored; signed,
it makes the feed due. Nothing of a body is kept, parsed or held whole in memory.
"""

import asyncio
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from crawler.service.service import Service
from crawler.urls import host_key
from crawler.web.rates import Bucket
from crawler.websub.deliveries import Signature, delivered, rejected
from crawler.websub.hubs import confirm, is_path
from storage.model.websub import Subscription
from storage.sql.ledger import hint
from storage.sql.subscriptions import (
    forget_subscription,
    put_subscription,
    subscription_at,
)
from storage.sql.tables import LinkRow
from storage.writer import Tx

#: Where the route is; a proxy maps the public callback to it.
PLACE = "/websub"
#: Requests a second, and at once, of all hubs together and of one subscription's.
_ALL, _ONE = (50.0, 200.0), (1.0, 10.0)
_PORTS = {"http": 80, "https": 443}
_MOST_BUCKETS = 20_000


class HubDesk:
    """Answers hubs, each in its measure."""

    def __init__(self, service: Service, clock: Callable[[], float]) -> None:
        """Answer for a service; the clock tells seconds."""
        self._service = service
        self._clock = clock
        self._all = Bucket(*_ALL)
        self._each: dict[str, Bucket] = {}

    async def verify(self, path: str, request: Request) -> Response:
        """Answer a hub that asks whether we meant it (section 5.3)."""
        found = await self._reached(path)
        if isinstance(found, Response):
            return found
        means, said = self._service.means, dict(request.query_params)

        def answer(tx: Tx) -> str | None:
            known = subscription_at(tx.session, path)
            if known is None:
                return None
            confirmed = confirm(known, said, means.now(), means.draw())
            if confirmed is None:
                return None
            if confirmed.subscription is None:
                forget_subscription(tx.session, known.link)
            else:
                put_subscription(tx.session, confirmed.subscription)
            return confirmed.challenge

        challenge = await means.writer.run(answer)
        means.log.info(
            "hub verifies",
            mode=said.get("hub.mode", "")[:20],
            topic=found.topic,
            confirmed=challenge is not None,
        )
        return _nothing() if challenge is None else PlainTextResponse(challenge)

    async def deliver(self, path: str, request: Request) -> Response:
        """Take what a hub delivers; a wrong signature is answered like a right one."""
        found = await self._reached(path)
        if isinstance(found, Response):
            return found
        signature = Signature(found.secret, request.headers.get("x-hub-signature"))
        try:
            async with asyncio.timeout(self._patience):
                async for part in request.stream():
                    signature.feed(part)
        except TimeoutError:
            return Response(status_code=408)
        except ClientDisconnect:
            return Response(status_code=400)
        is_right = signature.is_right()
        await self._note(path, is_right=is_right)
        self._service.means.log.info("hub delivers", topic=found.topic, signed=is_right)
        return Response(status_code=202)

    @property
    def _patience(self) -> float:
        return self._service.config.limits.total.total_seconds()

    async def _reached(self, path: str) -> Subscription | Response:
        """Return the subscription at a path, or the refusal of who has none there.

        What is no path costs nothing, and who asks too often not much.
        """
        if not is_path(path):
            return _nothing()
        now, own = self._clock(), self._each.get(path)
        if not self._all.take(now) or (own is not None and not own.take(now)):
            return Response(status_code=429, headers={"Retry-After": "60"})
        known = await asyncio.to_thread(self._look_up, path)
        if known is None:
            return _nothing()
        if own is None:
            if len(self._each) >= _MOST_BUCKETS:
                self._each.clear()
            self._each[path] = Bucket(*_ONE, at=now)
        return known

    def _look_up(self, path: str) -> Subscription | None:
        with self._service.session() as session:
            return subscription_at(session, path)

    async def _note(self, path: str, *, is_right: bool) -> None:
        """Count a delivery; make its feed due where it is signed."""
        means = self._service.means
        now = means.now()

        def note(tx: Tx) -> None:
            known = subscription_at(tx.session, path)
            if known is None:
                return
            if not is_right:
                put_subscription(tx.session, rejected(known))
                return
            feed = tx.session.get_one(LinkRow, known.link)
            stands = delivered(known, feed.failures, now)
            put_subscription(tx.session, stands)
            if stands.hint_at is not None:
                hint(tx.session, known.link, stands.hint_at)

        await means.writer.run(note)


def public_names(callbacks: Iterable[str]) -> frozenset[str]:
    """Return the Host headers by which hubs ask for these URLs."""
    names = set()
    for url in callbacks:
        name, parts = host_key(url), urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
        names |= {name, f"{name.removesuffix(f':{port}')}:{port}"}
    return frozenset(names)


def callback_routes(service: Service, clock: Callable[[], float]) -> APIRouter:
    """Return the routes, which are no part of the API: only hubs are told of them."""
    desk = HubDesk(service, clock)
    routes = APIRouter(
        include_in_schema=False, max_body_size=service.config.limits.raw_size
    )

    @routes.get(f"{PLACE}/{{path:path}}")
    async def verify(path: str, request: Request) -> Response:
        return await desk.verify(path, request)

    @routes.post(f"{PLACE}/{{path:path}}")
    async def deliver(path: str, request: Request) -> Response:
        return await desk.deliver(path, request)

    return routes


def _nothing() -> Response:
    return Response(status_code=404)
