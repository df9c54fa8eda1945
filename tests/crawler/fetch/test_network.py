"""The only door: names, addresses, TLS."""

import asyncio
import hashlib
import socket
import ssl
from datetime import UTC, datetime, timedelta

import pytest

from crawler.errors import (
    BadUrl,
    ConnectFailed,
    FetchTimeout,
    NameNotResolved,
    RefusedDestination,
)
from crawler.fetch import network
from crawler.fetch.client import (
    Limits,
    shared_http2_context,
    shared_ssl_context,
)
from crawler.fetch.guard import AddressPolicy
from crawler.fetch.network import Dialler, Tls, resolve_by_system
from crawler.fetch.tape import Tape, current_tape
from storage.model.exchange import Certificate
from tests.crawler.fetch.certificates import Certificates
from tests.crawler.fetch.servers import (
    LOOPBACK,
    client,
    page,
    redirect,
    resolving,
    serving,
)

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("http2", [False, True])
async def test_every_connection_is_opened_by_the_dialler(
    http2: bool, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_self: Dialler, host: str, _port: int, **_: object) -> None:
        raise RefusedDestination(host, "nobody may go there")

    monkeypatch.setattr(Dialler, "connect", refuse)

    async with (
        serving(page(), tls=certificates.server) as server,
        client(ssl_context=certificates.trusting, http2=http2) as visitor,
    ):
        with pytest.raises(RefusedDestination, match="nobody"):
            await visitor.exchange(server.url())

    assert server.connections == 0


async def test_name_is_asked_for_by_its_own_name() -> None:
    async with serving(page()) as server, client(resolver=resolving("127.0.0.1")) as v:
        exchange = await v.exchange(server.url("/", "news.test"))

    assert exchange.ip == "127.0.0.1"
    assert b"\r\nHost: news.test:%d\r\n" % server.port in server.heads[0]


async def test_rebound_name_never_reaches_the_second_address() -> None:
    """The name answers a public address first, loopback when asked again."""
    answers = resolving("198.51.100.7", "127.0.0.1")
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return list(await answers(host, port))

    async with serving(page(b"secret")) as canary:
        policy = AddressPolicy(ports=frozenset({canary.port}))
        async with client(policy=policy, resolver=resolve) as visitor:
            for _ in range(2):
                with pytest.raises(RefusedDestination):
                    await visitor.exchange(canary.url("/", "rebind.test"))

    assert asked == ["rebind.test"] * 2
    assert canary.connections == 0


async def test_checked_address_is_the_one_that_is_dialled() -> None:
    """A second look-up would answer with the canary; there is none."""
    async with (
        serving(page(b"checked")) as server,
        serving(page(b"canary"), host="127.0.0.2", port=server.port) as canary,
        client(resolver=resolving("127.0.0.1", "127.0.0.2")) as visitor,
    ):
        exchange = await visitor.exchange(server.url("/", "flip.test"))

    assert exchange.body == b"checked"
    assert canary.connections == 0


async def test_one_refused_address_refuses_the_name() -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        return ["127.0.0.1", "10.0.0.1"]

    async with serving(page()) as server, client(resolver=resolve) as visitor:
        with pytest.raises(RefusedDestination, match=r"10\.0\.0\.1"):
            await visitor.exchange(server.url("/", "news.test"))

    assert server.connections == 0


async def test_next_address_is_tried_when_the_first_is_dead() -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        return ["127.0.0.9", "127.0.0.1"]

    async with serving(page()) as server, client(resolver=resolve) as visitor:
        exchange = await visitor.exchange(server.url("/", "news.test"))

    assert exchange.ip == "127.0.0.1"


@pytest.mark.parametrize(
    "error",
    [
        socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
        UnicodeError("label too long"),
        OSError("no resolver"),
    ],
)
async def test_name_without_an_answer_is_not_resolved(error: Exception) -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        raise error

    async with client(resolver=resolve) as visitor:
        with pytest.raises(NameNotResolved, match=str(error.args[-1])):
            await visitor.exchange("http://gone.test/")


async def test_an_error_is_told_in_words_without_the_systems_number() -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        async with client(resolver=resolve) as visitor:
            with pytest.raises(ConnectFailed) as refused:
                await visitor.exchange(f"http://127.0.0.1:{taken.getsockname()[1]}/")
            with pytest.raises(NameNotResolved) as unknown:
                await visitor.exchange("http://gone.test/")

    assert refused.value.why == "Connection refused"
    assert unknown.value.why == "gone.test: Name or service not known"


async def test_name_without_addresses_is_not_resolved() -> None:
    async def resolve(_host: str, _port: int) -> list[str]:
        return []

    async with client(resolver=resolve) as visitor:
        with pytest.raises(NameNotResolved, match="has no address"):
            await visitor.exchange("http://empty.test/")


async def test_silent_dns_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "DNS_TIMEOUT", 0.05)

    async def resolve(_host: str, _port: int) -> list[str]:
        await asyncio.sleep(5)
        return ["127.0.0.1"]

    async with client(resolver=resolve) as visitor:
        with pytest.raises(NameNotResolved, match="no DNS answer"):
            await visitor.exchange("http://slow.test/")


async def test_system_resolver_knows_localhost_once_per_address() -> None:
    found = await resolve_by_system("localhost", 80)

    assert "127.0.0.1" in found
    assert len(found) == len(set(found))


async def test_system_resolver_refuses_an_impossible_name() -> None:
    async with client() as visitor:
        with pytest.raises(NameNotResolved):
            await visitor.exchange(f"http://{'a' * 64}.test/")


@pytest.mark.parametrize(
    "url",
    [
        "unix:/run/docker.sock",
        "http+unix://%2Frun%2Fdocker.sock/info",
        "http://%2Frun%2Fdocker.sock/info",
        "http://unix:/run/docker.sock",
    ],
)
async def test_unix_sockets_are_refused(url: str) -> None:
    async with client() as visitor:
        with pytest.raises((BadUrl, NameNotResolved)):
            await visitor.exchange(url)


async def test_nothing_is_dialled_outside_an_exchange() -> None:
    with pytest.raises(LookupError):
        await Dialler(LOOPBACK).connect("127.0.0.1", 80, tls=None, timeout=1)


@pytest.mark.parametrize(
    ("host", "port", "secure"),
    [("127.0.0.2", 80, False), ("127.0.0.1", 81, False), ("127.0.0.1", 80, True)],
)
async def test_nothing_is_dialled_but_what_the_url_names(
    host: str, port: int, secure: bool
) -> None:
    tape = Tape(
        "http://127.0.0.1/",
        header_limit=1,
        body_limit=1,
        now=lambda: datetime(2026, 3, 1, tzinfo=UTC),
    )
    tls = Tls(context=shared_ssl_context()) if secure else None
    token = current_tape.set(tape)

    with pytest.raises(RefusedDestination, match=f"leads to {host} port {port}"):
        await Dialler(LOOPBACK).connect(host, port, tls=tls, timeout=1)
    current_tape.reset(token)


@pytest.mark.parametrize("secure", [False, True], ids=["plain", "TLS"])
async def test_a_name_in_letters_of_its_own_is_asked(
    secure: bool, certificates: Certificates
) -> None:
    """httpx has names as they are shown, DNS and certificates in punycode."""
    tls = certificates.server if secure else None
    async with (
        serving(page(b"ok"), tls=tls) as server,
        client(
            ssl_context=certificates.trusting, resolver=resolving("127.0.0.1")
        ) as visitor,
    ):
        exchange = await visitor.exchange(server.url("/", "сайт.test"))

    assert exchange.body == b"ok"
    assert b"Host: xn--80aswg.test:" in server.heads[0]


async def test_a_name_that_is_no_punycode_is_asked_for_as_it_is() -> None:
    async with (
        serving(page(b"ok")) as server,
        client(resolver=resolving("127.0.0.1")) as visitor,
    ):
        exchange = await visitor.exchange(server.url("/", "xn--zzz-"))

    assert exchange.body == b"ok"


async def test_tls_version_and_cipher_are_recorded(certificates: Certificates) -> None:
    async with (
        serving(page(), page(), tls=certificates.server) as server,
        client(ssl_context=certificates.trusting) as visitor,
    ):
        first = await visitor.exchange(server.url())
        kept = await visitor.exchange(server.url())

    assert first.tls is not None
    assert first.tls[0] == "TLSv1.3"
    assert first.tls[1].startswith("TLS_")
    assert (kept.tls, kept.ip) == (first.tls, "127.0.0.1")
    assert kept.certificate == first.certificate
    assert server.connections == 1


async def test_certificate_is_recorded(certificates: Certificates) -> None:
    der = ssl.PEM_cert_to_DER_cert(certificates.pem.read_text())

    async with (
        serving(page(), tls=certificates.server) as server,
        client(ssl_context=certificates.trusting) as visitor,
    ):
        exchange = await visitor.exchange(server.url())

    assert exchange.certificate == Certificate(
        sha256=hashlib.sha256(der).hexdigest(), issuer="Authority"
    )


@pytest.mark.parametrize("host", ["news.test", "news.test."])
async def test_certificate_is_checked_by_name(
    host: str, certificates: Certificates
) -> None:
    async with (
        serving(page(b"ok"), tls=certificates.server) as server,
        client(
            ssl_context=certificates.trusting, resolver=resolving("127.0.0.1")
        ) as visitor,
    ):
        exchange = await visitor.exchange(server.url("/", host))

    assert exchange.body == b"ok"


async def test_certificate_of_another_name_is_refused(
    certificates: Certificates,
) -> None:
    async with (
        serving(page(), tls=certificates.server) as server,
        client(
            ssl_context=certificates.trusting, resolver=resolving("127.0.0.1")
        ) as visitor,
    ):
        with pytest.raises(ConnectFailed, match="certificate verify failed"):
            await visitor.exchange(server.url("/", "other.test"))

    assert server.heads == []


async def test_unknown_authority_is_refused(certificates: Certificates) -> None:
    async with serving(page(), tls=certificates.server) as server, client() as visitor:
        with pytest.raises(ConnectFailed, match="certificate verify failed"):
            await visitor.exchange(server.url())


async def test_plain_server_behind_https_is_a_failed_connection() -> None:
    async def shout(
        _reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(page())
        writer.close()

    listener = await asyncio.start_server(shout, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]

    async with listener, client() as visitor:
        with pytest.raises(ConnectFailed):
            await visitor.exchange(f"https://127.0.0.1:{port}/")


async def test_redirect_from_https_to_http_is_recorded_as_such(
    certificates: Certificates,
) -> None:
    async with serving(page()) as plain:
        front = redirect(plain.url())
        async with (
            serving(front, tls=certificates.server) as server,
            client(ssl_context=certificates.trusting) as visitor,
        ):
            hops = await visitor.fetch(server.url())

    assert [hop.tls is None for hop in hops] == [False, True]


async def test_stalled_tls_handshake_is_a_failed_connection(
    certificates: Certificates,
) -> None:
    async def accept(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read()
        writer.close()

    listener = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    limits = Limits(connect=timedelta(seconds=0.2))

    async with (
        listener,
        client(limits=limits, ssl_context=certificates.trusting) as visitor,
    ):
        with pytest.raises(ConnectFailed):
            await visitor.exchange(f"https://127.0.0.1:{port}/")


async def test_tls_handshake_cut_by_the_deadline_leaves_no_connection(
    certificates: Certificates,
) -> None:
    hung_up = asyncio.Event()

    async def wait_for_the_end(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read()
        writer.close()
        hung_up.set()

    listener = await asyncio.start_server(wait_for_the_end, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    limits = Limits(total=timedelta(seconds=0.2))

    async with (
        listener,
        client(limits=limits, ssl_context=certificates.trusting) as visitor,
    ):
        with pytest.raises(FetchTimeout):
            await visitor.exchange(f"https://127.0.0.1:{port}/")
        await asyncio.wait_for(hung_up.wait(), 10)


def test_default_contexts_verify() -> None:
    for context in (shared_ssl_context(), shared_http2_context()):
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
