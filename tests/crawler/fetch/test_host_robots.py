"""The fetch rules of robots.txt (RFC 9309, sections 2.3 to 2.5), against real servers."""

import gzip
from datetime import UTC, datetime, timedelta

import pytest

from crawler.errors import ConnectFailed, FetchError, FetchTimeout
from crawler.fetch.client import Limits
from crawler.fetch.host_robots import (
    MAX_REDIRECTS,
    ROBOTS_GRACE,
    fetch_robots,
    robots_of,
)
from crawler.fetch.robots import MAX_BYTES
from crawler.timing.when import ROBOTS_RETRY, ROBOTS_TTL, robots_expired
from storage.model.visit import RobotsCopy
from tests.crawler.fetch.servers import (
    Script,
    client,
    page,
    redirect,
    resolving,
    serving,
)

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
RULES = b"User-agent: *\nDisallow: /private\n"
GOOD = RobotsCopy(url="", status=200, body=RULES, read_at=NOW)
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nUser-agent: *\n"


def status(code: int, body: bytes = RULES) -> bytes:
    head = f"HTTP/1.1 {code} Said\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def allowed(copy: RobotsCopy) -> tuple[bool, bool]:
    """Return whether a copy lets us ask for a private and for a public page."""
    rules = robots_of(copy, obey=True).rules
    assert rules is not None
    return tuple(  # type: ignore[return-value]
        rules.decide("Kliping", f"http://news.test{path}").allowed
        for path in ("/private/a", "/a")
    )


GZIP = b"Content-Encoding: gzip"
OBEYED, NONE, ALL_FORBIDDEN = (False, True), (True, True), (False, False)


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        pytest.param(page(RULES), OBEYED, id="2.3.1.1 successful"),
        pytest.param(status(206), OBEYED, id="2.3.1.1 any 2xx"),
        pytest.param(page(b""), NONE, id="2.3.1.1 empty"),
        pytest.param(page(b"<html><p>Welcome</p>"), NONE, id="2.2 not a robots.txt"),
        pytest.param(page(b"\xef\xbb\xbf" + RULES), OBEYED, id="2.2 byte order mark"),
        pytest.param(page(gzip.compress(RULES), GZIP), OBEYED, id="gzip"),
        pytest.param(page(b"\xff\x00#\n" + RULES), OBEYED, id="2.2 odd bytes before"),
        pytest.param(
            page(RULES + b"#" * MAX_BYTES), OBEYED, id="2.5 rules before the limit"
        ),
        pytest.param(
            page(b"#" * MAX_BYTES + b"\n" + RULES), NONE, id="2.5 rules after the limit"
        ),
        pytest.param(status(304, b""), NONE, id="3xx that leads nowhere"),
        *(
            pytest.param(status(code), NONE, id=f"2.3.1.3 unavailable {code}")
            for code in (400, 401, 403, 404, 410, 418, 451, 499)
        ),
        *(
            pytest.param(status(code), ALL_FORBIDDEN, id=f"2.3.1.4 unreachable {code}")
            for code in (429, 500, 502, 503, 504, 520, 599)
        ),
        pytest.param(CUT, ALL_FORBIDDEN, id="2.3.1.4 cut on the way"),
        pytest.param(
            page(b"\x1f\x8b\x08\xff\xff\xff", GZIP),
            ALL_FORBIDDEN,
            id="2.3.1.4 cannot be decoded",
        ),
        pytest.param(
            page(gzip.compress(b"#" * 99 + b"\n" + RULES)[:-12], GZIP),
            ALL_FORBIDDEN,
            id="2.3.1.4 decoded in part",
        ),
        pytest.param(
            page(RULES, b"Content-Encoding: utf-8"), OBEYED, id="text of no coding"
        ),
    ],
)
async def test_an_answer_means_what_the_rfc_says(
    answer: bytes, meaning: tuple[bool, bool]
) -> None:
    async with serving(answer, hang_up=True) as server, client() as visitor:
        copy, hops = await fetch_robots(visitor, server.url("/a"), None, NOW)

    assert server.heads[0].startswith(b"GET /robots.txt HTTP/1.1")
    assert (allowed(copy), len(hops)) == (meaning, 1)


@pytest.mark.parametrize(
    ("hops", "meaning"), [(1, OBEYED), (MAX_REDIRECTS, OBEYED), (6, NONE), (30, NONE)]
)
async def test_five_redirects_are_followed(
    hops: int, meaning: tuple[bool, bool]
) -> None:
    """Section 2.3.1.2: a file behind more than five may be taken for none."""
    chain = [redirect(f"/{n}") for n in range(hops)]

    async with serving(*chain, page(RULES)) as server, client() as visitor:
        copy, kept = await fetch_robots(visitor, server.url(), None, NOW)

    assert allowed(copy) == meaning
    assert len(kept) == min(hops, MAX_REDIRECTS) + 1


async def test_a_loop_of_redirects_is_no_file() -> None:
    async with serving(redirect("/robots.txt")) as server, client() as visitor:
        copy, kept = await fetch_robots(visitor, server.url(), None, NOW)

    assert (allowed(copy), len(kept)) == (NONE, 1)


async def test_redirects_are_followed_to_other_hosts() -> None:
    """Section 2.3.1.2: its rules hold for the host that was asked first."""
    asked: list[str] = []

    async def allow(url: str) -> None:
        asked.append(url)

    async with (
        serving(page(RULES)) as other,
        client(resolver=resolving("127.0.0.1")) as visitor,
    ):
        there = other.url("/robots.txt", "other.test")
        async with serving(redirect(there)) as server:
            copy, _ = await fetch_robots(visitor, server.url(), None, NOW, allow)
            first = server.url("/robots.txt")

    assert allowed(copy) == OBEYED
    assert (copy.url, asked) == (first, [first, there])


async def test_a_redirect_into_the_intranet_leaves_the_rules_open() -> None:
    away = redirect("http://10.0.0.1/robots.txt")

    async with serving(away) as server, client() as visitor:
        copy, hops = await fetch_robots(visitor, server.url(), None, NOW)

    assert (allowed(copy), len(hops)) == (ALL_FORBIDDEN, 1)


def hanging_up() -> Script:
    async def hang_up(_reader: object, _writer: object) -> None: ...

    return hang_up


async def test_a_host_that_gives_no_answer_cannot_be_asked() -> None:
    """Section 2.3.1.4: unreachable is not the same as no file."""
    async with serving(hanging_up()) as server, client() as visitor:
        with pytest.raises(FetchError):
            await fetch_robots(visitor, server.url(), None, NOW)


async def test_an_answer_that_is_not_http_forbids_all_and_is_kept() -> None:
    garbage = b"\x00\x01garbage\r\n\r\n"

    async with serving(garbage, hang_up=True) as server, client() as visitor:
        copy, hops = await fetch_robots(visitor, server.url(), None, NOW)

    assert allowed(copy) == ALL_FORBIDDEN
    assert [hop.response for hop in hops] == [garbage]


async def test_a_silent_host_cannot_be_asked() -> None:
    soon = Limits(first_byte=timedelta(milliseconds=100))

    async with serving(b"") as server, client(limits=soon) as visitor:
        with pytest.raises(FetchTimeout):
            await fetch_robots(visitor, server.url(), None, NOW)


async def test_a_closed_port_cannot_be_asked() -> None:
    async with serving(b"") as server:
        url = server.url()
    async with client() as visitor:
        with pytest.raises(ConnectFailed):
            await fetch_robots(visitor, url, None, NOW)


@pytest.mark.parametrize("code", [429, 500, 503])
@pytest.mark.parametrize(
    ("age", "meaning"),
    [
        (timedelta(hours=25), OBEYED),
        (ROBOTS_GRACE - timedelta(hours=1), OBEYED),
        (ROBOTS_GRACE, ALL_FORBIDDEN),
    ],
)
async def test_the_last_good_copy_stands_in_for_thirty_days(
    code: int, age: timedelta, meaning: tuple[bool, bool]
) -> None:
    async with serving(status(code)) as server, client() as visitor:
        copy, _ = await fetch_robots(visitor, server.url(), GOOD, NOW + age)

    assert allowed(copy) == meaning


async def test_a_missing_file_replaces_a_good_copy() -> None:
    async with serving(status(404)) as server, client() as visitor:
        copy, _ = await fetch_robots(visitor, server.url(), GOOD, NOW)

    assert allowed(copy) == NONE


@pytest.mark.parametrize(
    ("code", "kept_for"),
    [(200, ROBOTS_TTL), (404, ROBOTS_TTL), (503, ROBOTS_RETRY), (None, ROBOTS_RETRY)],
)
def test_a_copy_is_kept_for_a_day_at_most(
    code: int | None, kept_for: timedelta
) -> None:
    """Section 2.4."""
    assert timedelta(hours=24) == ROBOTS_TTL
    assert not robots_expired(code, NOW, NOW + kept_for - timedelta(seconds=1))
    assert robots_expired(code, NOW, NOW + kept_for)


@pytest.mark.parametrize(
    ("agents", "asks", "is_bound"),
    [
        ("Kliping", "Kliping", True),
        ("KLIPING", "kliping", True),
        ("Kliping/2.1 (news)", "Kliping", True),
        ("Klip", "Kliping", False),
        ("KlipingBot", "Kliping", False),
        ("*", "Kliping", True),
        ("Other", "Kliping", False),
        ("TownArchive", "TownArchive", True),
    ],
)
def test_rules_bind_the_product_token(agents: str, asks: str, is_bound: bool) -> None:
    """Section 2.2.1: the token as configured, whatever its case, whole."""
    body = f"User-agent: {agents}\nDisallow: /\n".encode()
    rules = robots_of(
        RobotsCopy(url="", status=200, body=body, read_at=NOW), obey=True
    ).rules

    assert rules is not None
    assert rules.decide(asks, "http://news.test/a").allowed is not is_bound


async def test_the_last_good_copy_stands_in_for_a_silent_one() -> None:
    soon = Limits(first_byte=timedelta(milliseconds=100))

    async with serving(b"") as server, client(limits=soon) as visitor:
        copy, hops = await fetch_robots(visitor, server.url(), GOOD, NOW)

    assert (copy, tuple(hops)) == (GOOD, ())
