"""Visits among several names: of one domain, at one address, and robots.txt elsewhere."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from crawler.fetch.client import Client, Limits
from crawler.fetch.guard import AddressPolicy
from crawler.urls import domain_of, host_key
from crawler.visits.courtesy import Courtesy
from crawler.visits.gate import Gate
from crawler.visits.visit import Done, visit
from storage.sql.tables import HostRow, LinkRow, TurnRow
from storage.sql.visits import open_visit
from tests.crawler.desk import LOOPBACK, Desk, Site, open_desk, scripted_site, story
from tests.crawler.fetch.servers import serving

pytestmark = pytest.mark.anyio


async def resolve(host: str, _port: int) -> Sequence[str]:
    """Return the scripted site's address, whatever the name; `other` has its own."""
    return ["127.0.0.2"] if host.startswith("other") else ["127.0.0.1"]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        desk.use(
            new_client=lambda: Client(
                user_agent="Test/1",
                limits=Limits(total=timedelta(seconds=5)),
                policy=AddressPolicy(allow_networks=(LOOPBACK,)),
                resolver=resolve,
            )
        )
        yield desk


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        yield site


def at(site: Site, host: str, path: str) -> str:
    return f"http://{host}:{site.port}{path}"


def moved(url: str) -> tuple[int, dict[str, str], bytes]:
    return (301, {"Location": url}, b"")


async def attend(desk: Desk, url: str) -> list[Done]:
    return await visit(host_key(url), desk.means, budget=20)


async def test_a_redirect_within_the_domain_is_followed_in_the_visit(
    desk: Desk, site: Site
) -> None:
    there = at(site, "www.town.test", "/pier")
    site.answers["/old"] = [moved(there)]
    site.answers["/pier"] = [story("Pier to be rebuilt")]
    await desk.enter(at(site, "town.test", "/old"))

    (done,) = await attend(desk, at(site, "town.test", "/"))

    asked = [(headers["host"].split(":")[0], path) for path, headers in site.asked]
    assert str(done.settlement.state) == "archived"
    assert asked == [
        ("town.test", "/robots.txt"),
        ("town.test", "/old"),
        ("www.town.test", "/robots.txt"),
        ("www.town.test", "/pier"),
    ]


async def test_each_name_of_a_domain_has_its_own_robots_txt(
    desk: Desk, site: Site
) -> None:
    site.answers["/robots.txt"] = [b"", b"User-agent: *\nDisallow: /\n"]
    site.answers["/old"] = [moved(at(site, "www.town.test", "/pier"))]
    await desk.enter(at(site, "town.test", "/old"))

    (done,) = await attend(desk, at(site, "town.test", "/"))

    assert str(done.settlement.state) == "robots"
    assert site.paths == ["/old"]


async def test_a_name_that_rests_is_left_for_its_own_visit(
    desk: Desk, site: Site
) -> None:
    there = at(site, "www.town.test", "/pier")
    site.answers["/old"] = [moved(there)]
    await desk.enter(at(site, "town.test", "/old"))
    await desk.enter(at(site, "www.town.test", "/x"))
    later = desk.means.now() + timedelta(hours=1)

    def rest(tx: object) -> None:
        session = tx.session  # type: ignore[attr-defined]
        session.get_one(HostRow, host_key(there)).free_at = later
        session.flush()

    await desk.means.writer.run(rest)
    (done,) = await attend(desk, at(site, "town.test", "/"))

    assert done.settlement.reason == f"moved to {there}"
    assert desk.link(there).state == "waiting"


async def test_the_slowest_name_sets_the_pace_of_the_domain(
    desk: Desk, site: Site
) -> None:
    """Its Crawl-delay holds for the domain's next visit, whichever name's it is."""
    site.answers["/robots.txt"] = [b"", b"User-agent: *\nCrawl-delay: 1\n"]
    site.answers["/old"] = [moved(at(site, "www.town.test", "/pier"))]
    await desk.enter(at(site, "town.test", "/old"))

    await attend(desk, at(site, "town.test", "/"))

    (turn,) = desk.read(select(TurnRow).where(TurnRow.key == f"town.test:{site.port}"))
    assert turn.free_at > desk.means.now() + timedelta(seconds=0.5)


async def test_names_at_one_address_are_found_out_and_wait(
    desk: Desk, site: Site
) -> None:
    site.answers["/a"] = [story("Pier to be rebuilt")]
    for host in ("one.test", "two.test", "other.test"):
        await desk.enter(at(site, host, "/a"))
    now = desk.means.now()
    host = f"127.0.0.1:{site.port}"

    def take(tx: object) -> None:
        session = tx.session  # type: ignore[attr-defined]
        session.add(
            TurnRow(
                key=host, free_at=now, host="one.test", until=now + timedelta(minutes=1)
            )
        )

    await desk.means.writer.run(take)

    assert await attend(desk, at(site, "two.test", "/")) == []
    assert site.asked == []
    assert desk.link(at(site, "two.test", "/a")).state == "waiting"
    assert len(await attend(desk, at(site, "other.test", "/"))) == 1


async def test_a_robots_txt_kept_elsewhere_is_asked_for_in_that_hosts_turn(
    desk: Desk, site: Site
) -> None:
    theirs = at(site, "rules.test", "/rules.txt")
    site.answers["/robots.txt"] = [moved(theirs)]
    site.answers["/rules.txt"] = [b"User-agent: *\nDisallow: /private\n"]
    await desk.enter(at(site, "town.test", "/private/a"))

    (done,) = await attend(desk, at(site, "town.test", "/"))

    (there,) = desk.read(select(HostRow).where(HostRow.key == host_key(theirs)))
    assert str(done.settlement.state) == "robots"
    assert (there.fence, there.visiting_until) == (1, None)


async def test_a_robots_txt_kept_elsewhere_waits_while_that_host_is_visited(
    desk: Desk, site: Site
) -> None:
    theirs = at(site, "rules.test", "/rules.txt")
    site.answers["/robots.txt"] = [moved(theirs)]
    await desk.enter(at(site, "town.test", "/a"))
    await desk.enter(at(site, "rules.test", "/b"))
    now = desk.means.now()
    await desk.means.writer.run(
        lambda tx: open_visit(
            tx.session,
            host_key(theirs),
            now=now,
            until=now + timedelta(minutes=1),
            limit=1,
        )
    )

    (done,) = await attend(desk, at(site, "town.test", "/"))

    assert site.paths == []
    assert done.settlement.reason == f"host not free: {host_key(theirs)} is not free"
    assert desk.read(select(HostRow.robots_at)) == [None, None]
    assert done.settlement.next_run is not None


async def test_a_robots_txt_may_move_from_name_to_name_elsewhere(
    desk: Desk, site: Site
) -> None:
    """Names of one domain have one turn, and it is ours from the first on."""
    site.answers["/robots.txt"] = [moved(at(site, "rules.test", "/rules.txt"))]
    site.answers["/rules.txt"] = [moved(at(site, "www.rules.test", "/rules-2.txt"))]
    site.answers["/rules-2.txt"] = [b"User-agent: *\nAllow: /"]
    site.answers["/pier"] = [story("Pier to be rebuilt")]
    await desk.enter(at(site, "town.test", "/pier"))

    (done,) = await attend(desk, at(site, "town.test", "/"))

    assert str(done.settlement.state) == "archived"
    assert desk.read(select(TurnRow.host).where(col(TurnRow.host).is_not(None))) == []
    hosts = desk.read(select(HostRow.visiting_until))
    assert hosts == [None] * 3


async def test_scripts_may_ask_two_names_of_a_domain_elsewhere(
    desk: Desk, site: Site
) -> None:
    """Also where the robots.txt of one is kept at a third."""
    site.answers["/robots.txt"] = [b"", moved(at(site, "c.cdn.test", "/r.txt"))]
    site.answers["/r.txt"] = [b""]
    url = at(site, "town.test", "/pier")
    await desk.enter(url)
    now, means = desk.means.now(), desk.means
    ticket = await means.writer.run(
        lambda tx: open_visit(
            tx.session,
            host_key(url),
            now=now,
            until=now + timedelta(minutes=1),
            limit=1,
            domain_of=domain_of,
        )
    )
    assert ticket is not None
    async with means.new_client() as client:
        gate = Gate(
            ticket=ticket,
            means=means,
            client=client,
            courtesy=Courtesy.of(ticket),
            hold=lambda _: None,
        )
        async with gate.anywhere(ticket.links[0]) as allow:
            for name in ("a.cdn.test", "b.cdn.test"):
                await allow(at(site, name, "/main.js"))

    held = desk.read(select(TurnRow.host).where(col(TurnRow.host).is_not(None)))
    assert set(held) == {host_key(url)}
    assert len(site.asked) == 3


async def test_what_robots_txt_says_stands_with_every_link_asked_about(
    desk: Desk, site: Site
) -> None:
    site.answers["/robots.txt"] = [b"User-agent: *\nAllow: /a\nDisallow: /private\n"]
    site.answers["/a"] = [story("Pier to be rebuilt")]
    for path in ("/a", "/b", "/private/a"):
        await desk.enter(at(site, "town.test", path))

    await attend(desk, at(site, "town.test", "/"))

    lines = {
        row.url.split("/", 3)[3]: row.robots_line for row in desk.read(select(LinkRow))
    }
    assert lines == {
        "a": "Allow: /a (line 2)",
        "b": "no rule",
        "private/a": "Disallow: /private (line 3)",
    }


async def test_links_of_an_unreachable_robots_txt_say_so(
    desk: Desk, site: Site
) -> None:
    site.answers["/robots.txt"] = [(500, {}, b"")]
    await desk.enter(at(site, "town.test", "/a"))

    await attend(desk, at(site, "town.test", "/"))

    link = desk.link(at(site, "town.test", "/a"))
    assert link.robots_line == "robots.txt unreachable (status 500)"


async def test_links_of_a_robots_txt_without_an_answer_say_so(desk: Desk) -> None:
    async with serving(b"", hang_up=True) as silent:
        await desk.enter(silent.url("/a"))

        (done,) = await attend(desk, silent.url("/"))

    said = "bad answer: robots.txt: hung up without a response"
    assert done.settlement.reason == said


async def test_what_robots_txt_forbids_for_a_day_is_had_on_the_next(
    desk: Desk, site: Site
) -> None:
    """A site that is closed to all by a slip of its keepers loses no story to it."""
    url, now = at(site, "a.test", "/pier"), desk.means.now
    site.answers = {
        "/robots.txt": [b"User-agent: *\nDisallow: /", b""],
        "/pier": [story("The pier")],
    }
    await desk.enter(url)
    await attend(desk, url)
    assert desk.link(url).state == "robots"
    await desk.rested(url)

    desk.use(now=lambda: now() + timedelta(days=1))
    await attend(desk, url)

    assert desk.link(url).state == "archived"
