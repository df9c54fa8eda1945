"""Redirects: every hop an exchange, every hop asked for permission."""

from ipaddress import IPv4Network

import pytest

from crawler.errors import (
    BadUrl,
    ConnectFailed,
    FetchError,
    RefusedDestination,
    RobotsRefused,
    TooManyRedirects,
)
from crawler.fetch.client import Limits, Validators
from crawler.fetch.guard import AddressPolicy
from tests.crawler.fetch.servers import client, page, redirect, serving

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirect_is_followed_and_kept(status: int) -> None:
    async with serving(redirect("/b", status), page(b"here")) as server, client() as v:
        hops = await v.fetch(server.url("/a"))

    assert [(hop.url, hop.status) for hop in hops] == [
        (server.url("/a"), status),
        (server.url("/b"), 200),
    ]


@pytest.mark.parametrize(
    "response",
    [
        b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 302 Found\r\nLocation:\r\nContent-Length: 0\r\n\r\n",
        redirect("/b", 300),
        redirect("/b", 304),
        page(b"", b"Location: /b"),
    ],
    ids=["no location", "empty location", "300", "304", "200"],
)
async def test_what_is_no_redirect_is_the_answer(response: bytes) -> None:
    async with serving(response) as server, client() as visitor:
        hops = await visitor.fetch(server.url())

    assert len(hops) == 1


@pytest.mark.parametrize(
    ("location", "target"),
    [
        (b"/a b", b"/a%20b"),
        (b"/caf\xc3\xa9#part", b"/caf%C3%A9"),
        (b"/caf\xe9", b"/caf%E9"),
        (b"?page=2", b"/x/y?page=2"),
        (b"../z", b"/z"),
    ],
)
async def test_location_is_read_as_browsers_do(location: bytes, target: bytes) -> None:
    reply = b"HTTP/1.1 301 M\r\nLocation: %b\r\nContent-Length: 0\r\n\r\n" % location

    async with serving(reply, page()) as server, client() as visitor:
        await visitor.fetch(server.url("/x/y"))

    assert server.heads[1].split(b" ")[1] == target


async def test_loop_ends_with_its_exchanges() -> None:
    async with serving(redirect("/b"), redirect("/a")) as server, client() as visitor:
        with pytest.raises(TooManyRedirects, match="loop") as caught:
            await visitor.fetch(server.url("/a"))

    assert [hop.url for hop in caught.value.exchanges] == [
        server.url("/a"),
        server.url("/b"),
    ]


async def test_redirects_end_at_their_limit() -> None:
    hops = [redirect(f"/{n}") for n in range(9)]

    async with serving(*hops) as server, client(limits=Limits(redirects=3)) as visitor:
        with pytest.raises(TooManyRedirects, match="over 3 redirects") as caught:
            await visitor.fetch(server.url("/start"))

    assert len(caught.value.exchanges) == len(server.heads) == 4


async def test_redirects_up_to_the_limit_are_followed() -> None:
    replies = [redirect(f"/{n}") for n in range(3)]

    async with (
        serving(*replies, page()) as server,
        client(limits=Limits(redirects=3)) as visitor,
    ):
        hops = await visitor.fetch(server.url("/start"))

    assert len(hops) == 4


async def test_every_hop_is_asked_for_before_its_request() -> None:
    asked: list[tuple[str, int]] = []

    async with serving(redirect("/b"), page()) as server, client() as visitor:

        async def allow(url: str) -> None:
            asked.append((url, len(server.heads)))

        await visitor.fetch(server.url("/a"), allow=allow)

    assert asked == [(server.url("/a"), 0), (server.url("/b"), 1)]


async def test_forbidden_hop_keeps_the_exchanges_before_it() -> None:
    async def allow(url: str) -> None:
        if url.endswith("/b"):
            raise RobotsRefused(url, "Disallow: /b (line 2)")

    async with serving(redirect("/b"), page()) as server, client() as visitor:
        with pytest.raises(RobotsRefused) as caught:
            await visitor.fetch(server.url("/a"), allow=allow)

    assert [hop.url for hop in caught.value.exchanges] == [server.url("/a")]
    assert len(server.heads) == 1


async def test_failed_hop_keeps_the_exchanges_before_it() -> None:
    async with serving(page()) as gone:
        dead = gone.url("/dead")

    async with serving(redirect(dead)) as server, client() as visitor:
        with pytest.raises(ConnectFailed) as caught:
            await visitor.fetch(server.url())

    assert caught.value.url == dead
    assert [hop.status for hop in caught.value.exchanges] == [302]


@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("file:///etc/passwd", BadUrl),
        ("ftp://127.0.0.2/", BadUrl),
        ("gopher://127.0.0.2:70/", BadUrl),
        ("data:text/html,x", BadUrl),
        ("javascript:alert(1)", BadUrl),
        ("http://127.0.0.1\\@127.0.0.2/", BadUrl),
        ("http://user@127.0.0.2/", BadUrl),
        ("//127.0.0.2:{port}/", RefusedDestination),
        ("http://127.0.0.2:{port}/", RefusedDestination),
        ("http://2130706434:{port}/", RefusedDestination),
        ("http://0x7f.2:{port}/", RefusedDestination),
        ("http://0177.0.0.2:{port}/", RefusedDestination),
        ("http://[::ffff:127.0.0.2]:{port}/", RefusedDestination),
        ("http://[::1]:{port}/", RefusedDestination),
        ("http://169.254.169.254/latest/meta-data/", RefusedDestination),
        ("http://metadata.test:{port}/", RefusedDestination),
    ],
)
async def test_redirect_to_a_refused_place_never_arrives(
    location: str, error: type[FetchError]
) -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        return ["127.0.0.2"]

    front_only = AddressPolicy(allow_networks=(IPv4Network("127.0.0.1/32"),))

    async with serving(page(b"secret"), host="127.0.0.2") as canary:
        front = redirect(location.format(port=canary.port))
        async with (
            serving(front) as server,
            client(policy=front_only, resolver=resolve) as visitor,
        ):
            with pytest.raises(error) as caught:
                await visitor.fetch(server.url())

    assert canary.connections == 0
    assert [hop.status for hop in caught.value.exchanges] == [302]


async def test_validators_go_with_every_hop() -> None:
    async with serving(redirect("/b"), page()) as server, client() as visitor:
        await visitor.fetch(server.url("/a"), validators=Validators(etag='"7"'))

    assert all(b'If-None-Match: "7"' in head for head in server.heads)


async def test_raw_limit_holds_for_every_hop() -> None:
    async with serving(redirect("/b"), page(b"0123")) as server, client() as visitor:
        hops = await visitor.fetch(server.url("/a"), raw_limit=2)

    assert hops[-1].body == b"01"


async def test_bad_first_url_has_no_exchanges() -> None:
    async with client() as visitor:
        with pytest.raises(BadUrl) as caught:
            await visitor.fetch("mailto:desk@news.test")

    assert caught.value.exchanges == ()
