"""What went wrong elsewhere must not go wrong here: one real attempt each.

Each test bears the name of the advisory or issue it comes from. The attacker's
web stands on 127.0.0.2, which the policy allows; the canary, on 127.0.0.1, stands
for everything that it does not.
"""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network

import brotli
import psutil
import pytest

from crawler.errors import (
    BadUrl,
    ConnectFailed,
    FetchTimeout,
    RefusedDestination,
    RobotsUnreachable,
)
from crawler.fetch.client import Client, Limits
from crawler.fetch.guard import AddressPolicy
from crawler.fetch.host_robots import fetch_robots, robots_of
from crawler.fetch.network import Resolver
from tests.crawler.fetch.conftest import Certificates
from tests.crawler.fetch.servers import (
    Server,
    client,
    page,
    redirect,
    resolving,
    serving,
)
from tests.test_architecture import fault

pytestmark = pytest.mark.anyio

_ATTACKER = "127.0.0.2"
_OPEN = AddressPolicy(allow_networks=(IPv4Network("127.0.0.2/32"),))
_REFUSALS = (RefusedDestination, BadUrl)
_MIB = 1024 * 1024


@pytest.fixture
async def canary() -> AsyncIterator[Server]:
    """Serve what nobody may read."""
    async with serving(page(b"secret"), host="127.0.0.1") as server:
        yield server
    assert server.connections == 0


def _visitor(resolver: Resolver | None = None, limits: Limits | None = None) -> Client:
    return client(policy=_OPEN, resolver=resolver, limits=limits)


async def _is_refused(url: str, resolver: Resolver | None = None) -> None:
    async with _visitor(resolver) as visitor:
        with pytest.raises(_REFUSALS):
            await visitor.fetch(url)


# A URL from outside, and no check at all.


async def test_wallabag_1364_internal_url_typed_by_a_user(canary: Server) -> None:
    await _is_refused(canary.url())


async def test_cve_2026_27696_changedetection_internal_host_name(
    canary: Server,
) -> None:
    await _is_refused(canary.url(host="localhost"))


async def test_cve_2026_44313_linkwarden_internal_service_port(canary: Server) -> None:
    await _is_refused(canary.url(host="intern.test"), resolving("127.0.0.1"))


async def test_ghsa_xwh2_742g_w3wp_miniflux_media_of_a_page(canary: Server) -> None:
    """A media proxy fetched what an image of a page named; we have none."""
    async with serving(page(b"<img src='%b'>" % canary.url().encode())) as site:
        async with client() as visitor:
            await visitor.fetch(site.url())

        assert site.connections == 1


# A check, and a second way around it.


@pytest.mark.parametrize(
    "library",
    ["requests", "urllib3", "urllib.request", "http.client", "aiohttp", "pycurl"],
)
def test_ghsa_56fq_63vj_9992_changedetection_preview_with_another_client(
    library: str,
) -> None:
    """Also GHSA-jrxm-qjfh-g54f and Miniflux f9b756ec: one client, or none."""
    assert fault("crawler.visits.visit", library) is not None
    assert fault("storage.writer", library) is not None


# A check of the name, and a connection to another address.


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_cve_2026_27479_wallos_redirect_after_the_check(
    canary: Server, status: int
) -> None:
    async with serving(redirect(canary.url(), status), host=_ATTACKER) as site:
        await _is_refused(site.url(host=_ATTACKER))


async def test_miniflux_fe2bfb27_dns_rebinding_between_check_and_dial(
    canary: Server,
) -> None:
    """The name leads to the attacker when it is checked, then to the canary."""
    async with (
        serving(page(), hang_up=True, host=_ATTACKER, port=canary.port) as site,
        _visitor(resolving(_ATTACKER, "127.0.0.1")) as visitor,
    ):
        await visitor.exchange(site.url(host="rebind.test"))
        with pytest.raises(RefusedDestination):
            await visitor.exchange(site.url(host="rebind.test"))

        assert site.connections == 1


# A check with gaps.


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("100.64.0.1", id="GHSA-gwph-fp79-379w-cgnat"),
        pytest.param("64:ff9b::7f00:1", id="fastmcp-4400-nat64"),
        pytest.param("64:ff9b:1::a9fe:a9fe", id="adk-python-6486-nat64-local"),
        pytest.param("2002:7f00:1::", id="og-image-624-6to4"),
        pytest.param("::127.0.0.1", id="og-image-624-compatible"),
        pytest.param("::ffff:127.0.0.1", id="GHSA-794r-5rp2-fpg8-mapped"),
        pytest.param("fec0::1", id="changedetection-site-local"),
        pytest.param("168.63.129.16", id="changedetection-azure"),
        pytest.param("192.0.0.192", id="changedetection-oracle"),
        pytest.param("198.18.0.1", id="miniflux-benchmarks"),
        pytest.param("240.0.0.1", id="miniflux-reserved"),
        pytest.param("0.0.0.0", id="miniflux-this-network"),
    ],
)
async def test_address_classes_that_others_forgot(canary: Server, address: str) -> None:
    literal = f"[{address}]" if ":" in address else address

    await _is_refused(canary.url(host="gap.test"), resolving(address))
    await _is_refused(canary.url(host=literal))


# Two parsers that disagree.


async def test_ghsa_rph4_96w6_q594_backslash_userinfo(canary: Server) -> None:
    inside = f"127.0.0.1:{canary.port}"

    await _is_refused(f"http://{inside}\\@{_ATTACKER}/")
    await _is_refused(f"http://{_ATTACKER}\\@{inside}/")


async def test_cve_2024_11168_brackets_around_a_name(canary: Server) -> None:
    port = canary.port

    await _is_refused(f"http://[v1.127.0.0.1]:{port}/")
    await _is_refused(f"http://[{_ATTACKER}]:{port}/")
    await _is_refused(f"http://[::1]@{_ATTACKER}:{port}/")


async def test_usn_6852_wget_semicolon_in_userinfo(canary: Server) -> None:
    await _is_refused(f"http://{_ATTACKER};@127.0.0.1:{canary.port}/")
    await _is_refused(f"http://a;b:c@127.0.0.1:{canary.port}/")


# Other schemes.


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "FILE:/etc/passwd", "file://localhost/etc/passwd"],
)
async def test_cve_2024_51483_file_scheme(url: str) -> None:
    """Also CVE-2024-51998 and CVE-2024-56509."""
    await _is_refused(url)


async def test_cve_2024_56509_view_source_and_white_space_before_file() -> None:
    await _is_refused("view-source:file:///etc/passwd")
    await _is_refused(" \tfile:///etc/passwd")
    await _is_refused("fi\tle:///etc/passwd")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "s3://bucket/key", "data:,x"])
async def test_ghsa_23j4_mw76_5v7h_redirect_to_a_file(target: str) -> None:
    async with serving(redirect(target), host=_ATTACKER) as site:
        await _is_refused(site.url(host=_ATTACKER))


# Bombs.


async def _decoded(body: bytes, coding: bytes) -> tuple[int, int]:
    """Return the size of a fetched body, and the memory that this took."""
    answer = page(body, b"Content-Encoding: " + coding)
    async with serving(answer, host=_ATTACKER) as site, _visitor() as visitor:
        before = psutil.Process().memory_info().rss
        exchange = await visitor.exchange(site.url(host=_ATTACKER))
        grown = psutil.Process().memory_info().rss - before
    assert exchange.response.endswith(body)
    assert exchange.decode_error is not None
    return len(exchange.body), grown


async def test_cve_2025_6176_brotli_single_chunk() -> None:
    """A few hundred bytes of brotli come out of a decoder as one huge piece."""
    packed = brotli.compress(b"\0" * 256 * _MIB, quality=5)

    size, grown = await _decoded(packed, b"br")

    assert len(packed) < 1000
    assert size == _MIB
    assert grown < 64 * _MIB


async def test_cve_2025_6176_deflate_single_chunk() -> None:
    size, grown = await _decoded(zlib.compress(b"\0" * 64 * _MIB), b"deflate")

    assert size <= 20 * _MIB
    assert grown < 64 * _MIB


async def test_ghsa_7j7m_v7m3_jqm7_limit_holds_for_what_is_decoded() -> None:
    size, _ = await _decoded(gzip.compress(b"\0" * 64 * _MIB), b"gzip")

    assert size <= 20 * _MIB


# What is sent along.


async def test_ghsa_cw9j_nothing_secret_goes_with_a_redirect() -> None:
    """Also GHSA-4qqq: no credentials are taken from a URL, so none can leak."""
    async with (
        serving(page(), host="127.0.0.3") as other,
        serving(redirect(other.url(host="127.0.0.3")), host=_ATTACKER) as site,
        client() as visitor,
    ):
        await visitor.fetch(site.url(host=_ATTACKER))

    (head,) = other.heads
    assert b"authorization" not in head.lower()
    assert b"referer" not in head.lower()


async def test_ghsa_cjvr_and_mfjm_cookies_go_nowhere() -> None:
    front = (
        b"HTTP/1.1 302 Found\r\nLocation: /next\r\nSet-Cookie: a=1; Domain=test\r\n"
        b"Content-Length: 0\r\n\r\n"
    )
    async with serving(front, page(), host=_ATTACKER) as site, _visitor() as visitor:
        await visitor.fetch(site.url(host=_ATTACKER))

    assert len(site.heads) == 2
    assert all(b"cookie" not in head.lower() for head in site.heads)


async def test_ghsa_cwxj_rr6w_m6w7_referrer_policy_is_not_code() -> None:
    """Scrapy imported the module that this header named."""
    answer = page(b"<p>Calm.", b"Referrer-Policy: scrapy.utils.misc.load_object")
    async with serving(answer, host=_ATTACKER) as site, _visitor() as visitor:
        exchange = await visitor.exchange(site.url(host=_ATTACKER))

    assert exchange.status == 200


# Politeness and time.


async def test_stormcrawler_1042_robots_that_time_out_do_not_allow_all() -> None:
    async def silent(_: asyncio.StreamReader, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    hurried = Limits(first_byte=timedelta(milliseconds=100))
    now = datetime(2026, 3, 4, tzinfo=UTC)
    async with (
        serving(silent, host=_ATTACKER) as site,
        _visitor(limits=hurried) as visitor,
    ):
        url = site.url("/story", host=_ATTACKER)
        with pytest.raises(FetchTimeout):
            await fetch_robots(visitor, url, None, now)

    with pytest.raises(RobotsUnreachable):
        robots_of(None, obey=True).check("Kliping", url)


async def test_scrapy_tls_of_a_stranger_is_not_trusted(
    certificates: Certificates,
) -> None:
    """Scrapy, news-crawl and others do not verify certificates by default."""
    async with (
        serving(page(), tls=certificates.server, host=_ATTACKER) as site,
        _visitor() as visitor,
    ):
        with pytest.raises(ConnectFailed, match=r"(?i)certificate"):
            await visitor.exchange(site.url(host=_ATTACKER))
