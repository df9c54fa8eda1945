"""The one route that the world may reach, and that it opens no other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from crawler.config.tree import WebSub
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.urls import host_key, url_key
from crawler.web.app import make_app
from crawler.web.callback import public_names
from crawler.web.rates import Bucket
from crawler.web.security import HEADERS
from crawler.web.server import serve_pages
from crawler.websub.hubs import Announcement, Fresh, announced
from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.model.websub import Asking, Subscription
from storage.sql.ledger import add_links, find_link
from storage.sql.subscriptions import put_subscription, subscription_of
from storage.sql.tables import LinkRow
from tests.crawler.hub import sign
from tests.crawler.web.conftest import BASE, TOKEN, bearing, config_for, speaking_to

pytestmark = pytest.mark.anyio
CALLBACK = "https://kliping.example/news/websub"
PUBLIC = {"Host": "kliping.example"}
FEED = "https://town.example/feed"
PATH = "/websub/" + "p" * 43
DAY = timedelta(days=1)
READING = [
    "/",
    "/ledger",
    "/login",
    "/healthz",
    "/openapi.json",
    "/v1/articles",
    "/metrics",
]
CHANGING = ["/login", "/v1/fetch", "/v1/links", "/v1/sources", "/v1/tokens"]


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    config = config_for(tmp_path / "own")
    config = config.model_copy(update={"websub": WebSub(callback=CALLBACK)})
    async with open_service(config) as service:
        yield service


@asynccontextmanager
async def hubs_client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A client that asks for the public name, as a hub behind a proxy does."""
    async with speaking_to(make_app(service, Pulse(), TOKEN)) as client:
        client.headers.update(PUBLIC)
        yield client


@pytest.fixture
async def client(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    async with hubs_client(service) as client:
        yield client


async def subscribe(
    service: Service, hub: str = "https://hub.example/", **more: object
) -> Subscription:
    """Enter a feed that is due in a day, and its subscription."""
    now = service.means.now()
    link = NewLink(
        url=FEED,
        key=url_key(FEED),
        host="town.example",
        kind=LinkKind.FEED,
        next_run=now + DAY,
    )
    host = NewLink(url=hub, key=url_key(hub), host=host_key(hub), kind=LinkKind.FEED)

    def enter(tx: Any) -> Subscription:  # noqa: ANN401
        add_links(tx.session, [link, host], source=None, found_on=None, now=now)
        row = find_link(tx.session, link.key)
        assert row is not None
        begun = announced(
            None,
            Announcement(hub=hub, topic=FEED, is_private=True),
            int(row.id or 0),
            Fresh(base=CALLBACK, path="p" * 43, secret="s" * 43),
            now,
        )
        assert begun is not None
        begun = replace(begun, **more)  # type: ignore[arg-type]
        put_subscription(tx.session, begun)
        return begun

    return await service.means.writer.run(enter)


async def asked(service: Service, mode: Asking = Asking.SUBSCRIBE) -> Subscription:
    return await subscribe(service, asking=mode, asked_at=service.means.now())


async def verified(service: Service, **more: object) -> Subscription:
    later = service.means.now() + 9 * DAY
    return await subscribe(service, until=later, next_run=later, **more)


async def stands(service: Service, link: int) -> Subscription | None:
    return await service.means.writer.run(lambda tx: subscription_of(tx.session, link))


async def feed(service: Service) -> LinkRow:
    with service.session() as session:
        row = find_link(session, url_key(FEED))
        assert row is not None
        return row


def question(mode: str = "subscribe", **more: str) -> dict[str, str]:
    said = {
        "hub.mode": mode,
        "hub.topic": FEED,
        "hub.challenge": "<b>wörd</b>",
        "hub.lease_seconds": "864000",
    }
    return said | {f"hub.{name}": value for name, value in more.items()}


# ---- whose name is ours --------------------------------------------------------


@pytest.mark.parametrize("path", [*READING, "/v1/nowhere", "/websub", "/websubx/"])
async def test_the_public_name_reads_nothing_else(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path)

    assert answer.status_code == 421


@pytest.mark.parametrize("path", [*CHANGING, "/", "/websub"])
async def test_the_public_name_changes_nothing_even_with_the_token(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.post(path, headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer.status_code == 421


@pytest.mark.parametrize(
    "path",
    [
        "/websub/../v1/articles",
        "/websub/%2e%2e/v1/articles",
        "/websub/..%2fv1%2farticles",
        "/websub//v1/articles",
        "/websub/" + "p" * 43 + "/v1/articles",
    ],
)
async def test_no_way_leads_from_the_callback_to_another_route(
    service: Service, path: str
) -> None:
    """Over a socket, for a client's library would tidy the path."""
    async with serve_pages(service, Pulse()) as address:
        answer = await raw(address, f"GET {path} HTTP/1.1", "Host: kliping.example")

    assert answer.split(b" ")[1] == b"404"
    assert answer.endswith(b"\r\n\r\n")


async def raw(address: str, *lines: str) -> bytes:
    host, _, port = address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode())
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("host", ["kliping.example", "KLIPING.example:443"])
async def test_the_public_name_is_answered_at_the_callback(
    client: httpx.AsyncClient, service: Service, host: str
) -> None:
    await asked(service)

    answer = await client.get(PATH, params=question(), headers={"Host": host})

    assert answer.status_code == 200


async def test_a_proxy_may_send_our_own_name(
    client: httpx.AsyncClient, service: Service
) -> None:
    await asked(service)

    answer = await client.get(
        PATH, params=question(), headers={"Host": "127.0.0.1:8765"}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host", ["attacker.example", "kliping.example:8080", "kliping.example.", ""]
)
async def test_other_names_are_refused_at_the_callback(
    client: httpx.AsyncClient, service: Service, host: str
) -> None:
    await asked(service)

    answer = await client.get(PATH, params=question(), headers={"Host": host})

    assert answer.status_code == 421


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_no_other_method_is_answered(
    client: httpx.AsyncClient, service: Service, method: str
) -> None:
    await asked(service)

    answer = await client.request(method, PATH, params=question())

    assert (answer.status_code, answer.content) == (404, b"")


async def test_without_a_callback_there_is_no_such_place(tmp_path: Path) -> None:
    async with (
        open_service(config_for(tmp_path / "off")) as service,
        speaking_to(make_app(service, Pulse(), TOKEN)) as client,
    ):
        public = await client.get(PATH, headers=PUBLIC)
        own = await client.get(PATH, headers=bearing(TOKEN))
        posted = await client.post(PATH)

    statuses = [public.status_code, own.status_code, posted.status_code]
    assert statuses == [421, 404, 401]


async def test_an_earlier_callback_is_answered_until_its_hubs_have_let_go(
    service: Service,
) -> None:
    await asked(service, Asking.UNSUBSCRIBE)
    config = service.config.model_copy(update={"websub": WebSub()})

    async with hubs_client(replace(service, config=config)) as client:
        answer = await client.get(PATH, params=question("unsubscribe"))

    assert answer.status_code == 200


def test_the_public_names_are_those_that_clients_send() -> None:
    urls = ["https://a.example/x", "https://b.example:8443/", "http://[::1]:9/x"]

    assert public_names(urls) == {
        *("a.example", "a.example:443"),
        *("b.example:8443", "[::1]:9"),
    }


async def test_the_callback_is_no_part_of_the_api(service: Service) -> None:
    assert "websub/" not in str(list(make_app(service, Pulse(), TOKEN).openapi()))


# ---- verifying -----------------------------------------------------------------


async def test_a_challenge_is_echoed_as_plain_text(
    client: httpx.AsyncClient, service: Service
) -> None:
    await asked(service)

    answer = await client.get(PATH, params=question())

    assert answer.content == "<b>wörd</b>".encode()
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


async def test_all_that_is_not_confirmed_is_answered_alike(
    client: httpx.AsyncClient, service: Service
) -> None:
    """An unknown path, a wrong topic, a replay and a forged parting."""
    await asked(service)
    topic = await client.get(PATH, params=question(topic="https://town.example/"))
    await client.get(PATH, params=question())
    answers = [
        topic,
        await client.get(PATH, params=question()),
        await client.get(PATH, params=question("unsubscribe")),
        await client.get(PATH),
        await client.get("/websub/" + "q" * 43, params=question()),
        await client.get("/websub/short", params=question()),
        await client.get("/websub/"),
        await client.get(f"{PATH}/", params=question()),
        await client.request("PUT", PATH),
        await client.post("/websub/" + "q" * 43, content=b"<feed/>"),
    ]

    told = {(a.status_code, a.content, str(sorted(a.headers.items()))) for a in answers}
    assert len(told) == 1
    assert answers[0].status_code == 404
    assert answers[0].content == b""


async def test_a_replayed_verification_prolongs_nothing(
    client: httpx.AsyncClient, service: Service
) -> None:
    begun = await asked(service)
    await client.get(PATH, params=question())
    before = await stands(service, begun.link)

    await client.get(PATH, params=question(lease_seconds="2592000"))

    assert before is not None
    assert before.until is not None
    assert await stands(service, begun.link) == before


async def test_a_denial_is_noted(client: httpx.AsyncClient, service: Service) -> None:
    begun = await asked(service)

    answer = await client.get(PATH, params=question("denied", reason="no room"))
    known = await stands(service, begun.link)

    assert answer.status_code == 200
    assert known is not None
    assert (known.is_denied, known.reason) == (True, "no room")


async def test_a_verified_parting_is_forgotten(
    client: httpx.AsyncClient, service: Service
) -> None:
    begun = await asked(service, Asking.UNSUBSCRIBE)

    answer = await client.get(PATH, params=question("unsubscribe"))

    assert answer.text == "<b>wörd</b>"
    assert await stands(service, begun.link) is None


# ---- delivering ----------------------------------------------------------------


async def test_a_signed_delivery_makes_the_feed_due(
    client: httpx.AsyncClient, service: Service
) -> None:
    begun = await verified(service)

    answer = await client.post(
        PATH, content=b"<feed/>", headers=sign("s" * 43, b"<feed/>", "sha1")
    )
    known = await stands(service, begun.link)

    assert answer.status_code == 202
    assert known is not None
    assert (known.deliveries, known.rejected) == (1, 0)
    assert (await feed(service)).next_run == known.delivered_at


@pytest.mark.parametrize(
    "headers",
    [{}, {"X-Hub-Signature": "sha256=0"}, sign("other", b"<feed/>")],
    ids=["none", "wrong", "of another secret"],
)
async def test_an_unsigned_delivery_is_answered_alike_counted_and_ignored(
    client: httpx.AsyncClient, service: Service, headers: dict[str, str]
) -> None:
    begun = await verified(service)
    right = await client.post(PATH, content=b"", headers=sign("s" * 43, b""))
    before = (await feed(service)).next_run

    answer = await client.post(PATH, content=b"<feed/>", headers=headers)
    known = await stands(service, begun.link)

    assert (answer.status_code, answer.headers) == (right.status_code, right.headers)
    assert known is not None
    assert (known.deliveries, known.rejected) == (1, 1)
    assert (await feed(service)).next_run == before


async def test_a_feed_is_not_read_twice_in_a_minute_for_a_hub(
    client: httpx.AsyncClient, service: Service
) -> None:
    now = service.means.now()
    await verified(service, hinted_at=now)

    for _ in range(3):
        await client.post(PATH, content=b"x", headers=sign("s" * 43, b"x"))

    assert (await feed(service)).next_run == now + timedelta(minutes=1)


async def test_a_delivery_never_puts_a_feed_off(
    client: httpx.AsyncClient, service: Service
) -> None:
    begun = await verified(service, hinted_at=service.means.now())

    def make_due(tx: Any) -> None:  # noqa: ANN401
        row = tx.session.get_one(LinkRow, begun.link)
        row.next_run = service.means.now() + timedelta(seconds=5)

    await service.means.writer.run(make_due)
    before = (await feed(service)).next_run

    await client.post(PATH, content=b"x", headers=sign("s" * 43, b"x"))

    assert (await feed(service)).next_run == before


@pytest.mark.parametrize("change", [{"next_run": None}, {"failures": 1.0}])
async def test_a_feed_that_is_not_read_or_fails_is_not_made_due(
    client: httpx.AsyncClient, service: Service, change: dict[str, Any]
) -> None:
    begun = await verified(service)

    def alter(tx: Any) -> None:  # noqa: ANN401
        row = tx.session.get_one(LinkRow, begun.link)
        for name, value in change.items():
            setattr(row, name, value)

    await service.means.writer.run(alter)
    before = (await feed(service)).next_run

    answer = await client.post(PATH, content=b"x", headers=sign("s" * 43, b"x"))

    assert answer.status_code == 202
    assert (await feed(service)).next_run == before


async def test_a_long_delivery_is_refused_by_its_stated_length(
    client: httpx.AsyncClient, service: Service
) -> None:
    begun = await verified(service)
    body = b"x" * (service.config.limits.raw_size + 1)

    answer = await client.post(PATH, content=body, headers=sign("s" * 43, body))
    known = await stands(service, begun.link)

    assert answer.status_code == 413
    assert known is not None
    assert known.deliveries == 0


async def test_a_long_delivery_of_no_stated_length_is_refused_as_it_comes(
    client: httpx.AsyncClient, service: Service
) -> None:
    await verified(service)
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * 1024**2

    answer = await client.post(PATH, content=endless())

    assert answer.status_code == 413
    assert sent <= 12


async def test_a_delivery_may_be_as_long_as_a_feed(
    client: httpx.AsyncClient, service: Service
) -> None:
    begun = await verified(service)
    body = b"x" * (2 * 1024**2)

    answer = await client.post(PATH, content=body, headers=sign("s" * 43, body))
    known = await stands(service, begun.link)

    assert answer.status_code == 202
    assert known is not None
    assert known.deliveries == 1


async def test_a_delivery_that_does_not_end_is_ended(service: Service) -> None:
    await verified(service)
    limits = service.config.limits.model_copy(
        update={"total": timedelta(milliseconds=200)}
    )
    config = service.config.model_copy(update={"limits": limits})

    async def drip() -> AsyncIterator[bytes]:
        while True:
            yield b"x"
            await asyncio.sleep(0.01)

    async with hubs_client(replace(service, config=config)) as client:
        answer = await client.post(PATH, content=drip())

    assert answer.status_code == 408


async def test_a_delivery_that_breaks_off_is_none(service: Service) -> None:
    """Over a socket: its length is stated, and half of it comes."""
    begun = await verified(service)
    async with serve_pages(service, Pulse()) as address:
        host, _, port = address.removeprefix("http://").partition(":")
        _, writer = await asyncio.open_connection(host, int(port))
        head = f"POST {PATH} HTTP/1.1\r\nHost: kliping.example\r\nContent-Length: 9"
        writer.write(f"{head}\r\n\r\nhalf".encode())
        await writer.drain()
        await asyncio.sleep(0.2)
        writer.close()
        await asyncio.sleep(0.2)
    known = await stands(service, begun.link)

    assert known is not None
    assert (known.deliveries, known.rejected) == (0, 0)


async def test_a_hub_that_calls_too_often_is_told_to_wait(
    client: httpx.AsyncClient, service: Service
) -> None:
    await verified(service)

    answers = [await client.post(PATH, content=b"") for _ in range(30)]
    statuses = [answer.status_code for answer in answers]

    assert statuses[:11] == [202] * 11
    assert statuses[-1] == 429
    assert answers[-1].headers["retry-after"] == "60"


def test_a_bucket_fills_at_its_rate_and_holds_no_more_than_it_may() -> None:
    bucket = Bucket(2.0, 3.0, at=100.0)
    taken = [bucket.take(at) for at in (100, 100, 100, 100, 100.5, 100.5, 200)]

    assert taken == [True, True, True, False, True, False, True]
    assert bucket.left == 2.0


# ---- what people are told ------------------------------------------------------


async def test_the_api_tells_how_each_feed_is_subscribed_to(service: Service) -> None:
    async with speaking_to(make_app(service, Pulse(), TOKEN), BASE) as client:
        answer = await client.get("/v1/sources/川辺新聞/websub", headers=bearing(TOKEN))

    (told,) = answer.json()["feeds"]
    assert told["feed"] == "https://kawabe.example/feed.xml"
    assert told["standing"] == "none"
