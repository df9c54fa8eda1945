"""Articles listed by what they are and when they changed."""

import gzip
from datetime import timedelta

import httpx
import pytest

from crawler.service.service import Service
from tests.crawler.web.material import HARBOUR, HARBOUR_LATER, NOON, Archive, keep

pytestmark = pytest.mark.anyio


async def ids(client: httpx.AsyncClient, **params: str | int) -> list[int]:
    answer = await client.get("/v1/articles", params=params)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["articles"]]


async def test_articles_page_by_a_cursor(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    first = (await reader.get("/v1/articles?limit=3")).json()
    second = (await reader.get(f"/v1/articles?limit=3&cursor={first['cursor']}")).json()

    assert [one["id"] for one in second["articles"]] == [archive.harbour]
    assert second["cursor"] is None


async def test_a_cursor_is_of_one_choice(reader: httpx.AsyncClient) -> None:
    cursor = (await reader.get("/v1/articles?limit=1")).json()["cursor"]
    answer = await reader.get(f"/v1/articles?limit=1&language=en&cursor={cursor}")

    assert (answer.status_code, answer.json()["class"]) == (400, "bad_request")


async def test_articles_are_listed_by_their_dates(
    reader: httpx.AsyncClient,
) -> None:
    pages, cursor = [], ""
    for _ in range(2):
        asked = f"/v1/articles?order=published&limit=3&cursor={cursor}"
        page = (await reader.get(asked)).json()
        pages += [one["published_at"] or one["first_seen"] for one in page["articles"]]
        cursor = page["cursor"]

    assert len(pages) == 4
    assert pages == sorted(pages, reverse=True)
    assert cursor is None


async def test_the_order_of_dates_is_not_paged_by_ids(
    reader: httpx.AsyncClient,
) -> None:
    answer = await reader.get("/v1/articles?order=published&before=3")

    assert (answer.status_code, answer.json()["class"]) == (400, "bad_request")


async def test_articles_are_chosen_by_their_stated_day(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    before = await ids(reader, to="2026-03-14T08:30:00Z")
    after = await ids(reader, **{"from": "2026-03-14T08:30:00Z"})

    assert before == [archive.harbour]  # stated at 09:05+01:00
    assert sorted(after) == [archive.arabic, archive.japanese, archive.hostile]


@pytest.mark.parametrize("plus", ["+", "%2B", " "])
async def test_a_plus_that_came_as_a_blank_is_one(
    reader: httpx.AsyncClient, archive: Archive, plus: str
) -> None:
    answer = await reader.get(f"/v1/articles?to=2026-03-14T09:10:00{plus}01:00")

    assert [one["id"] for one in answer.json()["articles"]] == [archive.harbour]


async def test_articles_are_chosen_by_when_they_changed(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    later = (NOON + timedelta(hours=1)).isoformat()

    assert await ids(reader, changed_since=later) == [archive.harbour]
    assert len(await ids(reader, changed_since="2026-03-14")) == 4


async def test_articles_are_chosen_by_state(
    reader: httpx.AsyncClient,
) -> None:
    assert await ids(reader, state="gone") == []
    assert len(await ids(reader, state="present")) == 4


@pytest.mark.parametrize("odd", ["soon", "2026-13-01", "1700000000", "0000-00-00"])
async def test_a_time_that_is_none_is_refused(
    reader: httpx.AsyncClient, odd: str
) -> None:
    assert (await reader.get(f"/v1/articles?from={odd}")).status_code == 422


async def test_times_between_which_nothing_lies_are_refused(
    reader: httpx.AsyncClient,
) -> None:
    asked = {"from": "2026-03-14T09:00:00+01:00", "to": "2026-03-14T08:00:00Z"}

    answer = await reader.get("/v1/articles", params=asked)

    assert (answer.status_code, answer.json()["class"]) == (400, "bad_request")


@pytest.mark.parametrize(
    "edge", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
)
async def test_a_time_at_the_edge_of_the_calendar_is_one(
    reader: httpx.AsyncClient, edge: str
) -> None:
    assert (await reader.get("/v1/articles", params={"to": edge})).status_code == 200


async def test_what_changed_is_told_in_parts(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    told = (await reader.get(f"/v1/articles/{archive.harbour}/diff")).json()

    changed = [one for one in told["title"] if one["kind"] != "equal"]
    assert [(one["kind"], one["text"].strip()) for one in changed] == [
        ("delete", "eleven"),
        ("insert", "twelve"),
    ]
    new = [one["text"] for one in told["text"] if one["kind"] != "delete"]
    assert "".join(new) == HARBOUR_LATER.text
    assert (told["a"]["number"], told["b"]["number"]) == (1, 2)


async def test_any_two_versions_are_compared(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    told = (await reader.get(f"/v1/articles/{archive.harbour}/diff?a=2&b=1")).json()

    old = [one["text"] for one in told["text"] if one["kind"] != "insert"]
    assert "".join(old) == HARBOUR_LATER.text
    assert HARBOUR.title == "".join(
        one["text"] for one in told["title"] if one["kind"] != "delete"
    )


@pytest.mark.parametrize("query", ["a=9", "b=9"])
async def test_a_version_that_is_not_there_is_not_compared(
    reader: httpx.AsyncClient, archive: Archive, query: str
) -> None:
    answer = await reader.get(f"/v1/articles/{archive.harbour}/diff?{query}")

    assert answer.status_code == 404


async def test_the_only_version_differs_from_none(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    answer = await reader.get(f"/v1/articles/{archive.arabic}/diff")

    assert answer.status_code == 404


async def test_the_body_is_given_as_it_was_received(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    answer = await reader.get(f"/v1/articles/{archive.harbour}/raw?version=1")

    assert answer.content == b"<!doctype html><p>as received</p>"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment;")


async def test_the_response_is_given_with_its_head(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    answer = await reader.get(f"/v1/articles/{archive.harbour}/raw?form=http")

    assert answer.content.startswith(b"HTTP/1.1 200 OK\r\n")


async def test_the_records_are_given_as_they_stand(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    answer = await reader.get(f"/v1/articles/{archive.harbour}/raw?form=warc")

    unpacked = gzip.decompress(answer.content)
    assert unpacked.count(b"WARC/1.1\r\n") >= 2
    assert b"as received" in unpacked


@pytest.mark.parametrize("query", ["page=2", "version=9"])
async def test_bytes_that_are_not_kept_are_not_found(
    reader: httpx.AsyncClient, archive: Archive, query: str
) -> None:
    answer = await reader.get(f"/v1/articles/{archive.harbour}/raw?{query}")

    assert answer.status_code == 404


async def test_the_bytes_of_what_was_taken_down_are_withheld(
    writer: httpx.AsyncClient, service: Service
) -> None:
    article = await keep(service, HARBOUR, "Harbour Post", NOON)
    url = HARBOUR.url
    await writer.post(
        "/v1/takedowns", json={"articles": [str(article)], "depth": "hide"}
    )

    for what in ("raw", "diff"):
        answer = await writer.get(f"/v1/articles/{article}/{what}")
        assert (answer.status_code, answer.json()["class"]) == (451, "taken_down")
    told = (await writer.get("/v1/explain", params={"url": url})).json()
    assert told["captures"] == []
    assert (told["article"], told["explanation"]) == (None, None)


async def test_a_url_is_explained(reader: httpx.AsyncClient, archive: Archive) -> None:
    url = "https://harbour.example/bridge-opens"

    told = (await reader.get("/v1/explain", params={"url": url})).json()

    assert told["link"]["state"] == "archived"
    assert [one["status"] for one in told["captures"]] == [200, 200]
    assert (told["article"]["id"], told["article"]["version"]) == (archive.harbour, 2)
    assert told["explanation"]["fields"][0]["losers"]


async def test_a_line_of_the_ledger_is_told(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    article = (await reader.get(f"/v1/articles/{archive.harbour}")).json()["article"]

    told = (await reader.get(f"/v1/links/{article['link_id']}")).json()

    assert told["link"]["url"] == article["url"]
    assert told["article"]["id"] == archive.harbour


@pytest.mark.parametrize(
    ("url", "status"),
    [("https://nobody.example/", 404), ("ftp://a.example/", 422), ("1", 422)],
)
async def test_a_url_that_was_never_seen_is_not_found(
    reader: httpx.AsyncClient, url: str, status: int
) -> None:
    assert (await reader.get("/v1/explain", params={"url": url})).status_code == status
