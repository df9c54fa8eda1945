"""What forms are answered when something in them is wrong, and what lists are as files."""

import asyncio
import csv
import html
import io
import json
import re

import httpx
import pytest

from crawler.service.service import Service
from crawler.timing.boost import MOST_BOOST_HOURS
from crawler.web.forms import own_place
from tests.crawler.web.material import HARBOUR, NOON, Archive, keep

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("path", "form", "said"),
    [
        ("/add", {"url": "ftp://x.example/", "samples": "1"}, "url"),
        ("/add", {"url": "https://x.example/", "samples": "many"}, "samples"),
        ("/add", {"url": "http://127.0.0.1/", "samples": "0"}, "127.0.0.1"),
        ("/sources", {"name": "", "home": "https://x.example/"}, "name"),
        ("/takedowns/preview", {"articles": "", "depth": "hide"}, "articles"),
        ("/takedowns/preview", {"articles": "999", "depth": "hide"}, "no such article"),
        ("/takedowns", {"articles": "1", "depth": "erase"}, "confirmed"),
        ("/fetch", {"url": "no url"}, "no url"),
        (
            "/sources/Harbour%20Post/rules",
            {"rules": "body: [", "samples": "2"},
            "rules, line 1: not valid YAML: ",
        ),
        ("/sources/Harbour%20Post/rules", {"rules": "bod: p", "samples": "2"}, "bod"),
        ("/sources/Harbour%20Post/rules", {"rules": "body: p"}, "captures: must"),
        ("/sources/Harbour%20Post/rules/set", {"rules": "body: p"}, "config.yaml"),
        ("/sources/Harbour%20Post/boost", {"hours": "soon"}, "number"),
        ("/sources/Harbour%20Post/boost", {"hours": "1e9"}, "number"),
    ],
)
async def test_a_form_that_cannot_be_used_says_why_and_changes_nothing(
    holder: httpx.AsyncClient, path: str, form: dict[str, str], said: str
) -> None:
    answer = await holder.post(path, data=form)

    assert answer.status_code == 422
    assert said in answer.text


async def test_the_page_offers_as_long_a_boost_as_may_be(
    holder: httpx.AsyncClient,
) -> None:
    page = (await holder.get("/sources/Harbour%20Post")).text

    assert f'name="hours" value="6" min="0" max="{MOST_BOOST_HOURS}"' in page


DRAFT = {
    "name": "River Times",
    "home": "https://river.example/",
    "language": "Portuguese",
    "delay": "7s",
    "shown.feeds.1": "https://river.example/feed.xml",
    "feeds.1": "https://river.example/feed.xml",
    "shown.sections.2": "https://river.example/mills",
}


async def test_a_source_that_cannot_be_watched_stays_in_the_form(
    writer: httpx.AsyncClient,
) -> None:
    answer = await writer.post("/sources", data=DRAFT)

    page = answer.text
    assert answer.status_code == 422
    assert "language: write the code of a language, such as id or fil" in page
    for name in ("name", "home", "language", "delay"):
        assert f'name="{name}" value="{DRAFT[name]}"' in page
    assert 'value="https://river.example/feed.xml" checked>' in page
    assert 'value="https://river.example/mills">' in page
    assert 'name="render" value="auto">' in page


async def test_a_draft_is_watched_with_the_lists_that_are_chosen(
    writer: httpx.AsyncClient,
) -> None:
    answer = await writer.post("/sources", data=DRAFT | {"language": "pt"})

    assert answer.headers["location"] == "/sources/River%20Times"
    source = (await writer.get("/v1/sources/River%20Times")).json()
    urls = [one["url"] for one in source["watched"]]
    assert DRAFT["feeds.1"] in urls
    assert DRAFT["shown.sections.2"] not in urls
    assert source["settings"]["render"] is None


async def test_a_draft_may_ask_for_a_browser(writer: httpx.AsyncClient) -> None:
    await writer.post("/sources", data=DRAFT | {"language": "pt", "render": "auto"})

    source = (await writer.get("/v1/sources/River%20Times")).json()
    assert source["settings"]["render"] == "auto"


@pytest.mark.parametrize("name", ["River Times", "river times", "Harbour Post"])
async def test_the_form_takes_no_name_that_a_source_has(
    writer: httpx.AsyncClient, name: str
) -> None:
    """Else it would put another site in the place of what is watched."""
    good = DRAFT | {"language": "pt"}
    await writer.post("/sources", data=good)

    other = good | {"name": name, "home": "https://mill.example/"}
    answer = await writer.post("/sources", data=other)

    source = (await writer.get("/v1/sources/River%20Times")).json()
    assert answer.status_code == 422
    assert "already" in answer.text
    assert source["settings"]["home"] == DRAFT["home"]


@pytest.mark.parametrize("path", ["/add", "/sources", "/takedowns", "/fetch", "/login"])
async def test_what_is_no_form_is_refused(holder: httpx.AsyncClient, path: str) -> None:
    same = {"Sec-Fetch-Site": "same-origin"}
    answer = await holder.post(path, json={"url": "https://x.example/"}, headers=same)

    assert answer.status_code == 415


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("/ledger?state=dead", "/ledger?state=dead"),
        ("//attacker.example/", "/"),
        ("/\\attacker.example/", "/"),
        ("https://attacker.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=y", "/"),
        ("", "/"),
    ],
)
def test_a_login_leads_to_our_own_pages_alone(given: str, place: str) -> None:
    assert own_place(given) == place


@pytest.mark.parametrize(
    ("path", "name", "column"),
    [
        ("/?", "articles", "title"),
        ("/?source=Harbour+Post&", "articles", "title"),
        ("/sources?", "sources", "name"),
        ("/ledger?state=&source=&", "ledger", "url"),
        ("/alerts?state=&", "alerts", "why"),
        ("/search?q=bridge&order=newest&", "search", "title"),
    ],
)
async def test_every_list_is_a_file_too(
    reader: httpx.AsyncClient, path: str, name: str, column: str
) -> None:
    as_csv = await reader.get(f"{path}format=csv")
    as_json = await reader.get(f"{path}format=json")

    rows = list(csv.DictReader(io.StringIO(as_csv.text)))
    lines = [json.loads(line) for line in as_json.text.splitlines()]
    disposition = as_csv.headers["content-disposition"]
    assert disposition == f'attachment; filename="{name}.csv"'
    assert as_csv.headers["content-type"] == "text/csv; charset=utf-8"
    assert len(rows) == len(lines)
    assert [row[column].lstrip("'") for row in rows] == [
        str(one[column]).lstrip("'") for one in lines
    ]
    assert rows or name == "alerts"


async def test_no_cell_of_a_file_is_a_formula(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    text = (await reader.get("/ledger?format=csv")).text
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]

    assert archive
    assert [cell for cell in cells if cell.startswith(("=", "+", "@", "\t"))] == []


async def test_a_search_that_cannot_be_read_is_no_broken_file(
    reader: httpx.AsyncClient,
) -> None:
    answer = await reader.get("/search?q=title:&format=csv")

    assert (answer.status_code, "has nothing right behind it" in answer.text) == (
        400,
        True,
    )


@pytest.mark.parametrize("order", ["best", "newest"])
async def test_the_file_of_a_search_has_all_that_is_found(
    reader: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    monkeypatch.setattr("crawler.web.pages.search._AT_ONCE", 1)
    query = "lang:en OR lang:ja OR lang:ar"
    whole = (await reader.get("/v1/search", params={"q": query})).json()["hits"]

    answer = await reader.get(
        "/search", params={"q": query, "order": order, "format": "json"}
    )

    assert len(answer.text.splitlines()) == len(whole) > 1


async def test_a_search_can_be_narrowed_down(reader: httpx.AsyncClient) -> None:
    page = (await reader.get("/search?q=lang:en+OR+lang:ja+OR+lang:ar")).text
    link = page.partition('href="/search?q=lang')[2].partition('"')[0]
    narrowed = await reader.get(f"/search?q=lang{link}".replace("&amp;", "&"))

    assert "Narrow down" in page
    assert link
    assert narrowed.status_code == 200
    assert "headline" in narrowed.text


async def test_an_export_is_begun_fetched_and_forgotten_by_the_page(
    service: Service, writer: httpx.AsyncClient
) -> None:
    await keep(service, HARBOUR, "Harbour Post", NOON)
    wanted = {"query": "", "source": "Harbour Post", "format": "jsonl", "from": ""}

    begun = await writer.post("/jobs", data=wanted)
    while (await writer.get("/v1/jobs/1")).json()["state"] not in {"done", "failed"}:
        await asyncio.sleep(0.01)
    page = (await writer.get("/jobs?state=done&kind=export")).text
    file = await writer.get("/v1/jobs/1/result")
    listed = await writer.get("/jobs?format=csv")
    gone = await writer.post("/jobs/1/remove", data={"now": "1"})
    after = (await writer.get("/jobs")).text

    assert (begun.status_code, begun.headers["location"]) == (303, "/jobs")
    assert 'href="/v1/jobs/1/result"' in page
    renewed = page[page.index('<section id="jobs"') : page.index("</section>")]
    stops = re.findall(r"<(?:a|button) [^>]*>|<div [^>]*tabindex[^>]*>", renewed)
    assert len(stops) == 5
    assert all(' id="' in one for one in stops)  # by it the focus outlives a renewal
    assert "articles as jsonl, of <bdi>Harbour Post</bdi>" in " ".join(page.split())
    assert file.json()["title"] == HARBOUR.title
    assert listed.text.splitlines()[1].startswith("1,export,done,")
    assert (gone.status_code, "/v1/jobs/1/result" in after) == (303, False)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"format": "stone"}, "format"),
        ({"format": "csv", "from": "yesterday"}, "from"),
        ({"format": "csv", "source": "Nobody"}, "Nobody"),
        ({"format": "csv", "query": "OR"}, "OR stands"),
    ],
)
async def test_an_export_that_cannot_be_is_said_to_be_so_beside_its_form(
    writer: httpx.AsyncClient, said: dict[str, str], fault: str
) -> None:
    answer = await writer.post("/jobs", data=said)

    assert answer.status_code == 422
    assert fault in html.unescape(answer.text)
