"""Feeds of articles, as others' readers and our own read them."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from sqlmodel import select

from crawler.discover.feeds import read_feed
from crawler.service.service import Service
from crawler.web.feeds.atom import atom
from crawler.web.feeds.feed import Entry, Feed, urn
from crawler.web.feeds.jsonfeed import json_feed
from storage.sql.tables import LinkRow
from storage.writer import Tx
from tests.crawler.web.conftest import BASE
from tests.crawler.web.material import (
    ARABIC,
    HARBOUR,
    HARBOUR_LATER,
    JAPANESE,
    NOON,
    SCRIPT,
    Archive,
    fill,
    keep,
)

pytestmark = pytest.mark.anyio

FEEDS = [
    "/feeds/all",
    "/feeds/source/Harbour Post",
    "/feeds/source/川辺新聞",
    "/feeds/search",
]
#: All that XML 1.0 forbids, and what only looks forbidden.
ODD = "a\x00\x08\x0b\x1f\ufffe\uffffb\t\x85\u202e😀]]>&<"


def at(path: str, form: str, **said: Any) -> str:  # noqa: ANN401  # a parameter
    query = {"q": "bridge"} if path.endswith("search") else {}
    return str(httpx.URL(f"{path}.{form}", params=query | said))


async def parsed(reader: httpx.AsyncClient, path: str) -> feedparser.FeedParserDict:
    answer = await reader.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/atom+xml")
    found = feedparser.parse(answer.content, response_headers=dict(answer.headers))
    assert not found.bozo, found.bozo_exception
    return found


async def items(reader: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    answer = await reader.get(path)
    assert answer.headers["content-type"].startswith("application/feed+json")
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


@pytest.mark.parametrize("path", FEEDS)
async def test_a_feed_is_what_its_form_demands(
    reader: httpx.AsyncClient, path: str
) -> None:
    found = await parsed(reader, at(path, "atom"))
    document = (await reader.get(at(path, "json"))).json()

    assert found.version == "atom10"
    assert found.feed.id.startswith("urn:uuid:")
    assert found.feed.title
    own = {one.rel: one.href for one in found.feed.links}["self"]
    assert own == f"{BASE}{httpx.URL(at(path, 'atom')).raw_path.decode()}"
    assert document["feed_url"] == own.replace(".atom", ".json")
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert [one["id"] for one in document["items"]] == [one.id for one in found.entries]
    assert len({one.id for one in found.entries}) == len(found.entries) > 0


async def test_an_entry_says_what_the_article_is(
    reader: httpx.AsyncClient, archive: Archive
) -> None:
    entry = (await parsed(reader, "/feeds/all.atom")).entries[0]

    assert entry.title == HARBOUR_LATER.title
    assert entry.link == HARBOUR.url
    assert [one.href for one in entry.links if one.rel == "related"] == [
        f"{BASE}/articles/{archive.harbour}"
    ]
    assert [one.name for one in entry.authors] == ["Ines Albrook", "Tom Varley"]
    assert entry.published == "2026-03-14T08:05:00Z"
    assert entry.updated == "2026-03-14T15:00:00Z"
    assert entry.summary.startswith("MILLWATER – The swing bridge")
    assert "content" not in entry


async def test_a_changed_article_says_how_it_changed(reader: httpx.AsyncClient) -> None:
    scheme = "urn:kliping:change"
    entries = (await parsed(reader, "/feeds/all.atom")).entries
    changes = [
        [tag.term for tag in one.get("tags", ()) if tag.scheme == scheme]
        for one in entries
    ]
    said = [one["_kliping"]["change"] for one in await items(reader, "/feeds/all.json")]

    assert changes == [["correction"], [], [], []]
    assert said == ["correction", None, None, None]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [("any", ["correction"]), ("correction", ["correction"]), ("headline", [])],
)
async def test_a_feed_of_changes_has_no_new_articles(
    reader: httpx.AsyncClient, wanted: str, found: list[str]
) -> None:
    """Or who watches what others edit would lose it among what they publish."""
    shown = await items(reader, at("/feeds/source/Harbour Post", "json", change=wanted))

    assert [one["_kliping"]["change"] for one in shown] == found


async def test_a_feed_of_no_kind_of_change_is_refused(
    reader: httpx.AsyncClient,
) -> None:
    answer = await reader.get("/feeds/all.json?change=edited")

    assert answer.status_code == 422
    assert "'headline'" in answer.json()["problems"][0]


async def test_the_newest_change_comes_first_and_so_many_at_most(
    reader: httpx.AsyncClient,
) -> None:
    all_of_them = (await parsed(reader, "/feeds/all.atom")).entries
    two = (await parsed(reader, "/feeds/all.atom?limit=2")).entries
    too_many = await reader.get("/feeds/all.atom?limit=201")

    updated = [one.updated for one in all_of_them]
    assert updated == sorted(updated, reverse=True)
    assert [one.id for one in two] == [one.id for one in all_of_them[:2]]
    assert too_many.status_code == 422


@pytest.mark.parametrize(
    ("path", "titles"),
    [
        ("/feeds/source/Harbour Post", {HARBOUR_LATER.title}),
        ("/feeds/source/川辺新聞", {JAPANESE.title}),
        ("/feeds/search", {HARBOUR_LATER.title}),
    ],
)
async def test_a_feed_has_its_own_articles_alone(
    reader: httpx.AsyncClient, path: str, titles: set[str]
) -> None:
    entries = (await parsed(reader, at(path, "atom"))).entries

    assert {one.title for one in entries} == titles


async def test_the_whole_text_is_given_where_it_is_wanted(
    reader: httpx.AsyncClient,
) -> None:
    entry = (await parsed(reader, "/feeds/all.atom?full=1")).entries[0]
    (item, *_) = await items(reader, "/feeds/all.json?full=1")

    assert "<h2>What it cost</h2>" in entry.content[0].value
    assert "at high water." in entry.content[0].value
    assert entry.content[0].type == "text/html"
    assert "<h2>What it cost</h2>" in item["content_html"]
    assert "content_text" not in item


async def test_no_script_of_an_article_is_in_its_html(
    reader: httpx.AsyncClient,
) -> None:
    document = etree.fromstring((await reader.get("/feeds/all.atom?full=1")).content)
    contents = document.findall("{*}entry/{*}content")
    links = [one.get("href") or "" for one in document.iter("{*}link")]

    assert not any(SCRIPT in (one.text or "") for one in contents)
    assert any("&lt;script&gt;" in (one.text or "") for one in contents)
    assert all(link.startswith("http") for link in links)


@pytest.mark.parametrize("form", ["atom", "json"])
async def test_our_own_reader_reads_our_own_feed(
    reader: httpx.AsyncClient, form: str
) -> None:
    url = f"/feeds/all.{form}"
    answer = await reader.get(url)

    feed = read_feed(answer.content, f"{BASE}{url}")

    harbour = next(one for one in feed.links if one.url == HARBOUR.url)
    assert harbour.title == HARBOUR_LATER.title
    assert harbour.modified == NOON + timedelta(hours=3)
    assert harbour.blurb is not None
    assert harbour.blurb.authors == HARBOUR.authors
    assert harbour.blurb.tags == HARBOUR.tags
    assert {ARABIC.url, JAPANESE.url} <= {one.url for one in feed.links}
    assert feed.topic == f"{BASE}{url}" or form == "json"


@pytest.mark.parametrize("form", ["atom", "json"])
async def test_what_is_still_the_same_is_not_sent_again(
    reader: httpx.AsyncClient, form: str
) -> None:
    first = await reader.get(f"/feeds/all.{form}")
    etag, modified = first.headers["etag"], first.headers["last-modified"]

    def asked(**headers: str) -> Any:  # noqa: ANN401  # an awaitable answer
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return reader.get(f"/feeds/all.{form}", headers=named)

    assert modified == "Sat, 14 Mar 2026 15:00:00 GMT"
    same = await asked(If_None_Match=f'"other", W/{etag}')
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["etag"] == etag
    assert (await asked(If_None_Match='"other"')).status_code == 200
    both = await asked(If_None_Match='"other"', If_Modified_Since=modified)
    assert both.status_code == 200


async def test_what_is_hidden_is_sent_to_who_knows_a_date_alone(
    writer: httpx.AsyncClient, service: Service
) -> None:
    """A hidden article takes the date of the newest entry back."""
    archive = await fill(service)
    first = await writer.get("/feeds/all.atom")
    wanted = {"articles": [archive.harbour], "depth": "hide"}
    hidden = await writer.post("/v1/takedowns", json=wanted)

    since = {"If-Modified-Since": first.headers["last-modified"]}
    again = await writer.get("/feeds/all.atom", headers=since)

    assert (hidden.status_code, again.status_code) == (200, 200)
    assert again.text != first.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/feeds/all.rss", 404),
        ("/feeds/source/nobody.atom", 404),
        ("/feeds/search.atom", 422),
        ("/feeds/search.atom?q=", 400),
    ],
)
async def test_what_is_no_feed_says_so(
    reader: httpx.AsyncClient, path: str, status: int
) -> None:
    assert (await reader.get(path)).status_code == status


async def test_pages_name_their_feeds(reader: httpx.AsyncClient) -> None:
    today = (await reader.get("/")).text
    found = (await reader.get("/search", params={"q": 'old "bridge" & so'})).text

    assert 'href="/feeds/all.atom"' in today
    assert 'href="/feeds/search.atom?q=old%20%22bridge%22%20%26%20so"' in found


async def test_an_archive_of_nothing_has_an_empty_feed(
    writer: httpx.AsyncClient,
) -> None:
    found = await parsed(writer, "/feeds/all.atom")

    assert (found.entries, found.feed.updated) == ([], "1970-01-01T00:00:00Z")


async def test_nothing_withheld_is_in_a_feed(
    writer: httpx.AsyncClient, service: Service
) -> None:
    await keep(service, HARBOUR, "Harbour Post", NOON)
    before = await writer.get("/feeds/all.atom")

    def hide(tx: Tx) -> None:
        for row in tx.session.exec(select(LinkRow)):
            row.withheld = "hide"

    await service.means.writer.run(hide)

    assert HARBOUR.url in before.text
    for path in FEEDS[:2] + FEEDS[3:]:
        assert (await parsed(writer, at(path, "atom"))).entries == []
    etag = before.headers["etag"]
    again = await writer.get("/feeds/all.atom", headers={"If-None-Match": etag})
    assert again.status_code == 200


def entry(text: str) -> Entry:
    then = datetime(2026, 3, 14, tzinfo=UTC)
    return Entry(
        id=urn("article", "1"),
        title=text,
        url="https://news.example/1",
        page=f"{BASE}/articles/1",
        published=then,
        updated=then,
        summary=text,
        html=text,
        authors=(text,),
        tags=(text,),
        change=text,
    )


def feed(text: str) -> Feed:
    return Feed(
        id=urn("feed"),
        title=text,
        path="/f",
        page="/",
        base=BASE,
        entries=(entry(text),),
    )


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_makes_a_feed_that_can_be_read(text: str) -> None:
    etree.fromstring(atom(feed(text)))
    json.loads(json_feed(feed(text)))


def test_what_xml_forbids_is_left_out_and_nothing_else_is() -> None:
    root = etree.fromstring(atom(feed(ODD)))
    said = json.loads(json_feed(feed(ODD)))

    kept = "ab\t\x85\u202e😀]]>&<"
    assert root.findtext("{*}entry/{*}title") == kept
    assert said["items"][0]["title"] == kept


def test_an_entry_has_the_same_id_always() -> None:
    assert urn("article", "//news.example/1") == urn("article", "//news.example/1")
    assert urn("article", "//news.example/1") != urn("article", "//news.example/2")
