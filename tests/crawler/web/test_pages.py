"""The pages show what is archived, and nothing of it can act."""

import httpx
import pytest

from tests.crawler.web.material import SCRIPT, Archive

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
    "/sources",
    "/ledger",
    "/ledger?source=Harbour+Post&state=archived",
    "/ledger?state=dead",
    "/ledger?source=&state=",
    "/?source=&language=",
    "/health",
    "/sources/Harbour%20Post",
    "/sources/%E5%B7%9D%E8%BE%BA%E6%96%B0%E8%81%9E?done=poll",
    "/sources/Harbour%20Post/rules",
    "/alerts",
    "/alerts?state=open",
    "/alerts/silent",
    "/alerts/outage",
    "/takedowns",
    "/explain",
    "/explain?url=https://harbour.example/bridge-opens",
    "/explain?url=https://harbour.example/never-seen",
    "/add",
    "/takedowns/new",
]


def at(path: str, archive: Archive) -> str:
    ids = {name: getattr(archive, name) for name in Archive.__slots__}
    return path.format(**ids)


@pytest.mark.parametrize("path", PAGES)
async def test_every_page_answers_with_html(
    reader: httpx.AsyncClient, archive: Archive, path: str
) -> None:
    answer = await reader.get(at(path, archive))

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", PAGES)
async def test_no_markup_of_an_archived_page_is_live(
    reader: httpx.AsyncClient, archive: Archive, path: str
) -> None:
    answer = await reader.get(at(path, archive))
    policy = answer.headers["content-security-policy"]
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    ours = f'<script nonce="{nonce}" src="/static/'
    page = answer.text.replace(ours, "")

    assert len(nonce) == 22
    assert "<script" not in page
    assert 'onload="' not in page
    assert 'href="javascript:' not in page


@pytest.mark.parametrize("path", PAGES)
async def test_no_archived_text_is_read_as_a_template(
    reader: httpx.AsyncClient, archive: Archive, path: str
) -> None:
    page = (await reader.get(at(path, archive))).text

    assert "7*7}}" in page or "7*7" not in page
    assert ">49<" not in page


async def test_a_hostile_title_is_shown_escaped(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    page = (await reader.get(f"/articles/{archive.hostile}")).text

    assert "&lt;script&gt;alert(&#39;boo&#39;)&lt;/script&gt;" in page
    assert SCRIPT not in page


async def test_a_direction_override_is_closed_in_by_bdi(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    page = (await reader.get(f"/articles/{archive.hostile}")).text

    for before in page.split("\u202e")[:-1]:
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


async def test_the_lead_image_is_a_link_and_is_not_loaded(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    page = (await reader.get(f"/articles/{archive.harbour}")).text

    assert 'href="https://harbour.example/media/bridge.jpg"' in page
    assert "<img" not in page


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


async def test_a_search_marks_what_was_looked_for(reader: httpx.AsyncClient) -> None:
    page = (await reader.get("/search", params={"q": "coaster"})).text

    assert "<mark>coaster</mark>" in page


async def test_a_search_that_finds_nothing_says_so(reader: httpx.AsyncClient) -> None:
    page = (await reader.get("/search", params={"q": "zeppelin"})).text

    assert "Nothing was found for" in page


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


async def test_sources_show_those_that_never_answered(
    reader: httpx.AsyncClient,
) -> None:
    page = (await reader.get("/sources")).text

    assert "Harbour Post" in page
    assert "川辺新聞" in page


async def test_health_says_why_nothing_is_fetched(reader: httpx.AsyncClient) -> None:
    page = (await reader.get("/health")).text

    assert "Nothing is fetched: the clockwork has not ticked yet." in page
