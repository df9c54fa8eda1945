"""Fetches and exports that are asked for: at once, or as jobs."""

import asyncio
import gzip
import io
import re
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from crawler.jobs import running
from crawler.jobs.exporting import order_document
from crawler.jobs.running import Jobs, working
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.urls import host_key
from crawler.web.api.jobs import ExportWanted
from crawler.web.app import make_app
from storage.sql.jobs import Job, JobKind, JobState, add_job, begin_job, find_job
from storage.sql.visits import open_visit
from tests.crawler.desk import Site, scripted_site, story
from tests.crawler.web.conftest import TOKEN, speaking_to
from tests.crawler.web.material import HARBOUR, JAPANESE, NOON, keep
from tests.crawler.web.test_api_writing import polite_to_loopback

pytestmark = pytest.mark.anyio

PAGE = story("Ferry runs all night")


@pytest.fixture
async def town() -> AsyncIterator[Site]:
    """A site of some pages on loopback."""
    async with scripted_site() as site:
        site.answers = {
            "/story": [PAGE],
            "/wall": [(403, {}, b"no")],
            "/broken": [(500, {}, b"oh")],
            "/away": [(404, {}, b"not here")],
            "/list": [b"<html><body><p>Nothing.</p></body></html>"],
            "/robots.txt": [b"User-agent: *\nDisallow: /secret"],
        }
        yield site


@pytest.fixture
async def fetcher(tmp_path: Path) -> AsyncIterator[Service]:
    """A service that may fetch from loopback."""
    async with open_service(polite_to_loopback(tmp_path / "own")) as service:
        yield service


@pytest.fixture
async def client(fetcher: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the token on it."""
    async with (
        working(fetcher) as jobs,
        speaking_to(make_app(fetcher, Pulse(), TOKEN, jobs)) as client,
    ):
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        yield client


async def busy(service: Service, client: httpx.AsyncClient, url: str) -> None:
    """Let a host be visited by somebody for an hour."""
    await client.post("/v1/links", json={"urls": [url]})
    now, host = service.means.now(), host_key(url)
    until = now + timedelta(hours=1)
    await service.means.writer.run(
        lambda tx: open_visit(tx.session, host, now=now, until=until, limit=1)
    )


async def ended(client: httpx.AsyncClient, place: str) -> dict[str, Any]:
    """Return a job once it has ended."""
    while (job := (await client.get(place)).json())["finished_at"] is None:
        await asyncio.sleep(0.02)
    found: dict[str, Any] = job
    return found


async def test_a_fetch_answers_with_its_article(
    client: httpx.AsyncClient, town: Site
) -> None:
    answer = await client.post("/v1/fetch", json={"url": town.url("/story")})

    told = answer.json()
    assert answer.status_code == 200
    assert (told["cache"], told["change"]) == ("miss", "first")
    assert told["article"]["title"] == "Ferry runs all night"
    place = f"/v1/articles/{told['article_id']}"
    assert answer.headers["Content-Location"] == place


@pytest.mark.parametrize(
    ("form", "media", "begins"),
    [
        ("text", "text/plain", "Ferry runs all night\n\n"),
        ("md", "text/markdown", "---\n"),
    ],
)
async def test_a_fetch_answers_in_the_format_asked_for(
    client: httpx.AsyncClient, town: Site, form: str, media: str, begins: str
) -> None:
    wanted = {"url": town.url("/story"), "format": form, "wait": 60}

    answer = await client.post("/v1/fetch", json=wanted)

    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == f"{media}; charset=utf-8"
    assert answer.text.startswith(begins)


async def test_what_is_young_enough_is_not_fetched_again(
    client: httpx.AsyncClient, town: Site
) -> None:
    wanted = {"url": town.url("/story")}
    await client.post("/v1/fetch", json=wanted)
    asked = len(town.paths)

    young = await client.post("/v1/fetch", json=wanted | {"max_age": 3600})
    unasked = len(town.paths)
    old = await client.post("/v1/fetch", json=wanted | {"max_age": 0})

    assert (young.json()["cache"], old.json()["cache"]) == ("hit", "miss")
    assert young.headers["Kliping-Cache"] == "hit"
    assert young.json()["article"]["title"] == "Ferry runs all night"
    assert (unasked, len(town.paths)) == (asked, asked + 1)


@pytest.mark.parametrize(
    ("path", "status", "kind", "retryable"),
    [
        ("/secret", 409, "robots", False),
        ("/list", 422, "not_article", False),
        ("/away", 424, "upstream", False),
        ("/broken", 424, "upstream", True),
        ("/wall", 424, "blocked", False),
    ],
)
async def test_a_fetch_of_no_article_says_why(
    client: httpx.AsyncClient,
    town: Site,
    path: str,
    status: int,
    kind: str,
    *,
    retryable: bool,
) -> None:
    answer = await client.post("/v1/fetch", json={"url": town.url(path)})

    said = answer.json()
    assert (answer.status_code, said["class"]) == (status, kind), said
    assert said["retryable"] is retryable
    assert said["outcome"]["url"] == town.url(path)


async def test_a_fetch_that_takes_long_goes_on_as_a_job(
    client: httpx.AsyncClient, fetcher: Service, town: Site
) -> None:
    url = town.url("/story")
    await busy(fetcher, client, url)

    answer = await client.post("/v1/fetch", json={"url": url, "wait": 0})
    place = answer.headers["Location"]
    while_busy = await client.get(f"{place}/result")
    now = fetcher.means.now()
    await fetcher.means.writer.run(lambda tx: forget(tx.session, url, now))
    job = await ended(client, place)
    result = await client.get(job["result_url"])

    assert answer.status_code == 202
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.json()["kind"] == "fetch"
    assert (while_busy.status_code, while_busy.json()["retryable"]) == (409, True)
    assert (job["state"], job["result"]["state"]) == ("done", "archived")
    assert result.json()["article"]["title"] == "Ferry runs all night"


def forget(session: Any, url: str, now: Any) -> None:  # noqa: ANN401
    from sqlmodel import select

    from storage.sql.tables import HostRow
    from storage.sql.turns import forget_turns

    row = session.get(HostRow, host_key(url))
    row.visiting_until, row.free_at = None, now
    forget_turns(session, select(HostRow.key), now)


async def test_a_fetch_as_a_job_fails_as_it_would_at_once(
    client: httpx.AsyncClient, town: Site
) -> None:
    wanted = {"url": town.url("/away"), "wait": 0}

    answer = await client.post("/v1/fetch", json=wanted)
    job = await ended(client, answer.headers["Location"])
    result = await client.get(f"{answer.headers['Location']}/result")

    assert (job["state"], job["problem"]["class"]) == ("failed", "upstream")
    assert (result.status_code, result.json()["class"]) == (424, "upstream")
    assert result.json()["outcome"]["status"] == 404


async def test_a_job_is_cancelled(
    client: httpx.AsyncClient, fetcher: Service, town: Site
) -> None:
    url = town.url("/story")
    await busy(fetcher, client, url)
    asked = await client.post("/v1/fetch", json={"url": url, "wait": 0})
    place = asked.headers["Location"]

    cancelled = await client.delete(place)
    result = await client.get(f"{place}/result")
    listed = (await client.get("/v1/jobs?state=cancelled")).json()["jobs"]
    removed = await client.delete(place)

    assert cancelled.json()["state"] == "cancelled"
    assert result.status_code == 410
    assert [job["id"] for job in listed] == [asked.json()["id"]]
    assert removed.status_code == 200
    assert (await client.get(place)).status_code == 404
    async with asyncio.timeout(20):
        while fetcher.means.asked:  # the host is given back
            await asyncio.sleep(0.02)


async def test_a_host_that_is_waited_for_is_visited_for_nothing_else(
    client: httpx.AsyncClient, fetcher: Service
) -> None:
    await client.post("/v1/links", json={"urls": ["https://a.example/1"]})
    before = await fetcher.due(20)

    fetcher.means.asked["a.example"] = 1

    assert "a.example" in before
    assert "a.example" not in await fetcher.due(20)


async def test_too_many_fetches_are_refused(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "MOST_OPEN", 0)

    answer = await client.post("/v1/fetch", json={"url": "https://a.example/1"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "10")


# ---- exports ---------------------------------------------------------------------


@pytest.fixture
async def filled(client: httpx.AsyncClient, fetcher: Service) -> httpx.AsyncClient:
    """The client, on a service with two articles."""
    await keep(fetcher, HARBOUR, "Harbour Post", NOON)
    await keep(fetcher, JAPANESE, "川辺新聞", NOON)
    return client


async def exported(client: httpx.AsyncClient, **wanted: object) -> httpx.Response:
    answer = await client.post("/v1/exports", json=wanted)
    assert answer.status_code == 202, answer.text
    job = await ended(client, answer.headers["Location"])
    assert job["state"] == "done", job
    return await client.get(job["result_url"])


async def test_an_export_is_a_file_to_be_saved(filled: httpx.AsyncClient) -> None:
    answer = await exported(filled, query="lang:ja")

    assert JAPANESE.title in answer.text
    assert len(answer.text.splitlines()) == 1
    assert answer.headers["Content-Type"] == "application/octet-stream"
    said = answer.headers["Content-Disposition"]
    assert said == 'attachment; filename="kliping-export-1.jsonl"'


@pytest.mark.parametrize(
    ("form", "begins"),
    [("csv", b"id,"), ("parquet", b"PAR1"), ("epub", b"PK"), ("wacz", b"PK")],
)
async def test_an_export_has_its_format(
    filled: httpx.AsyncClient, form: str, begins: bytes
) -> None:
    answer = await exported(filled, format=form, source="Harbour Post")

    assert answer.content.startswith(begins)


async def test_an_export_to_markdown_is_a_zip_of_files(
    filled: httpx.AsyncClient,
) -> None:
    answer = await exported(filled, format="markdown")

    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        texts = [bundle.read(name).decode() for name in bundle.namelist()]
    assert len(texts) == 2
    assert f"# {JAPANESE.title}" in texts[1]


async def test_an_export_to_warc_has_the_records(filled: httpx.AsyncClient) -> None:
    answer = await exported(filled, format="warc", language="ja")

    assert gzip.decompress(answer.content).count(b"as received") == 1


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"source": "nobody"}, 404),
        ({"query": '"'}, 400),
        ({"query": "source:nobody"}, 400),
        ({"language": "Indonesian"}, 400),
        ({"from": "2026-03-02", "to": "2026-03-01"}, 400),
        ({"from": "2026-03-02", "query": "before:2026-03-01"}, 400),
        ({"format": "exe"}, 422),
        ({"from": "soon"}, 422),
        ({"unknown": 1}, 422),
    ],
)
async def test_an_export_of_nothing_that_is_is_refused(
    filled: httpx.AsyncClient, wanted: dict[str, Any], status: int
) -> None:
    assert (await filled.post("/v1/exports", json=wanted)).status_code == status


async def test_an_export_that_finds_no_room_says_so(
    filled: httpx.AsyncClient, fetcher: Service
) -> None:
    object.__setattr__(fetcher.config.service, "job_space", 10)

    asked = await filled.post("/v1/exports", json={})
    job = await ended(filled, asked.headers["Location"])

    assert (job["state"], job["problem"]["class"]) == ("failed", "disk_full")
    assert list((fetcher.folder.path / "jobs").iterdir()) == []


async def test_an_export_is_gone_once_something_is_taken_down(
    filled: httpx.AsyncClient, fetcher: Service
) -> None:
    asked = await filled.post("/v1/exports", json={})
    place = asked.headers["Location"]
    await ended(filled, place)

    await filled.post("/v1/takedowns", json={"articles": ["1"], "depth": "hide"})

    assert (await filled.get(f"{place}/result")).status_code == 404
    assert list((fetcher.folder.path / "jobs").iterdir()) == []


async def test_jobs_page_by_their_last_id(filled: httpx.AsyncClient) -> None:
    for _ in range(2):
        await filled.post("/v1/exports", json={})

    first = (await filled.get("/v1/jobs?limit=1&kind=export")).json()
    second = (
        await filled.get(f"/v1/jobs?limit=1&before={first['next_before']}")
    ).json()

    assert [job["id"] for job in first["jobs"] + second["jobs"]] == [2, 1]
    assert second["next_before"] is None


# ---- over restarts and days --------------------------------------------------------


async def entered(service: Service, tries: int = 0) -> Job:
    """Enter an export as a process would that died at it so often."""
    order = order_document(ExportWanted().order())

    def work(tx: Any) -> Job:  # noqa: ANN401
        job = add_job(tx.session, JobKind.EXPORT, order, "", NOON)
        for _ in range(tries):
            begin_job(tx.session, job.id, NOON)
        return job

    return await service.means.writer.run(work)


async def settled(service: Service, job: Job) -> Job:
    while True:
        with service.session() as session:
            found = find_job(session, job.id)
        assert found is not None
        if not found.is_open:
            return found
        await asyncio.sleep(0.02)


async def test_a_job_left_undone_is_begun_again(service: Service) -> None:
    job = await entered(service, tries=1)
    place = service.folder.path / "jobs"
    place.mkdir()
    (place / "7.part").write_bytes(b"torn")

    async with working(service):
        done = await settled(service, job)

    assert (done.state, done.tries) == (JobState.DONE, 2)
    assert [path.name for path in place.iterdir()] == ["1.jsonl"]


async def test_a_job_that_takes_the_service_down_is_not_begun_for_ever(
    service: Service,
) -> None:
    job = await entered(service, tries=running.MOST_TRIES)

    async with working(service):
        done = await settled(service, job)

    assert done.state is JobState.FAILED
    assert "interrupted" in (done.problem or {})["detail"]


async def test_a_job_under_way_stays_open_when_the_service_ends(
    service: Service,
) -> None:
    jobs = Jobs(service)
    job = await jobs.export(order_document(ExportWanted().order()), "")

    await jobs.close()

    with service.session() as session:
        left = find_job(session, job.id)
    assert left is not None
    assert left.is_open or left.state is JobState.DONE


async def test_a_job_is_forgotten_after_a_day(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with working(service) as jobs:
        job = await jobs.export(order_document(ExportWanted().order()), "")
        await settled(service, job)

        await jobs.clean()
        kept = await jobs.remove(10**6), list((service.folder.path / "jobs").iterdir())
        monkeypatch.setattr(running, "KEPT", timedelta(0))
        await jobs.clean()

    with service.session() as session:
        assert find_job(session, job.id) is None
    assert kept[0] is None
    assert len(kept[1]) == 1
    assert list((service.folder.path / "jobs").iterdir()) == []


@pytest.fixture
async def storing(tmp_path: Path) -> AsyncIterator[Service]:
    """A service that keeps files in a store as well."""
    config = polite_to_loopback(tmp_path / "own")
    storage = config.storage.model_copy(update={"objects": f"file://{tmp_path}/store"})
    async with open_service(config.model_copy(update={"storage": storage})) as service:
        yield service


async def test_an_export_is_had_from_the_store_until_something_is_taken_down(
    storing: Service, tmp_path: Path
) -> None:
    """As when it was made on another machine."""
    await keep(storing, HARBOUR, "Harbour Post", NOON)
    async with (
        working(storing) as jobs,
        speaking_to(make_app(storing, Pulse(), TOKEN, jobs)) as client,
    ):
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        here = await exported(client, format="csv")
        await storing.push_objects()
        (made,) = (tmp_path / "store" / "exports").iterdir()
        for path in storing.folder.jobs.iterdir():
            path.unlink()
        there = await client.get("/v1/jobs/1/result")
        done = await client.post(
            "/v1/takedowns", json={"articles": ["1"], "depth": "hide", "reason": "law"}
        )
        await storing.push_objects()

    assert there.content == here.content
    for header in ("Content-Type", "Content-Length", "Content-Disposition"):
        assert there.headers[header] == here.headers[header]
    assert re.fullmatch(r"[0-9a-f]{32}-1\.csv", made.name)
    assert done.status_code < 300, done.text
    assert list((tmp_path / "store" / "exports").iterdir()) == []
