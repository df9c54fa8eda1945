"""One source as the API tells of it."""

from datetime import timedelta

import httpx
import pytest

from crawler.service.service import Service
from storage.model.exchange import Exchange
from storage.model.visit import RobotsCopy
from storage.sql.captures import KeptRecords, add_capture
from storage.sql.source_days import add_counts, count_news
from storage.sql.visits import save_robots
from storage.warc.capture import capture_records
from storage.writer import Tx
from tests.crawler.web.material import HARBOUR, NOON, keep

pytestmark = pytest.mark.anyio

SOURCE = "/v1/sources/Harbour Post"
ROBOTS = "https://harbour.example/robots.txt"


async def test_a_source_tells_all_about_itself(reader: httpx.AsyncClient) -> None:
    told = (await reader.get(SOURCE)).json()

    assert told["settings"]["home"] == "https://harbour.example/"
    assert told["manners"]["delay"] == "10s"
    assert told["origin"] == "config"
    assert told["health"]["articles"] == 1
    assert told["states"] == {"archived": 1, "waiting": 1}
    (home,) = told["watched"]
    assert (home["kind"], home["polls"]["why"]) == ("section", "never read")
    assert told["robots"] == []


async def test_a_source_tells_what_robots_txt_says(
    writer: httpx.AsyncClient, service: Service
) -> None:
    body = b"User-agent: *\nCrawl-delay: 7\nSitemap: https://harbour.example/s.xml\n"
    copy = RobotsCopy(url=ROBOTS, status=200, body=body, read_at=NOON)
    await service.means.writer.run(
        lambda tx: save_robots(tx.session, "harbour.example", copy)
    )

    (told,) = (await writer.get(SOURCE)).json()["robots"]

    assert (told["status"], told["crawl_delay"]) == (200, 7)
    assert told["sitemaps"] == ["https://harbour.example/s.xml"]
    assert told["text"] == body.decode()


async def test_a_source_tells_its_days(
    writer: httpx.AsyncClient, service: Service
) -> None:
    await keep(service, HARBOUR, "Harbour Post", NOON)

    def count(tx: Tx) -> None:
        batch = count_news(tx.session, NOON - timedelta(days=1), NOON)
        assert batch is not None
        add_counts(tx.session, batch)

    await service.means.writer.run(count)
    days = {"from": "2026-03-10", "to": "2026-03-14"}

    told = (await writer.get(f"{SOURCE}/days", params=days)).json()
    others = (await writer.get(f"{SOURCE}/days", params={"to": "2026-03-13"})).json()

    (day,) = told["days"]
    assert (day["day"], day["new"], sum(day["hours"])) == ("2026-03-14", 1, 1)
    assert day["median_length"] > 0
    assert others["days"] == []


@pytest.mark.parametrize(
    "days",
    [
        {"from": "2001-01-01"},
        {"from": "0001-01-01", "to": "9999-12-31"},
        {"from": "2026-03-02", "to": "2026-03-01"},
    ],
)
async def test_too_many_days_are_refused_and_none(
    reader: httpx.AsyncClient, days: dict[str, str]
) -> None:
    assert (await reader.get(f"{SOURCE}/days", params=days)).status_code == 422


async def test_the_first_day_there_is_has_none_before_it(
    reader: httpx.AsyncClient,
) -> None:
    answer = await reader.get(f"{SOURCE}/days", params={"to": "0001-01-01"})

    assert answer.json()["days"] == []


async def test_robots_txt_is_told_as_it_changed(
    writer: httpx.AsyncClient, service: Service
) -> None:
    first = b"User-agent: *\nDisallow: /a\n"
    second = b"User-agent: *\nDisallow: /b\nDisallow: /a\n"
    for hour, body in enumerate([first, first, second]):
        await keep_robots(service, body, hour)

    told = (await writer.get(f"{SOURCE}/robots")).json()

    assert told["url"] == ROBOTS
    assert [(one["added"], one["removed"]) for one in told["changes"]] == [
        (["Disallow: /b"], []),
        (["User-agent: *", "Disallow: /a"], []),
    ]


@pytest.mark.parametrize("what", ["", "/days", "/robots"])
async def test_no_source_of_that_name_is_not_found(
    reader: httpx.AsyncClient, what: str
) -> None:
    assert (await reader.get(f"/v1/sources/nobody{what}")).status_code == 404


async def keep_robots(service: Service, body: bytes, hour: int) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n"
    exchange = Exchange(
        url=ROBOTS,
        started_at=NOON + timedelta(hours=hour),
        elapsed=timedelta(milliseconds=9),
        request=b"GET /robots.txt HTTP/1.1\r\nHost: harbour.example\r\n\r\n",
        response=head % len(body) + body,
        status=200,
        headers=(("Content-Type", "text/plain"), ("Content-Length", str(len(body)))),
        body=body,
    )
    records = capture_records(exchange)

    def work(tx: Tx) -> None:
        request, response = tx.append([records.request, records.response])
        kept = KeptRecords(
            request=request,
            response=response,
            payload_sha256=records.payload_sha256,
            record_sha256=records.record_sha256,
            request_sha256=records.request_sha256,
        )
        add_capture(tx.session, exchange, kept, link_id=None, to_read=False)

    await service.means.writer.run(work)
