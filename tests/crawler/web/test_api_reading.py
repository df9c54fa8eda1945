"""The JSON routes that read."""

import html
from datetime import timedelta

import httpx
import pytest
from sqlmodel import update

from crawler.clock import utc_now
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from storage.sql.tables import LinkRow
from storage.writer import Tx
from tests.crawler.web.material import (
    HARBOUR,
    HARBOUR_LATER,
    NOON,
    SCRIPT,
    Archive,
    keep,
)

pytestmark = pytest.mark.anyio


async def test_articles_come_newest_first_and_page_by_their_last_id(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    first = (await reader.get("/v1/articles?limit=3")).json()
    second = (
        await reader.get(f"/v1/articles?limit=3&before={first['next_before']}")
    ).json()

    assert [one["id"] for one in first["articles"]] == [
        archive.hostile,
        archive.japanese,
        archive.arabic,
    ]
    assert [one["id"] for one in second["articles"]] == [archive.harbour]
    assert second["next_before"] is None


async def test_articles_are_filtered_by_source_and_language(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    found = await reader.get(
        "/v1/articles", params={"source": "川辺新聞", "language": "ja"}
    )

    assert [one["id"] for one in found.json()["articles"]] == [archive.japanese]


async def test_an_article_comes_with_text_document_and_evidence(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    whole = (await reader.get(f"/v1/articles/{archive.harbour}")).json()

    assert whole["number"] == 2
    assert whole["text"] == HARBOUR_LATER.text
    assert whole["document"]["provenance"]["title"]["losers"][0]["origin"]
    assert whole["evidence"]["ip"] == "192.0.2.7"
    assert whole["evidence"]["segment"].endswith(".warc.gz")
    assert whole["article"]["source"] == "Harbour Post"


async def test_hostile_text_comes_unchanged(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    whole = (await reader.get(f"/v1/articles/{archive.hostile}")).json()

    assert whole["document"]["site"] == SCRIPT


async def test_versions_come_in_the_order_of_their_captures(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    found = (await reader.get(f"/v1/articles/{archive.harbour}/versions")).json()

    assert [(one["number"], one["change"]) for one in found["versions"]] == [
        (1, "first"),
        (2, "correction"),
    ]


async def test_an_older_version_can_be_read(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    old = (await reader.get(f"/v1/articles/{archive.harbour}/versions/1")).json()

    assert "eleven years" in old["text"]


@pytest.mark.parametrize(
    "path", ["/v1/articles/99", "/v1/articles/99/versions", "/v1/articles/1/versions/9"]
)
async def test_what_is_not_there_is_not_found(
    reader: httpx.AsyncClient, path: str
) -> None:
    assert (await reader.get(path)).status_code == 404


async def test_a_search_gives_marked_passages(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    found = (await reader.get("/v1/search", params={"q": "الميناء"})).json()

    assert [hit["article"]["id"] for hit in found["hits"]] == [archive.arabic]
    assert any(part["marked"] for part in found["hits"][0]["snippet"])


@pytest.mark.parametrize("order", ["best", "newest", "published"])
async def test_a_search_goes_on_at_its_cursor(
    reader: httpx.AsyncClient, archive: Archive, order: str
) -> None:
    params = {"q": "lang:en OR lang:ar", "order": order, "limit": 1}
    first = (await reader.get("/v1/search", params=params)).json()
    params["cursor"] = first["cursor"]
    second = (await reader.get("/v1/search", params=params)).json()

    found = [hit["article"]["id"] for page in (first, second) for hit in page["hits"]]
    assert sorted(found) == sorted([archive.harbour, archive.arabic])
    assert second["cursor"] is None


async def test_a_search_counts_what_it_ranks(reader: httpx.AsyncClient) -> None:
    params = {"q": "bridge OR الميناء", "limit": 1}
    found = (await reader.get("/v1/search", params=params)).json()

    assert (found["counted"], found["is_all"]) == (2, True)


async def test_a_cursor_of_another_query_is_a_bad_request(
    reader: httpx.AsyncClient,
) -> None:
    params = {"q": "lang:en OR lang:ar", "limit": 1}
    first = (await reader.get("/v1/search", params=params)).json()
    answer = await reader.get(
        "/v1/search", params={"q": "bridge", "cursor": first["cursor"]}
    )

    assert answer.status_code == 400


@pytest.mark.parametrize("query", ["", "-", '"'])
async def test_a_query_that_asks_for_nothing_is_a_bad_request(
    reader: httpx.AsyncClient, query: str
) -> None:
    answer = await reader.get("/v1/search", params={"q": query})

    assert answer.status_code == 400
    assert answer.json()["title"] == "Bad Request"


@pytest.mark.parametrize(
    "query", ["' OR 1=1 --", "a" * 1999, "* AND NEAR(", "\x00", "é\u202e"]
)
async def test_no_query_breaks_the_search(
    reader: httpx.AsyncClient, query: str
) -> None:
    answer = await reader.get("/v1/search", params={"q": query})

    assert answer.status_code in {200, 400}


async def test_sources_tell_how_they_fare(reader: httpx.AsyncClient) -> None:
    found = (await reader.get("/v1/sources")).json()["sources"]

    assert [(one["name"], one["articles"]) for one in found] == [
        ("Harbour Post", 1),
        ("川辺新聞", 1),
    ]


async def test_the_ledger_is_filtered_by_source_and_state(
    reader: httpx.AsyncClient,
) -> None:
    params = {"source": "Harbour Post", "state": "archived"}
    found = (await reader.get("/v1/ledger", params=params)).json()

    assert [link["url"] for link in found["links"]] == [
        "https://harbour.example/bridge-opens"
    ]


async def test_a_line_that_no_list_named_has_the_headline_of_its_article(
    writer: httpx.AsyncClient, service: Service
) -> None:
    await keep(service, HARBOUR, "Harbour Post", NOON)

    def forget(tx: Tx) -> None:
        tx.session.exec(update(LinkRow).values(title=None))

    await service.means.writer.run(forget)
    said = (await writer.get("/v1/ledger?state=archived")).json()["links"]
    page = (await writer.get("/ledger?state=archived")).text
    rows = (await writer.get("/ledger?state=archived&format=json")).text

    assert [line["title"] for line in said] == [HARBOUR.title]
    assert html.escape(HARBOUR.title) in page
    assert HARBOUR.title in rows


async def test_the_ledger_pages_by_its_last_id(reader: httpx.AsyncClient) -> None:
    first = (await reader.get("/v1/ledger?limit=1")).json()
    second = (
        await reader.get(f"/v1/ledger?limit=1&before={first['next_before']}")
    ).json()

    assert second["links"][0]["id"] < first["links"][0]["id"]


async def test_the_ledger_of_no_source_is_not_found(reader: httpx.AsyncClient) -> None:
    assert (await reader.get("/v1/ledger?source=nobody")).status_code == 404


async def test_health_counts_what_is_held(reader: httpx.AsyncClient) -> None:
    found = (await reader.get("/v1/health")).json()

    assert (found["totals"]["articles"], found["totals"]["versions"]) == (4, 5)
    assert found["disk_free"] > 0


async def test_the_service_is_ready_while_its_clockwork_ticks(
    reader: httpx.AsyncClient, pulse: Pulse
) -> None:
    pulse.ticked_at = utc_now()

    answer = await reader.get("/readyz")

    assert (answer.status_code, answer.json()["status"]) == (200, "ready")


@pytest.mark.parametrize("age", [None, timedelta(seconds=61)])
async def test_the_service_is_not_ready_when_its_clockwork_hangs(
    reader: httpx.AsyncClient, pulse: Pulse, age: timedelta | None
) -> None:
    pulse.ticked_at = utc_now() - age if age else None

    answer = await reader.get("/readyz")

    assert answer.status_code == 503
    assert "clockwork" in answer.json()["reason"]


async def test_the_service_is_not_ready_below_the_disk_floor(
    reader: httpx.AsyncClient, pulse: Pulse
) -> None:
    pulse.ticked_at, pulse.disk_full = utc_now(), True

    answer = await reader.get("/readyz")

    assert (answer.status_code, answer.json()["reason"]) == (
        503,
        "too little disk is free",
    )


async def test_reading_routes_write_nothing(
    reader: httpx.AsyncClient,
) -> None:
    before = (await reader.get("/v1/health")).json()["totals"]

    for path in ("/", "/articles/1", "/v1/articles/1", "/ledger", "/sources"):
        await reader.get(path)

    after = (await reader.get("/v1/health")).json()["totals"]
    assert after | {"due_late_seconds": 0} == before | {"due_late_seconds": 0}


async def test_a_sources_coverage_is_told(reader: httpx.AsyncClient) -> None:
    told = (await reader.get("/v1/sources/川辺新聞/coverage")).json()
    unknown = await reader.get("/v1/sources/Nobody/coverage")

    assert set(told["named"]) == {"feed", "sitemap", "section"}
    assert (told["estimated"], unknown.status_code) == (None, 404)
