"""The JSON routes that change something."""

from datetime import datetime, timedelta
from ipaddress import IPv4Network
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session, select

from crawler.config.tree import Config, Defaults, Identity, Policy
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.urls import host_key
from crawler.web.api import sources as source_routes
from crawler.web.app import make_app
from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.ledger import add_links, find_link
from storage.sql.sources import find_source, set_state
from storage.sql.tables import HostRow
from storage.sql.visits import open_visit
from storage.writer import Tx
from tests.crawler.desk import scripted_site, story
from tests.crawler.web.conftest import TOKEN, bearing, config_for, speaking_to
from tests.crawler.web.site import site

pytestmark = pytest.mark.anyio


def polite_to_loopback(folder: Path) -> Config:
    return config_for(folder).model_copy(
        update={
            "identity": Identity(contact="mailto:desk@archive.example"),
            "defaults": Defaults(delay=timedelta(0)),
            "policy": Policy(allow_networks=(IPv4Network("127.0.0.0/8"),)),
        }
    )


async def test_links_are_entered_and_due(writer: httpx.AsyncClient) -> None:
    urls = ["https://a.example/1", "https://b.example/2"]

    answer = await writer.post("/v1/links", json={"urls": urls})

    added = answer.json()["added"]
    assert [(one["url"], one["state"]) for one in added] == [
        (url, "waiting") for url in urls
    ]
    assert len({one["link_id"] for one in added}) == 2


async def test_a_known_link_is_not_entered_twice(writer: httpx.AsyncClient) -> None:
    url = "https://a.example/1"

    answer = await writer.post("/v1/links", json={"urls": [url, url]})

    assert len({one["link_id"] for one in answer.json()["added"]}) == 1


async def test_a_list_is_entered_and_known_links_stay(
    writer: httpx.AsyncClient,
) -> None:
    urls = ["https://a.example/1", "https://a.example/2"]
    await writer.post("/v1/links", json={"urls": urls[:1]})

    answer = await writer.post("/v1/links/list", json={"urls": urls})
    unknown = await writer.post("/v1/links/list", json={"urls": urls, "source": "X"})

    assert answer.json() == {"new": 1}
    assert unknown.status_code == 422


@pytest.mark.parametrize("bad", ["ftp://a.example/", "javascript:alert(1)", "", "a b"])
async def test_one_bad_url_refuses_all(holder: httpx.AsyncClient, bad: str) -> None:
    urls = ["https://a.example/1", bad]

    answer = await holder.post("/v1/links", json={"urls": urls})

    ledger = (await holder.get("/v1/ledger")).json()["links"]
    assert answer.status_code == 422
    assert "https://a.example/1" not in [link["url"] for link in ledger]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"urls": []}',
        b'{"urls": 1}',
        b'{"urls": ["https://a.example/"], "x": 1}',
    ],
)
async def test_a_body_that_does_not_fit_is_refused(
    holder: httpx.AsyncClient, body: bytes
) -> None:
    answer = await holder.post(
        "/v1/links", content=body, headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 422
    assert answer.json()["problems"]


async def test_a_source_is_added_and_watched(
    writer: httpx.AsyncClient, service: Service
) -> None:
    source = {"name": "River Times", "home": "https://river.example/", "poll": "1h"}

    answer = await writer.post("/v1/sources", json=source)

    assert answer.status_code == 201
    assert answer.json()["state"] == "active"
    assert service.watches[answer.json()["id"]].plan.poll == timedelta(hours=1)


async def test_a_source_added_again_is_renewed(writer: httpx.AsyncClient) -> None:
    source = {"name": "River Times", "home": "https://river.example/"}
    first = await writer.post("/v1/sources", json=source)

    again = await writer.post("/v1/sources", json=source | {"language": "en"})

    assert again.status_code == 200
    assert again.json()["id"] == first.json()["id"]


async def test_a_source_that_would_bring_nothing_is_refused(
    writer: httpx.AsyncClient,
) -> None:
    """http and https are one list, which one source reads."""
    first = {"name": "Quay", "home": "https://quay.example/"}
    feed = {"feeds": ["https://quay.example/feed"]}
    other = {"name": "Quay 2", "home": "https://www.quay.example/"}
    await writer.post("/v1/sources", json=first | feed)

    again = await writer.post(
        "/v1/sources", json=other | {"feeds": ["http://quay.example/feed"]}
    )

    assert again.status_code == 422
    assert "'Quay' reads its lists already" in again.json()["detail"]
    assert (await writer.get("/v1/sources/Quay%202")).status_code == 404


@pytest.mark.parametrize("name", ["Harbour Post", "harbour post"])
async def test_a_source_of_config_yaml_is_not_overwritten(
    holder: httpx.AsyncClient, name: str
) -> None:
    source = {"name": name, "home": "https://elsewhere.example/"}

    answer = await holder.post("/v1/sources", json=source)

    assert answer.status_code == 409
    assert "Harbour Post" in answer.json()["detail"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"home": "ftp://a.example/"},
        {"name": "../../etc"},
        {"unknown": 1},
        {"group": "nowhere"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
async def test_a_source_that_cannot_be_is_refused(
    holder: httpx.AsyncClient, wrong: dict[str, object]
) -> None:
    source = {"name": "River Times", "home": "https://river.example/"} | wrong

    answer = await holder.post("/v1/sources", json=source)

    assert answer.status_code == 422


async def test_a_source_is_paused_and_resumed(
    writer: httpx.AsyncClient, service: Service
) -> None:
    paused = await writer.post("/v1/sources/Harbour Post/pause")
    while_paused = await service.due(10)
    resumed = await writer.post("/v1/sources/Harbour Post/resume")
    while_active = await service.due(10)

    assert paused.json() == {"name": "Harbour Post", "state": "paused"}
    assert resumed.json() == {"name": "Harbour Post", "state": "active"}
    assert "harbour.example" not in "".join(while_paused)
    assert "harbour.example" in "".join(while_active)


async def test_a_resumed_source_keeps_to_its_daily_links(
    writer: httpx.AsyncClient, service: Service
) -> None:
    put_off = [
        NewLink(
            url=f"https://harbour.example/{number}",
            key=f"//harbour.example/{number}",
            host="harbour.example",
            kind=LinkKind.ARTICLE,
            state=LinkState.BUDGET,
        )
        for number in range(3)
    ]

    def enter(tx: Tx) -> None:
        row = find_source(tx.session, "Harbour Post")
        assert row is not None
        row.settings = {**row.settings, "daily_links": 1}
        now = service.means.now()
        add_links(tx.session, put_off, source=row.id, found_on=None, now=now)

    await service.means.writer.run(enter)
    await writer.post("/v1/sources/Harbour Post/pause")
    await writer.post("/v1/sources/Harbour Post/resume")

    with service.session() as session:
        found = [find_link(session, link.key) for link in put_off]
        runs = [link.next_run for link in found if link and link.next_run]
    assert runs[1:] == [run + timedelta(days=1) for run in runs[:-1]]
    assert len(runs) == len(put_off)


async def test_a_boosted_source_is_due_and_read_at_the_floor(
    writer: httpx.AsyncClient, service: Service
) -> None:
    answer = await writer.post("/v1/sources/Harbour Post/boost", json={"hours": 2})

    boosted = [watch for watch in service.watches.values() if watch.boost_until]
    assert answer.json()["name"] == "Harbour Post"
    assert [watch.source.name for watch in boosted] == ["Harbour Post"]
    assert "harbour.example" in "".join(await service.due(10))

    ended = await writer.post("/v1/sources/Harbour Post/boost", json={"hours": 0})

    assert ended.json() == {"name": "Harbour Post", "boost_until": None}


@pytest.mark.parametrize("hours", [-1, 1e9, "soon", None])
async def test_a_boost_of_no_sane_length_is_refused(
    writer: httpx.AsyncClient, hours: object
) -> None:
    answer = await writer.post("/v1/sources/Harbour Post/boost", json={"hours": hours})

    assert answer.status_code == 422


async def test_a_paused_source_is_not_polled(writer: httpx.AsyncClient) -> None:
    polled = await writer.post("/v1/sources/Harbour Post/poll")
    await writer.post("/v1/sources/Harbour Post/pause")
    refused = await writer.post("/v1/sources/Harbour Post/poll")

    assert polled.json()["lists"] >= 1
    assert refused.status_code == 422
    assert "resume it first" in refused.json()["detail"]


async def test_who_polls_is_told_that_the_host_rests(
    writer: httpx.AsyncClient, service: Service
) -> None:
    tomorrow = service.means.now() + timedelta(days=1)

    def rest(tx: Tx) -> None:
        for host in tx.session.exec(select(HostRow)):
            host.free_at = tomorrow

    await service.means.writer.run(rest)
    polled = await writer.post("/v1/sources/Harbour Post/poll")

    assert datetime.fromisoformat(polled.json()["rests_until"]) == tomorrow


@pytest.mark.parametrize("verb", ["pause", "resume", "poll"])
async def test_no_source_of_that_name_is_not_found(
    holder: httpx.AsyncClient, verb: str
) -> None:
    assert (await holder.post(f"/v1/sources/nobody/{verb}")).status_code == 404


async def test_a_removed_source_stays_removed(
    writer: httpx.AsyncClient, service: Service
) -> None:
    def remove(tx: Tx) -> None:
        row = find_source(tx.session, "Harbour Post")
        assert row is not None
        set_state(tx.session, row, "removed", service.means.now())

    await service.means.writer.run(remove)

    answer = await writer.post("/v1/sources/Harbour Post/resume")
    listed = (await writer.get("/v1/sources")).json()["sources"]

    assert answer.status_code == 404
    assert "Harbour Post" not in [one["name"] for one in listed]


async def test_a_url_is_fetched_and_archived(tmp_path: Path) -> None:
    async with (
        site() as address,
        open_service(polite_to_loopback(tmp_path)) as service,
        speaking_to(make_app(service, Pulse(), TOKEN)) as client,
    ):
        client.headers.update(bearing(TOKEN))
        answer = await client.post("/v1/fetch", json={"url": f"{address}/ferry"})
        outcome = answer.json()
        article = await client.get(f"/v1/articles/{outcome['article_id']}")

    assert answer.status_code == 200
    assert outcome["url"] == f"{address}/ferry"
    assert (outcome["status"], outcome["state"]) == (200, "archived")
    assert (outcome["change"], outcome["verdict"]) == ("first", "article")
    assert "Crossing 3" in article.json()["text"]


async def test_a_fetch_from_an_internal_address_receives_nothing(
    writer: httpx.AsyncClient,
) -> None:
    answer = await writer.post("/v1/fetch", json={"url": "http://127.0.0.1/"})

    assert (answer.status_code, answer.json()["class"]) == (403, "refused")
    assert answer.json()["outcome"]["status"] is None


async def test_a_fetch_of_no_url_is_refused(holder: httpx.AsyncClient) -> None:
    answer = await holder.post("/v1/fetch", json={"url": "file:///etc/passwd"})

    assert answer.status_code == 422


async def test_a_fetch_waits_for_a_host_that_is_visited(tmp_path: Path) -> None:
    async with (
        site() as address,
        open_service(polite_to_loopback(tmp_path)) as service,
        speaking_to(make_app(service, Pulse(), TOKEN)) as client,
    ):
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        url = f"{address}/ferry"
        await client.post("/v1/links", json={"urls": [url]})
        now = service.means.now()
        lease = timedelta(milliseconds=100)
        await service.means.writer.run(lambda tx: _visit(tx.session, url, now, lease))

        answer = await client.post("/v1/fetch", json={"url": url})

    assert answer.json()["state"] == "archived"


def _visit(
    session: Session, url: str, now: datetime, lease: timedelta = timedelta(hours=1)
) -> None:
    host = host_key(url)
    assert open_visit(session, host, now=now, until=now + lease, limit=1)


async def test_a_site_is_surveyed_without_being_added(tmp_path: Path) -> None:
    async with (
        open_service(polite_to_loopback(tmp_path)) as service,
        speaking_to(make_app(service, Pulse(), TOKEN)) as client,
        scripted_site() as town,
    ):
        town.answers["/"] = [section_of_story()]
        town.answers["/news/2026/a-long-story-of-the-day"] = [story("A long story")]
        town.answers["/robots.txt"] = [b"User-agent: *\nDisallow: /secret"]
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        probe = "/v1/sources/probe"

        found = await client.post(probe, json={"url": town.url("/"), "samples": 1})
        refused = await client.post(probe, json={"url": town.url("/secret")})
        lost = await client.post(probe, json={"url": town.url("/none")})
        bad = await client.post(probe, json={"url": "ftp://e.org/"})
        listed = await client.get("/v1/sources")

    finding = found.json()
    assert finding["source"] == {
        "name": "127.0.0.1",
        "home": town.url("/"),
        "feeds": [],
        "sitemaps": [],
        "sections": [town.url("/")],
        "language": None,
        "render": None,
    }
    assert [sample["verdict"] for sample in finding["samples"]] == ["article"]
    assert (refused.status_code, lost.status_code, bad.status_code) == (409, 424, 422)
    assert lost.json()["answered"] == 404
    assert town.url("/") not in listed.text


async def test_a_page_that_surveys_offers_no_source_that_would_bring_nothing(
    tmp_path: Path,
) -> None:
    async with (
        open_service(polite_to_loopback(tmp_path)) as service,
        speaking_to(make_app(service, Pulse(), TOKEN)) as client,
        scripted_site() as parked,
    ):
        parked.answers["/"] = [b"<html><body>This domain is for sale</body></html>"]
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        form = {"url": parked.url("/"), "samples": "0"}

        answer = await client.post("/add", data=form)

    assert answer.status_code == 200
    assert "Nothing that could be watched was found" in answer.text
    assert "Watch this source" not in answer.text


async def test_a_survey_of_a_host_that_is_visited_says_so(
    writer: httpx.AsyncClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_routes, "PROBE_PATIENCE", timedelta(0))
    url = "http://127.0.0.9/"
    await writer.post("/v1/links", json={"urls": [url]})
    now = service.means.now()
    await service.means.writer.run(lambda tx: _visit(tx.session, url, now))

    answer = await writer.post("/v1/sources/probe", json={"url": url})

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert "is being visited" in answer.json()["detail"]


def section_of_story() -> bytes:
    return (
        b"<html><body><main><a href='/news/2026/a-long-story-of-the-day'>"
        b"A long story of the day</a></main></body></html>"
    )


async def test_sources_are_imported_all_or_none(writer: httpx.AsyncClient) -> None:
    fresh = {"name": "Mill", "home": "https://mill.example/"}
    taken = {"name": "harbour post", "home": "https://other.example/"}

    refused = await writer.post("/v1/sources/import", json={"sources": [fresh, taken]})
    before = (await writer.get("/v1/sources")).text
    done = await writer.post("/v1/sources/import", json={"sources": [fresh]})

    twice = await writer.post("/v1/sources/import", json={"sources": [fresh, fresh]})
    assert (refused.status_code, twice.status_code) == (409, 409)
    assert "more than once" in twice.json()["detail"]
    assert "Mill" not in before
    assert [one["name"] for one in done.json()["sources"]] == ["Mill"]
