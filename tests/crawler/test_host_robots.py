"""robots.txt answers that did not come whole."""

from datetime import UTC, datetime

import pytest

from crawler.host_robots import MAX_BYTES, fetch_robots
from tests.crawler.fetch.servers import client, page, serving

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nUser-agent: *\n"


@pytest.mark.parametrize(
    "answer", [CUT, page(b"\x1f\x8b\x08\xff\xff\xff", b"Content-Encoding: gzip")]
)
async def test_rules_that_were_lost_on_the_way_are_not_taken_for_none(
    answer: bytes,
) -> None:
    async with serving(answer, hang_up=True) as server, client() as visitor:
        copy, hops = await fetch_robots(visitor, server.url(), None, NOW)

    assert (copy.status, len(hops)) == (None, 1)


async def test_a_file_that_is_too_long_counts_as_far_as_it_was_read() -> None:
    long = b"User-agent: *\nDisallow: /private\n" + b"#" * MAX_BYTES

    async with serving(page(long)) as server, client() as visitor:
        copy, _ = await fetch_robots(visitor, server.url(), None, NOW)

    assert (copy.status, len(copy.body)) == (200, MAX_BYTES)
