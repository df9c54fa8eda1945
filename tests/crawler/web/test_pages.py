"""The pages show what is archived, and nothing of it can act."""

import html
import re
from dataclasses import replace

import httpx
import pytest
from sqlmodel import delete

from crawler.service.service import Service
from storage.sql.ledger import note_alias
from storage.sql.tables import ArticleRow, LinkRow
from storage.writer import Tx
from tests.crawler.web.material import HARBOUR, NOON, SCRIPT, TEMPLATE, Archive, keep

pytestmark = pytest.mark.anyio

PAGES = [
    "/",
    "/?source=Harbour+Post&language=en",
    "/?before=1",
    "/articles/{harbour}",
    "/articles/{harbour}?version=1",
    "/articles/{harbour}/diff/2",
    "/articles/{hostile}/explain",
    "/articles/{arabic}",
    "/articles/{japanese}",
    "/articles/{hostile}",
    "/search",
    "/search?q=bridge",
    "/search?q=script&order=newest",
    "/search?q=script&order=published",
    "/sources",
    "/ledger",
    "/ledger?source=Harbour+Post&state=archived",
    "/ledger?state=dead",
    "/health",
    "/sources/Harbour%20Post",
    "/sources/%E5%B7%9D%E8%BE%BA%E6%96%B0%E8%81%9E?done=poll",
    "/alerts",
    "/alerts?state=open",
    "/alerts/silent",
    "/alerts/outage",
    "/takedowns",
    "/explain",
    "/explain?url=https://harbour.example/bridge-opens",
    "/explain?url=https://harbour.example/never-seen",
    "/jobs",
    "/jobs?state=done",
]
#: Pages that are shown already, asked for as a form does that was left empty.
LEFT_EMPTY = ["/ledger?source=&state=", "/?source=&language=", "/jobs?state=&kind="]
#: What only leads to changes, and shows more than the archive: not for readers.
FOR_OPERATORS = ["/add", "/takedowns/new", "/sources/Harbour%20Post/rules", "/settings"]


def at(path: str, archive: Archive) -> str:
    ids = {name: getattr(archive, name) for name in Archive.__slots__}
    return path.format(**ids)


@pytest.mark.parametrize("path", [*PAGES, *LEFT_EMPTY, *FOR_OPERATORS])
async def test_every_page_answers_with_html(
    holder: httpx.AsyncClient, archive: Archive, path: str
) -> None:
    answer = await holder.get(at(path, archive))

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", [*PAGES, *LEFT_EMPTY, *FOR_OPERATORS])
async def test_no_markup_of_an_archived_page_is_live(
    holder: httpx.AsyncClient, archive: Archive, path: str
) -> None:
    answer = await holder.get(at(path, archive))
    policy = answer.headers["content-security-policy"]
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    ours = f'<script nonce="{nonce}" src="/static/'
    page = answer.text.replace(ours, "")

    assert len(nonce) == 22
    assert "<script" not in page
    assert 'onload="' not in page
    assert 'href="javascript:' not in page


@pytest.mark.parametrize("path", [*PAGES, *LEFT_EMPTY, *FOR_OPERATORS])
async def test_no_archived_text_is_read_as_a_template(
    holder: httpx.AsyncClient, archive: Archive, path: str
) -> None:
    page = (await holder.get(at(path, archive))).text

    assert "7*7}}" in page or "7*7" not in page
    assert ">49<" not in page


async def test_a_hostile_title_is_shown_escaped(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    page = (await reader.get(f"/articles/{archive.hostile}")).text

    assert f"&lt;script&gt;alert(&#39;boo&#39;)&lt;/script&gt; {TEMPLATE}" in page
    assert SCRIPT not in page


async def test_a_direction_override_is_closed_in_by_bdi(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    page = (await reader.get(f"/articles/{archive.hostile}")).text

    parts = page.split("\u202e")
    assert len(parts) > 1
    for before in parts[:-1]:
        assert before.rfind("<bdi>") > before.rfind("</bdi>") or before.rfind(
            "<title>"
        ) > before.rfind("</title>")


async def test_an_arabic_article_runs_from_right_to_left(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    page = (await reader.get(f"/articles/{archive.arabic}")).text

    assert '<div class="text" lang="ar" dir="rtl">' in page


async def test_the_text_is_shown_by_kinds_of_blocks(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    page = (await reader.get(f"/articles/{archive.harbour}")).text

    assert "<h2>What it cost</h2>" in page
    assert (
        '<li class="depth-2"><bdi>of it for transport: 0.4 million</bdi></li>' in page
    )
    assert "<blockquote><p>“We had thought" in page
    assert "<td><bdi>Openings</bdi></td>" in page
    assert '<pre tabindex="0">06:10  bridge closed to cars\n' in page


@pytest.mark.parametrize(
    "fact",
    [
        "By <bdi>Ines Albrook, Tom Varley</bdi>",
        "2026-03-14 09:05+01:00",
        "<bdi>Millwater (own report)</bdi>",
        "Swing bridge is back!",
        "meta og:title",
        "12,345 views",
        "view_count",
        "number+views",
        "needs_review",
        "192.0.2.7",
        "The bridge half open, seen from the mole.",
        "<bdi>shipping</bdi>",
        ".warc.gz",
    ],
)
async def test_an_article_tells_all_that_is_known_of_it(
    reader: httpx.AsyncClient, archive: Archive, fact: str
) -> None:
    page = (await reader.get(f"/articles/{archive.harbour}")).text

    assert fact in page


async def test_an_article_leads_to_the_others_of_its_source(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    page = (await reader.get(f"/articles/{archive.harbour}")).text

    assert '<a href="/?source=Harbour%20Post"><bdi>Harbour Post</bdi></a>' in page


async def test_nothing_is_loaded_from_the_site_of_an_article(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    page = (await reader.get(f"/articles/{archive.harbour}")).text

    assert 'href="https://pictures.example/bridge.jpg"' in page
    assert 'src="http' not in page


async def test_the_diff_marks_the_words_that_changed(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    page = (await reader.get(f"/articles/{archive.harbour}/diff/2")).text

    assert "<del>eleven </del><ins>twelve </ins>years" in page


@pytest.mark.parametrize("number", [1, 9])
async def test_a_version_with_none_before_it_has_no_diff(
    reader: httpx.AsyncClient, archive: Archive, number: int
) -> None:
    answer = await reader.get(f"/articles/{archive.harbour}/diff/{number}")

    assert answer.status_code == 404


async def test_an_article_that_moved_is_told_of_both(
    writer: httpx.AsyncClient, service: Service
) -> None:
    urls = ("https://harbour.example/old-slug", "https://harbour.example/new-slug")
    old, new = [
        await keep(service, replace(HARBOUR, url=url), None, NOON) for url in urls
    ]

    def lead(tx: Tx) -> None:
        links = [tx.session.get_one(ArticleRow, one).link_id for one in (old, new)]
        note_alias(tx.session, *links)

    await service.means.writer.run(lead)
    before = (await writer.get(f"/articles/{old}")).text
    now = (await writer.get(f"/articles/{new}")).text
    told = (await writer.get(f"/v1/articles/{old}")).json()
    found = (await writer.get(f"/v1/articles/{new}")).json()

    assert "leads to another address now" in before
    assert f'Its later versions are those of <a href="/articles/{new}">' in before
    assert f'before: <a href="/articles/{old}">' in now
    assert [one["id"] for one in told["moved"]["to"]] == [new]
    assert [one["url"] for one in found["moved"]["came_from"]] == [urls[0]]
    assert (told["url"], found["url"]) == urls


async def test_a_search_marks_what_was_looked_for(reader: httpx.AsyncClient) -> None:
    page = (await reader.get("/search", params={"q": "coaster"})).text

    assert "<mark>coaster</mark>" in page


async def test_a_search_that_finds_nothing_says_so(reader: httpx.AsyncClient) -> None:
    page = (await reader.get("/search", params={"q": "zeppelin or bridge"})).text

    assert "Nothing was found for" in page
    assert "No article has <bdi>zeppelin</bdi>" in page
    assert "OR in capitals" in page
    assert "No article has <bdi>bridge</bdi>" not in page


async def test_an_address_that_is_searched_is_explained(
    reader: httpx.AsyncClient,
) -> None:
    params = {"q": "https://harbour.example/bridge-opens?a=1"}
    page = (await reader.get("/search", params=params)).text

    assert 'href="/explain?url=https%3A//harbour.example/bridge-opens%3Fa%3D1"' in page


@pytest.mark.parametrize("order", ["best", "newest", "published"])
async def test_a_search_says_how_many_there_are(
    reader: httpx.AsyncClient, order: str
) -> None:
    params = {"q": "coaster", "order": order}
    page = (await reader.get("/search", params=params)).text

    assert '<p class="facts">1 article</p>' in page


async def test_a_search_says_what_it_does_not_rank(
    reader: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("storage.sql.search", "crawler.web.pages.search"):
        monkeypatch.setattr(f"{module}.RANKED", 1)

    page = (await reader.get("/search", params={"q": "bridge OR الميناء"})).text

    assert "More than 1 articles match" in page
    assert "order=newest" in page


async def test_a_query_that_cannot_be_read_says_why(reader: httpx.AsyncClient) -> None:
    answer = await reader.get("/search", params={"q": "-"})

    assert answer.status_code == 400
    assert 'role="alert"' in answer.text


async def test_a_filter_leaves_only_its_own_articles(reader: httpx.AsyncClient) -> None:
    page = (await reader.get("/", params={"language": "ja"})).text

    assert "渡し船" in page
    assert "swing bridge" not in page


async def test_a_filter_that_fits_nothing_offers_the_way_back(
    reader: httpx.AsyncClient,
) -> None:
    page = (await reader.get("/", params={"language": "xx"})).text

    assert 'No article fits. <a href="/">Show all</a>' in page


@pytest.mark.parametrize(
    ("path", "first", "fits_none"),
    [
        ("/jobs?", "There is no job yet", "state=failed"),
        ("/ledger?", "No link is known yet", "state=dead"),
    ],
)
async def test_an_empty_list_says_whether_there_is_nothing_or_nothing_fits(
    writer: httpx.AsyncClient, service: Service, path: str, first: str, fits_none: str
) -> None:
    await service.means.writer.run(lambda tx: tx.session.exec(delete(LinkRow)))

    assert first in (await writer.get(path)).text
    assert "fits. <a href=" in (await writer.get(f"{path}{fits_none}")).text


async def test_sources_show_those_that_never_answered(
    reader: httpx.AsyncClient,
) -> None:
    page = (await reader.get("/sources")).text

    assert "Harbour Post" in page
    assert "川辺新聞" in page


async def test_health_says_why_nothing_is_fetched(reader: httpx.AsyncClient) -> None:
    page = (await reader.get("/health")).text

    assert "Nothing is fetched: the clockwork has not ticked yet." in page


async def test_a_kept_lead_image_is_shown_and_one_that_is_not_kept_is_named(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    harbour = (await reader.get(f"/articles/{archive.harbour}")).text
    hostile = (await reader.get(f"/articles/{archive.hostile}")).text

    (place,) = re.findall(r'<img src="([^"]+)"', harbour)
    image = await reader.get(place)

    assert place == f"/web/20260314120000im_/{HARBOUR.image}"
    assert image.headers["content-type"] == "image/png"
    assert "<img" not in hostile
    assert "which is not kept, on its site: <bdi" in hostile


async def test_the_evidence_has_both_heads_as_they_went_over_the_wire(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    page = (await reader.get(f"/articles/{archive.harbour}")).text

    assert "GET /bridge-opens HTTP/1.1\nHost: harbour.example</pre>" in page
    assert "HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 33</pre>" in page


async def test_headers_are_shown_escaped_and_damage_is_said(
    service: Service, writer: httpx.AsyncClient
) -> None:
    url = f"https://news.example/{SCRIPT}"
    number = await keep(service, HARBOUR, None, NOON, url=url)
    await keep(service, HARBOUR, None, NOON, url="https://other.example/copy")

    page = (await writer.get(f"/articles/{number}")).text
    (file,) = service.folder.warc.glob("*.warc.gz*")
    file.write_bytes(b"torn" * 20)
    torn = await writer.get(f"/articles/{number}")

    assert html.escape(f"GET /{SCRIPT} HTTP/1.1") in page.replace("&#39;", "&#x27;")
    assert "100 % the same" in page
    assert SCRIPT not in page
    assert (torn.status_code, "Its record cannot be read" in torn.text) == (200, True)


@pytest.mark.parametrize(
    ("path", "module", "kind", "named"),
    [("/", "today", "articles", "articles"), ("/ledger", "ledger", "ledger", "links")],
)
async def test_no_page_leads_on_to_an_empty_one(
    reader: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    module: str,
    kind: str,
    named: str,
) -> None:
    held = len((await reader.get(f"/v1/{kind}?limit=200")).json()[named])
    monkeypatch.setattr(f"crawler.web.pages.{module}._PAGE", held)
    whole = (await reader.get(path)).text
    monkeypatch.setattr(f"crawler.web.pages.{module}._PAGE", held - 1)
    cut = (await reader.get(path)).text

    last = (await reader.get(f"/v1/{kind}?limit={held}")).json()

    assert ('rel="next"' in whole, 'rel="next"' in cut) == (False, True)
    assert last["next_before"] is None
