"""A visit that doubts a page asks its host for an address that cannot exist."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from crawler.cli.explaining.archived import known_of
from crawler.config.tree import Config
from crawler.urls import host_key
from crawler.visits.visit import Done, visit
from storage.sql.tables import ArticleRow, CaptureRow, HostRow, LinkRow
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story

pytestmark = pytest.mark.anyio

NO_PAGE = "/8000000000-is-no-page"
SOFT = (
    "<html lang=sv><head><title>Lyktan</title></head><body><main><h1>Lyktan</h1><p>Den här "
    "berättelsen har tyvärr flyttat till en annan plats. Prova att söka efter den, eller "
    "gå till vår förstasida och läs dagens viktigaste händelser där i stället.</p>"
    "</main></body></html>"
).encode()
BRIEF = story("The pier opens on Monday", paragraphs=1)


async def visited(desk: Desk, site: Site, *paths: str) -> list[Done]:
    for path in paths:
        await desk.enter(site.url(path))
    await desk.rested(site.url("/"))
    return await visit(host_key(site.url("/")), desk.means, budget=20)


async def test_what_a_host_says_to_any_address_is_no_article(tmp_path: Path) -> None:
    async with scripted_site() as site, open_desk(tmp_path) as desk:
        site.answers |= {"/robots.txt": [b""], "*": [SOFT]}
        await visited(desk, site, "/a-story", "/another-story")

        assert sorted(site.paths) == [NO_PAGE, "/a-story", "/another-story"]
        link = desk.link(site.url("/a-story"))
        assert link.state == "gone"
        assert "100% of its words in the answer to no address" in link.reason
        assert desk.read(select(ArticleRow)) == []
        kept = {row.url for row in desk.read(select(CaptureRow))}
        assert site.url(NO_PAGE) in kept


async def test_explain_shows_why(tmp_path: Path) -> None:
    async with scripted_site() as site, open_desk(tmp_path) as desk:
        site.answers |= {"/robots.txt": [b""], "*": [SOFT]}
        await visited(desk, site, "/a-story")
        config = Config.model_validate({"storage": {"folder": str(tmp_path)}})

        known = await asyncio.to_thread(known_of, config, site.url("/a-story"))

        assert known is not None
        assert known.link["state"] == "gone"
        evidence = known.captures[0]["evidence"]
        assert "in the answer to no address" in evidence[0]
        assert any("of the markup" in said for said in evidence)


async def test_a_short_story_of_an_honest_host_is_archived(tmp_path: Path) -> None:
    async with scripted_site() as site, open_desk(tmp_path) as desk:
        site.answers |= {"/robots.txt": [b""], "/brief": [BRIEF]}
        await visited(desk, site, "/brief")

        assert desk.link(site.url("/brief")).state == "archived"
        (capture,) = desk.read(
            select(CaptureRow).where(CaptureRow.url == site.url("/brief"))
        )
        assert "HTTP 404" in capture.evidence[0]


async def test_a_host_is_asked_once_a_day(tmp_path: Path) -> None:
    async with scripted_site() as site, open_desk(tmp_path) as desk:
        site.answers |= {"/robots.txt": [b""], "/a": [BRIEF], "/b": [SOFT]}
        await visited(desk, site, "/a")
        await visited(desk, site, "/b")
        assert site.paths.count(NO_PAGE) == 1

        later = desk.means.now() + timedelta(hours=25)
        desk.use(now=lambda: later)
        site.answers["/c"] = [story("The ferry runs", paragraphs=1)]
        await visited(desk, site, "/c")

        assert site.paths.count(NO_PAGE) == 2


async def test_a_wall_put_up_since_the_host_was_asked_is_no_article(
    tmp_path: Path,
) -> None:
    """It says something else at every address, so no two of its texts are one."""
    async with scripted_site() as site, open_desk(tmp_path) as desk:
        site.answers |= {"/robots.txt": [b""], "/a": [BRIEF]}
        await visited(desk, site, "/a")
        later = desk.means.now() + timedelta(days=2)
        desk.use(now=lambda: later)
        walls = {
            path: [SOFT.replace(b"</main>", f"<p>Fel {number}.</p></main>".encode())]
            for number, path in enumerate(("/pier", "/ferry", NO_PAGE))
        }
        site.answers |= walls

        await visited(desk, site, "/pier", "/ferry")

        assert desk.link(site.url("/pier")).state == "gone"
        assert desk.link(site.url("/ferry")).state == "gone"
        assert site.paths.count(NO_PAGE) == 2


async def test_a_host_that_is_busy_has_said_nothing_and_has_its_rest(
    tmp_path: Path,
) -> None:
    """It is asked again when it is not: its 503 is no answer to no address."""
    async with scripted_site() as site, open_desk(tmp_path) as desk:
        busy = (503, {"Retry-After": "900"}, b"")
        site.answers |= {"/robots.txt": [b""], "*": [BRIEF], NO_PAGE: [busy]}
        began = desk.means.now()
        await visited(desk, site, "/brief", "/another")

        asked_first, asked_next = site.paths
        assert asked_next == NO_PAGE
        assert desk.link(site.url(asked_first)).state == "archived"
        (host,) = desk.read(select(HostRow))
        assert host.probe_at is None
        assert host.free_at >= began + timedelta(minutes=15)


async def test_an_answer_that_cannot_be_read_says_nothing_of_the_host(
    tmp_path: Path,
) -> None:
    async with scripted_site() as site, open_desk(tmp_path) as desk:
        no_answer: tuple[str, dict[str, str], bytes] = ("no status", {}, b"")
        site.answers |= {"/robots.txt": [b""], "/a": [BRIEF], NO_PAGE: [no_answer]}
        await visited(desk, site, "/a")

        assert site.paths == ["/a", NO_PAGE]
        assert desk.link(site.url("/a")).state == "archived"
        (host,) = desk.read(select(HostRow))
        assert host.probe_at is None


async def test_robots_txt_is_obeyed_for_it(tmp_path: Path) -> None:
    async with scripted_site() as site, open_desk(tmp_path) as desk:
        rules = b"User-agent: *\nDisallow: /\nAllow: /brief\n"
        site.answers |= {"/robots.txt": [rules], "/brief": [BRIEF]}
        await visited(desk, site, "/brief")

        assert site.paths == ["/brief"]
        assert desk.link(site.url("/brief")).state == "archived"
        (host,) = desk.read(select(HostRow))
        assert (host.probe_status, host.probe_text) == (None, "")


async def test_a_long_story_is_never_doubted(tmp_path: Path) -> None:
    async with scripted_site() as site, open_desk(tmp_path) as desk:
        site.answers |= {"/robots.txt": [b""], "*": [story("A long story")]}
        await visited(desk, site, "/long")

        assert site.paths == ["/long"]


async def test_the_same_text_under_a_third_address_is_no_article(
    tmp_path: Path,
) -> None:
    """The host is honest about what is not there, but not about what was."""
    paths = ("/pier-rebuilt", "/ferry-runs", "/final-lost")
    async with scripted_site() as site, open_desk(tmp_path) as desk:
        site.answers |= {"/robots.txt": [b""], **{path: [SOFT] for path in paths}}
        for path in paths:
            await visited(desk, site, path)

        states = [desk.link(site.url(path)).state for path in paths]
        assert states == ["archived", "archived", "gone"]
        assert "same text under 2 other" in desk.link(site.url(paths[2])).reason


async def test_an_agencys_brief_stands_in_every_edition_and_stays(
    tmp_path: Path,
) -> None:
    """Listed with its headline it is archived; those before it are not gone by it."""
    paths = ("/london/48213", "/leeds/48214", "/york/48215")
    async with scripted_site() as site, open_desk(tmp_path) as desk:
        site.answers |= {"/robots.txt": [b""], **{path: [BRIEF] for path in paths}}
        for path in paths[:2]:
            await visited(desk, site, path)
        await desk.enter(site.url(paths[2]))
        await _name(desk, site.url(paths[2]), "The pier opens on Monday")
        await visited(desk, site)
        for path in paths:
            await _make_due(desk, site.url(path))
        await desk.rested(site.url("/"))
        done = await visit(host_key(site.url("/")), desk.means, budget=20)

        assert len(done) == 3
        assert [desk.link(site.url(path)).state for path in paths] == ["archived"] * 3


async def _name(desk: Desk, url: str, title: str) -> None:
    await _change(desk, url, title=title)


async def _make_due(desk: Desk, url: str) -> None:
    await _change(desk, url, next_run=desk.means.now())


async def _change(desk: Desk, url: str, **values: object) -> None:
    of_url = update(LinkRow).where(col(LinkRow.url) == url).values(**values)
    await desk.means.writer.run(lambda tx: tx.session.exec(of_url))
