"""A story written by scripts, through a whole visit with a real chromium."""

import asyncio
import gzip
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select, update

from crawler.config.tree import Config
from crawler.errors import RenderFailed
from crawler.fetch.browser import Browser
from crawler.fetch.chromium import PROGRAMS
from crawler.fetch.client import Client
from crawler.fetch.guard import AddressPolicy
from crawler.fetch.limits import Limits, RenderLimits
from crawler.fetch.network import Resolver
from crawler.kept.captures import kept_exchange
from crawler.kept.explaining import explain_kept, reread_of
from crawler.kept.unread import read_unread
from crawler.rebuild.rebuilding import rebuild
from crawler.takedown import reach_of
from crawler.urls import host_key
from crawler.visits.visit import visit
from storage.fixity import verify
from storage.model.takedown import Depth
from storage.sql.lookup import Match, captures_of, withheld_at
from storage.sql.tables import ArticleRow, CaptureRow, HostRow, LinkRow, VersionRow
from storage.sql.takedowns import Wanted, take_down
from storage.warc.reader import read_capture
from storage.writer import Tx
from tests.crawler.desk import LOOPBACK, Desk, Site, open_desk, scripted_site, story
from tests.crawler.test_taking_down import erase

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

_SHELL = b"""<html lang="en"><head><title>News</title></head><body>
<div id="root"></div><script src="/static/main.js"></script></body></html>"""
_SCRIPT = b"""fetch("/api/story.html").then(answer => answer.text()).then(text => {
    document.body.innerHTML = new DOMParser().parseFromString(text, "text/html")
        .body.innerHTML })"""


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        site.answers["/robots.txt"] = [b""]
        site.answers["/pier"] = [_SHELL]
        site.answers["/static/main.js"] = [_SCRIPT]
        site.answers["/api/story.html"] = [story("The pier is rebuilt at last")]
        yield site


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    if not any(map(shutil.which, PROGRAMS)):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("chromium is missing")
    browser = Browser("", user_agent="Test/1", limits=RenderLimits())
    async with open_desk(tmp_path / "data") as desk, browser:
        desk.use(browser=browser, stray=desk.plan(render="auto"))
        yield desk


def loopback_client(resolver: Resolver) -> Client:
    policy = AddressPolicy(allow_networks=(LOOPBACK,))
    return Client(
        user_agent="Test/1", limits=Limits(), policy=policy, resolver=resolver
    )


async def attend(desk: Desk, site: Site, path: str = "/pier") -> str:
    await desk.enter(site.url(path))
    (done,) = await visit(host_key(site.url("/")), desk.means, budget=20)
    return str(done.settlement.state)


def captures(desk: Desk) -> list[CaptureRow]:
    return desk.read(select(CaptureRow).order_by(col(CaptureRow.id)))


async def test_a_story_written_by_scripts_is_archived(desk: Desk, site: Site) -> None:
    assert await attend(desk, site) == "archived"

    (article,) = desk.read(select(ArticleRow))
    (version,) = desk.read(select(VersionRow))
    assert article.title == "The pier is rebuilt at last"
    assert "script" not in version.text


async def test_all_that_it_took_is_kept(desk: Desk, site: Site) -> None:
    """The shell, what its scripts asked for, and the document they made."""
    await attend(desk, site)

    rows = captures(desk)
    paths = [row.url.removeprefix(site.url("")) for row in rows]
    assert paths == [
        "/robots.txt",
        "/pier",
        "/static/main.js",
        "/api/story.html",
        "/pier",
    ]
    rendered = rows[-1]
    assert rendered.rendered_from == rows[1].id
    assert (rows[1].verdict, rendered.verdict) == ("error", "article")
    assert "rendered by a browser" in (rendered.evidence or [])
    assert all(row.extracted_at for row in rows)
    (version,) = desk.read(select(VersionRow))
    assert version.capture_id == rendered.id


async def test_the_document_is_a_conversion_of_the_response(
    desk: Desk, site: Site
) -> None:
    await attend(desk, site)

    rows = captures(desk)
    records = [
        read_capture(desk.folder, row.segment, row.offset, row.length, None)
        for row in (rows[1], rows[-1])
    ]
    page, document = records
    assert document.kind == "conversion"
    assert document.header("WARC-Refers-To") == page.header("WARC-Record-ID")
    assert document.header("WARC-Target-URI") == site.url("/pier")
    assert b"The pier is rebuilt at last" in document.block
    assert b"pier" not in page.payload
    again = kept_exchange(desk.folder, Limits(), rows[-1])
    assert (again.status, again.body) == (200, document.block)
    with desk._session() as session:
        assert list(verify(desk.folder, session, full=True)) == []


async def test_what_headers_reserve_holds_for_what_scripts_wrote(
    desk: Desk, site: Site
) -> None:
    """Also when the kept document is read again."""
    reserves = {"X-Robots-Tag": "noarchive", "TDM-Reservation": "1"}
    site.answers["/pier"] = [(200, reserves, _SHELL)]

    await attend(desk, site)

    (version,) = desk.read(select(VersionRow))
    assert {"noarchive", "tdm_reserved"} <= set(version.document["marks"])
    again = kept_exchange(desk.folder, Limits(), captures(desk)[-1])
    assert (again.header("x-robots-tag"), again.header("content-type")) == (
        "noarchive",
        "text/html; charset=utf-8",
    )


async def test_explain_says_that_a_browser_rendered_it(desk: Desk, site: Site) -> None:
    await attend(desk, site)
    (version,) = desk.read(select(VersionRow))
    with desk._session() as session:
        link = desk.link(site.url("/pier"))
        version = session.get_one(VersionRow, version.id)
        row = session.get_one(CaptureRow, version.capture_id)
        reread = reread_of(session, Config(), int(link.id or 0), row, version)

    told = await explain_kept(desk.folder, Limits(), reread)

    assert any("as a browser rendered it" in note for note in told.notes)
    assert told.blocks


_FRAME = b"""<header><nav><a href=/a>Politics</a> <a href=/b>Sports</a></nav></header>
<div id="root"></div><footer><p>The Herald of the harbour town. All rights reserved. No part
of this site may be reproduced without permission.</p></footer>"""


@pytest.mark.parametrize("title", [None, "The pier is rebuilt at last"])
async def test_a_shell_of_menus_and_a_footer_is_rendered(
    desk: Desk, site: Site, title: str | None
) -> None:
    """It is read as a notice, or its footer as an article, by what its link says."""
    site.answers["/pier"] = [_SHELL.replace(b'<div id="root"></div>', _FRAME)]
    number = await desk.enter(site.url("/pier"))

    def call(tx: Tx) -> None:
        tx.session.get_one(LinkRow, number).title = title

    await desk.means.writer.run(call)

    assert await attend(desk, site) == "archived"
    (version,) = desk.read(select(VersionRow))
    assert "rebuild the old pier" in version.text


def second_page(site: Site, said: dict[str, str] | None = None) -> None:
    """Have another page of the same script, which shows another story."""
    script = _SCRIPT.replace(b'"/api/story.html"', b'"/api" + location.pathname')
    site.answers["/static/main.js"] = [(200, said or {}, script)]
    site.answers["/api/pier"] = site.answers["/api/story.html"]
    site.answers["/rain"] = [_SHELL]
    site.answers["/api/rain"] = [story("Rain for the whole week")]


def shown(desk: Desk, site: Site) -> list[str]:
    """Return the paths of the captures that doors show."""
    with desk._session() as session:
        found = captures_of(session, site.url("/"), Match.HOST)
        return [held.url.removeprefix(site.url("")) for held in found]


async def test_what_scripts_asked_for_is_hidden_with_their_page(
    desk: Desk, site: Site
) -> None:
    """Another page's own capture of the same script stays shown, and `rebuild` tells."""
    second_page(site, {"Cache-Control": "max-age=600"})
    for path in ("/pier", "/rain"):
        await desk.enter(site.url(path))
    await visit(host_key(site.url("/")), desk.means, budget=20)

    def hide(tx: Tx) -> None:
        reached = reach_of(tx.session, [site.url("/pier")], Depth.HIDE)
        take_down(
            tx.session, "one", Wanted(depth=Depth.HIDE), reached, desk.means.now()
        )

    await desk.means.writer.run(hide)

    left = ["/api/rain", "/rain", "/robots.txt", "/static/main.js"]
    assert shown(desk, site) == left
    with desk._session() as session:
        assert withheld_at(session, site.url("/api/pier")) is Depth.HIDE

    await asyncio.to_thread(desk.means.writer.close)
    config = Config.model_validate({"storage": {"folder": str(desk.folder.path)}})
    rebuild(config, desk.folder.path, desk.means.now(), lambda *_: None, replace=True)
    assert shown(desk, site) == left


@pytest.mark.parametrize(
    ("control", "times"), [("max-age=600", 1), ("no-store", 2)], ids=["fresh", "stale"]
)
async def test_pages_of_a_visit_share_what_may_be_used_again(
    desk: Desk, site: Site, control: str, times: int
) -> None:
    """Each has a capture of its own all the same, and the doors show both."""
    second_page(site, {"Cache-Control": control})
    for path in ("/pier", "/rain"):
        await desk.enter(site.url(path))
    done = await visit(host_key(site.url("/")), desk.means, budget=20)

    assert [str(one.settlement.state) for one in done] == ["archived", "archived"]
    assert site.paths.count("/static/main.js") == times
    scripts = [row for row in captures(desk) if row.url.endswith("main.js")]
    assert [row.revisit_of for row in scripts] == [None, scripts[0].id]
    assert (scripts[1].request_length > 0) is (times == 2)
    assert [row.page_link_id for row in scripts] == [one.link.id for one in done]
    assert shown(desk, site).count("/static/main.js") == 2
    with desk._session() as session:
        assert list(verify(desk.folder, session, full=True)) == []


@pytest.mark.parametrize("is_shared", [False, True], ids=["asked twice", "used again"])
@pytest.mark.parametrize("everywhere", [False, True])
async def test_what_scripts_asked_for_is_erased_with_their_page(
    desk: Desk, site: Site, everywhere: bool, is_shared: bool
) -> None:
    """What another page asked for as well is kept as its own."""
    second_page(site, {"Cache-Control": "max-age=600"} if is_shared else {})
    for path in ("/pier", "/rain"):
        await desk.enter(site.url(path))
    await visit(host_key(site.url("/")), desk.means, budget=20)

    await asyncio.to_thread(
        erase, desk, "one", site.url("/pier"), everywhere=everywhere
    )

    rows = captures(desk)
    paths = [row.url.removeprefix(site.url("")) for row in rows]
    assert paths == ["/robots.txt", "/rain", "/static/main.js", "/api/rain", "/rain"]
    script = kept_exchange(desk.folder, Limits(), rows[2])
    assert b"location.pathname" in script.body
    with desk._session() as session:
        assert list(verify(desk.folder, session, full=True)) == []
    for file in desk.folder.warc.iterdir():
        with gzip.open(file) as records:
            assert b"Part 2 of The pier is rebuilt at last" not in records.read()


@pytest.mark.parametrize("everywhere", [False, True])
async def test_what_an_older_kliping_kept_for_scripts_is_erased_by_what_it_quotes(
    desk: Desk, site: Site, everywhere: bool
) -> None:
    """Its text stood there in the first place; the script itself tells nothing of it."""
    site.answers["/another"] = [story("Rain for the whole week")]
    await attend(desk, site, "/another")
    await attend(desk, site)

    def forget_pages(tx: Tx) -> None:
        tx.session.execute(update(CaptureRow).values(page_link_id=None))

    await desk.means.writer.run(forget_pages)

    await asyncio.to_thread(
        erase, desk, "one", site.url("/pier"), everywhere=everywhere
    )

    paths = [row.url.removeprefix(site.url("")) for row in captures(desk)]
    assert paths == ["/robots.txt", "/another", "/static/main.js"]
    for file in desk.folder.warc.iterdir():
        with gzip.open(file) as records:
            assert b"Part 2 of The pier is rebuilt at last" not in records.read()


@pytest.mark.parametrize("render", ["never", "auto"])
async def test_a_page_with_a_story_is_not_rendered(
    desk: Desk, site: Site, render: str
) -> None:
    site.answers["/pier"] = [story("The pier as it was sent")]
    desk.use(stray=desk.plan(render=render))

    assert await attend(desk, site) == "archived"
    assert [row.rendered_from for row in captures(desk)] == [None, None]


async def test_always_renders_what_was_whole_already(desk: Desk, site: Site) -> None:
    page = story(
        "The pier as it was sent", tail="<script src='/static/more.js'></script>"
    )
    site.answers["/pier"] = [page]
    more = b"document.querySelector('p').textContent = 'Said by a script. '.repeat(9)"
    site.answers["/static/more.js"] = [more]
    desk.use(stray=desk.plan(render="always"))

    assert await attend(desk, site) == "archived"
    (version,) = desk.read(select(VersionRow))
    assert "Said by a script." in version.text


async def test_a_rendering_never_loses_an_article(desk: Desk, site: Site) -> None:
    page = story(
        "The pier as it was sent", tail="<script>document.body.innerHTML = ''</script>"
    )
    site.answers["/pier"] = [page]
    desk.use(stray=desk.plan(render="always"))

    assert await attend(desk, site) == "archived"
    (version,) = desk.read(select(VersionRow))
    rows = captures(desk)
    assert version.capture_id == rows[1].id
    assert rows[2].extracted_at
    assert rows[2].verdict != "article"


async def test_of_a_script_s_headers_those_go_on_that_say_what_it_would_have(
    desk: Desk, site: Site
) -> None:
    said = """{headers: {Accept: "text/html;q=1", "Accept-Language": "ms, en;q=0.5",
        Authorization: "Basic eDp5", "X-Requested-With": "XMLHttpRequest", Range: "bytes=0-"}}"""
    site.answers["/static/main.js"] = [
        _SCRIPT.replace(b"story.html", b'story.html", ' + said.encode() + b' || "')
    ]

    assert await attend(desk, site) == "archived"

    asked = dict(site.asked)
    plain = {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert asked["/static/main.js"].keys() == plain
    assert asked["/static/main.js"]["accept"] == "*/*"
    sent = asked["/api/story.html"]
    assert sent.keys() == plain | {"accept-language"}
    assert (sent["accept"], sent["accept-language"]) == (
        "text/html;q=1",
        "ms, en;q=0.5",
    )


async def test_scripts_ask_for_the_language_of_the_source(
    desk: Desk, site: Site
) -> None:
    desk.use(stray=desk.plan(render="auto", language="id"))

    await attend(desk, site)

    asked = dict(site.asked)
    assert asked["/api/story.html"]["accept-language"] == "id"


async def test_scripts_obey_robots_txt(desk: Desk, site: Site) -> None:
    site.answers["/robots.txt"] = [b"User-agent: *\nDisallow: /api/\n"]

    assert await attend(desk, site) == "error"
    assert "/api/story.html" not in [path for path, _ in site.asked]


async def test_scripts_of_another_host_are_asked_for_in_its_turn(
    desk: Desk, site: Site
) -> None:
    """Its robots.txt is asked first, and its turn is given back."""

    async def resolve(host: str, _port: int) -> list[str]:
        return ["127.0.0.2" if host.startswith("other") else "127.0.0.1"]

    async with scripted_site("127.0.0.2", site.port) as other:
        desk.use(new_client=lambda: loopback_client(resolve))
        shell = _SHELL.replace(b"/static", b"http://other.test:%d/static" % site.port)
        site.answers["/pier"] = [shell]
        other.answers["/static/main.js"] = [_SCRIPT]
        url = f"http://town.test:{site.port}/pier"
        await desk.enter(url)
        (done,) = await visit(host_key(url), desk.means, budget=20)

    assert str(done.settlement.state) == "archived"
    assert [path for path, _ in other.asked] == ["/robots.txt", "/static/main.js"]
    hosts = {row.key: row.visiting_until for row in desk.read(select(HostRow))}
    assert hosts == {f"{n}.test:{site.port}": None for n in ("town", "other")}


async def test_a_public_page_reaches_no_private_network_not_even_an_allowed_one(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page counts as public here; its scripts lead to loopback all the same."""
    monkeypatch.setattr(
        "crawler.visits.render_visit.is_private", lambda _address: False
    )

    assert await attend(desk, site) == "error"
    assert [path for path, _ in site.asked] == ["/robots.txt", "/pier"]


async def test_a_host_that_asks_a_script_for_a_rest_gets_it(
    desk: Desk, site: Site
) -> None:
    site.answers["/static/main.js"] = [(503, {"Retry-After": "900"}, b"")]

    assert await attend(desk, site) == "error"

    (host,) = desk.read(select(HostRow))
    assert host.free_at - desk.means.now() > timedelta(minutes=14)


async def test_without_a_browser_the_page_is_what_it_was_and_the_ledger_says_so(
    desk: Desk, site: Site
) -> None:
    desk.use(browser=Browser("/nowhere", user_agent="Test/1"))

    assert await attend(desk, site) == "error"
    assert len(captures(desk)) == 2
    reason = desk.link(site.url("/pier")).reason
    assert reason.startswith("error: not rendered: no /nowhere is installed; empty")


@pytest.mark.parametrize("is_killed", [False, True], ids=["no browser", "killed"])
async def test_the_footer_of_a_shell_that_was_not_rendered_is_no_article(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch, is_killed: bool
) -> None:
    """What a kill left unread is read at the next start, which shows it to no browser."""
    site.answers["/pier"] = [_SHELL.replace(b'<div id="root"></div>', _FRAME)]

    async def fail(*_: object) -> None:
        raise asyncio.CancelledError if is_killed else RenderFailed("no browser")

    monkeypatch.setattr("crawler.fetch.browser.Browser.render", fail)
    with suppress(asyncio.CancelledError):
        await attend(desk, site)
    await read_unread(desk.means, desk._session, 10)

    link = desk.link(site.url("/pier"))
    assert (link.state, link.next_run is None) == ("error", False)
    assert link.reason.startswith("error: not rendered: ")
    assert desk.read(select(VersionRow)) == []


async def test_a_rendering_that_cannot_be_read_loses_no_article(
    desk: Desk, site: Site
) -> None:
    page = story(
        "The pier as it was sent",
        tail="<script>document.body.append('KILL THE ' + 'CHILD')</script>",
    )
    site.answers["/pier"] = [page]
    desk.use(stray=desk.plan(render="always"))

    assert await attend(desk, site) == "archived"
    evidence = captures(desk)[1].evidence or []
    assert evidence[0] == "not rendered: the child died"
