"""An article whose address changes goes on as one, with its versions and its id."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from crawler.config.tree import Config
from crawler.decisions.readdressed import is_same_story
from crawler.kept.lookup import article_named
from crawler.kept.unread import read_one
from crawler.rebuild.rebuilding import rebuild
from crawler.urls import host_key
from crawler.visits.visit import visit
from storage.model.article import Article
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.model.moment import Moment, Precision
from storage.sql.changed import changed_articles
from storage.sql.engine import sqlite_url
from storage.sql.ledger import link_of
from storage.sql.tables import ArticleRow, CaptureRow, LinkRow, VersionRow
from storage.sql.takedowns import reach
from storage.writer import Tx
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story
from tests.storage.material import NOON, article
from tests.torture.facts import differences, facts

pytestmark = pytest.mark.anyio
PIER = story("Pier to be rebuilt")
#: The same story with two words more.
LATER = PIER.replace(b"what the 0 speakers", b"almost exactly what the 0 speakers")
OTHER = (
    "<html lang=en><head><title>Nurses strike</title></head><body><article>"
    "<h1>Nurses strike</h1>"
    + "<p>Hospital wards stood empty this morning after nurses walked out over "
    "unpaid shifts, their union announced beside a burning brazier.</p>"
    * 4
    + "</article></body></html>"
).encode()
GONE: Any = (404, {}, b"not here")


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as served:
        yield served


def feed_of(*items: tuple[str, str]) -> bytes:
    """Return a feed of items, each an address and a GUID."""
    said = "".join(
        f"<item><guid isPermaLink='false'>{guid}</guid><link>{url}</link></item>"
        for url, guid in items
    )
    return f"<rss><channel><title>Town</title>{said}</channel></rss>".encode()


async def attend(desk: Desk, site: Site) -> None:
    await desk.rested(site.url("/"))
    await visit(host_key(site.url("/")), desk.means, budget=90)


async def due(desk: Desk, url: str) -> None:
    """Make a link due at once."""
    key = desk.link(url).id
    await desk.means.writer.run(
        lambda tx: tx.session.exec(
            update(LinkRow)
            .where(col(LinkRow.id) == key)
            .values(next_run=desk.means.now())
        )
    )


async def read_feed(desk: Desk, site: Site, *items: tuple[str, str]) -> None:
    """Have a feed read that shows items, and then what it brought."""
    named = [(site.url(path) if path[0] == "/" else path, guid) for path, guid in items]
    site.answers["/feed"] = [feed_of(*named)]
    if desk.read(select(LinkRow)):
        await due(desk, site.url("/feed"))
    else:
        source = await desk.add_source(site.url("/"))
        await desk.enter(site.url("/feed"), LinkKind.FEED, source)
    await attend(desk, site)
    await attend(desk, site)


def versions(desk: Desk) -> list[tuple[int, int, str]]:
    """Return of each version its article, its number and how it changed."""
    rows = desk.read(
        select(VersionRow).order_by(col(VersionRow.article_id), col(VersionRow.id))
    )
    return [(row.article_id, row.number, row.change) for row in rows]


async def moved(desk: Desk, site: Site, page: bytes = PIER) -> None:
    """Have an article move from one slug to another under its GUID."""
    site.answers["/old"] = [PIER]
    await read_feed(desk, site, ("/old", "7"))
    site.answers |= {"/old": [GONE], "/new": [page]}
    await read_feed(desk, site, ("/new", "7"))


async def test_a_new_slug_under_the_same_guid_is_the_same_article(
    desk: Desk, site: Site
) -> None:
    await moved(desk, site)

    (row,) = desk.read(select(ArticleRow))
    old, new = desk.link(site.url("/old")), desk.link(site.url("/new"))
    assert versions(desk) == [(row.id, 1, "first"), (row.id, 2, "moved")]
    assert (row.link_id, row.url, row.state) == (new.id, site.url("/new"), "present")
    assert (old.state, old.alias_of, old.next_run) == ("duplicate", new.id, None)
    assert old.reason == f"its article goes on at {site.url('/new')}"
    assert (new.state, new.alias_of) == ("archived", None)
    assert new.next_run is not None


async def test_a_story_that_changed_as_it_moved_has_that_change(
    desk: Desk, site: Site
) -> None:
    await moved(desk, site, LATER)

    assert versions(desk) == [(1, 1, "first"), (1, 2, "correction")]


async def test_its_later_versions_are_the_same_articles(desk: Desk, site: Site) -> None:
    await moved(desk, site)
    site.answers["/new"] = [LATER]
    await due(desk, site.url("/new"))

    await attend(desk, site)

    assert [change for _, _, change in versions(desk)] == [
        "first",
        "moved",
        "correction",
    ]


@pytest.mark.parametrize(
    ("before", "after"), [("/old", "/old/"), ("/old/", "/old")], ids=["new", "gone"]
)
async def test_a_slash_at_the_end_makes_no_other_article(
    desk: Desk, site: Site, before: str, after: str
) -> None:
    """Where the GUID is the address, it changes as well."""
    site.answers |= {before: [PIER], after: [PIER]}
    await read_feed(desk, site, (before, before))

    await read_feed(desk, site, (after, after))

    assert versions(desk) == [(1, 1, "first"), (1, 2, "moved")]


async def test_another_host_under_the_same_guid_is_the_same_article(
    desk: Desk, site: Site
) -> None:
    site.answers["/old"] = [PIER]
    async with scripted_site() as other:
        other.answers["/old"] = [PIER]
        await read_feed(desk, site, ("/old", "7"))

        await read_feed(desk, site, (other.url("/old"), "7"))
        await attend(desk, other)

        (row,) = desk.read(select(ArticleRow))
        assert row.url == other.url("/old")


async def test_a_redirect_to_another_host_takes_the_article_along(
    desk: Desk, site: Site
) -> None:
    site.answers["/old"] = [PIER]
    async with scripted_site() as other:
        other.answers["/pier"] = [PIER]
        await read_feed(desk, site, ("/old", "7"))
        site.answers["/old"] = [(301, {"Location": other.url("/pier")}, b"")]
        await due(desk, site.url("/old"))

        await attend(desk, site)
        await attend(desk, other)

        (row,) = desk.read(select(ArticleRow))
        assert row.url == other.url("/pier")
        assert desk.link(site.url("/old")).alias_of == row.link_id


async def test_another_story_under_the_same_guid_is_another_article(
    desk: Desk, site: Site
) -> None:
    await moved(desk, site, OTHER)

    assert versions(desk) == [(1, 1, "first"), (2, 1, "first")]
    assert desk.link(site.url("/old")).alias_of is None


@pytest.mark.parametrize(
    "items",
    [
        [("/old", "8"), ("/new", "7")],
        [("/old", "7"), ("/new", "7")],
    ],
    ids=["the old address is listed still", "the guid stands twice"],
)
async def test_a_guid_that_proves_nothing_moves_nothing(
    desk: Desk, site: Site, items: list[tuple[str, str]]
) -> None:
    site.answers |= {"/old": [PIER], "/new": [PIER]}
    await read_feed(desk, site, ("/old", "7"))

    await read_feed(desk, site, *items)

    assert versions(desk) == [(1, 1, "first"), (2, 1, "first")]


async def of_sitemap(desk: Desk, site: Site, path: str) -> None:
    """Have a sitemap read that lists one address, and then what it brought."""
    named = f"<urlset><url><loc>{site.url(path)}</loc></url></urlset>"
    site.answers["/sitemap.xml"] = [named.encode()]
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/sitemap.xml"), LinkKind.SITEMAP, source)
    await desk.enter(site.url("/feed"), LinkKind.FEED, source)
    site.answers["/feed"] = [feed_of()]
    await attend(desk, site)
    await attend(desk, site)


async def test_a_page_that_a_guid_names_is_the_one_that_its_feed_links(
    desk: Desk, site: Site
) -> None:
    site.answers |= {"/node/7": [PIER], "/pier": [PIER]}
    await of_sitemap(desk, site, "/node/7")

    await read_feed(desk, site, ("/pier", site.url("/node/7")))

    (row,) = desk.read(select(ArticleRow))
    assert row.url == site.url("/pier")
    assert desk.link(site.url("/node/7")).alias_of == row.link_id


async def test_a_page_that_a_guid_names_is_a_duplicate_when_it_is_read_later(
    desk: Desk, site: Site
) -> None:
    site.answers |= {"/node/7": [PIER], "/pier": [PIER]}
    await read_feed(desk, site, ("/pier", site.url("/node/7")))
    source = desk.link(site.url("/feed")).source_id
    await desk.enter(site.url("/node/7"), LinkKind.ARTICLE, source)

    await attend(desk, site)

    assert versions(desk) == [(1, 1, "first")]
    assert desk.link(site.url("/node/7")).state == LinkState.DUPLICATE


async def test_a_page_that_a_guid_names_may_be_entered_later_and_read_before(
    desk: Desk, site: Site
) -> None:
    """At a first start the feed is read, then the sitemap, then what both brought."""
    site.answers |= {"/node/7": [PIER], "/pier": [PIER, PIER]}
    source = await desk.add_source(site.url("/"))
    await desk.enter(site.url("/feed"), LinkKind.FEED, source)
    site.answers["/feed"] = [feed_of((site.url("/pier"), site.url("/node/7")))]
    await desk.rested(site.url("/"))
    await visit(host_key(site.url("/")), desk.means, budget=1)
    await desk.means.writer.run(lambda tx: put_off(tx, site.url("/pier")))
    await desk.enter(site.url("/node/7"), LinkKind.ARTICLE, source)
    await attend(desk, site)

    await due(desk, site.url("/pier"))
    await attend(desk, site)

    (row,) = desk.read(select(ArticleRow))
    assert row.url == site.url("/pier")
    assert desk.link(site.url("/node/7")).alias_of == row.link_id


def put_off(tx: Tx, url: str) -> None:
    tx.session.exec(
        update(LinkRow).where(col(LinkRow.url) == url).values(next_run=None)
    )


async def test_another_story_where_a_guid_leads_is_another_article(
    desk: Desk, site: Site
) -> None:
    site.answers |= {"/node/7": [OTHER], "/pier": [PIER]}
    await of_sitemap(desk, site, "/node/7")

    await read_feed(desk, site, ("/pier", site.url("/node/7")))

    assert versions(desk) == [(1, 1, "first"), (2, 1, "first")]


async def test_a_known_link_gets_the_guid_that_its_feed_has_now(
    desk: Desk, site: Site
) -> None:
    """So do those of before GUIDs were kept."""
    site.answers |= {"/old": [PIER], "/new": [PIER]}
    await read_feed(desk, site, ("/old", ""))
    await read_feed(desk, site, ("/old", "7"))

    await read_feed(desk, site, ("/new", "7"))

    assert len(desk.read(select(ArticleRow))) == 1


async def test_a_feed_whose_addresses_all_changed_was_not_read_too_late(
    desk: Desk, site: Site
) -> None:
    before = [(f"/{n}", f"{n}") for n in range(4)]
    await read_feed(desk, site, *before)

    await read_feed(desk, site, *((f"{path}/", guid) for path, guid in before))

    assert "may be missed" not in desk.link(site.url("/feed")).reason


async def test_a_feed_whose_addresses_all_changed_is_not_read_on(
    desk: Desk, site: Site
) -> None:
    before = [(f"/{n}", f"{n}") for n in range(4)]
    await read_feed(desk, site, *before)
    later = [(site.url(f"{path}/"), guid) for path, guid in before]
    said = b"<channel><generator>https://wordpress.org/?v=6.4</generator>"
    site.answers["/feed"] = [feed_of(*later).replace(b"<channel>", said)]
    await due(desk, site.url("/feed"))

    await attend(desk, site)

    assert "paged" not in str(site.paths)


async def test_a_late_look_at_the_old_address_makes_no_article(
    desk: Desk, site: Site
) -> None:
    await moved(desk, site)
    site.answers["/old"] = [LATER]
    await due(desk, site.url("/old"))

    await attend(desk, site)

    assert len(versions(desk)) == 2
    old = desk.link(site.url("/old"))
    assert old.alias_of == desk.link(site.url("/new")).id
    assert old.state == LinkState.DUPLICATE


async def test_a_page_of_before_it_moved_is_a_version_in_its_time(
    desk: Desk, site: Site
) -> None:
    """It was kept, and the service was killed before it was read."""
    site.answers["/old"] = [PIER, LATER]
    await read_feed(desk, site, ("/old", "7"))
    await due(desk, site.url("/old"))
    await attend(desk, site)
    capture, _ = await lose_reading(desk, 2)
    site.answers["/new"] = [LATER.replace(b"the 1 speakers", b"no speakers at all")]
    await read_feed(desk, site, ("/new", "7"))

    with desk._session() as session:
        link = link_of(session, capture.link_id or 0)
    await read_one(desk.means, capture, link)

    rows = desk.read(select(VersionRow).order_by(col(VersionRow.captured_at)))
    assert [(row.article_id, row.number) for row in rows] == [(1, 1), (1, 3), (1, 2)]
    assert desk.link(site.url("/old")).state == LinkState.DUPLICATE


async def lose_reading(desk: Desk, number: int) -> tuple[CaptureRow, int]:
    """Take a version away as if its capture had not been read; return that."""
    (row,) = desk.read(select(VersionRow).where(VersionRow.number == number))
    (capture,) = desk.read(select(CaptureRow).where(CaptureRow.id == row.capture_id))

    def forget(tx: object) -> None:
        session = tx.session  # type: ignore[attr-defined]
        session.connection().exec_driver_sql("PRAGMA foreign_keys = OFF")
        session.connection().exec_driver_sql("DELETE FROM record WHERE version_id = 2")
        session.delete(session.get_one(VersionRow, row.id))

    await desk.means.writer.run(forget)
    return capture, int(row.id)


async def test_another_story_at_the_address_that_was_left_is_an_article(
    desk: Desk, site: Site
) -> None:
    await moved(desk, site)
    site.answers["/old"] = [OTHER]
    await due(desk, site.url("/old"))

    await attend(desk, site)

    assert versions(desk)[-1] == (2, 1, "first")
    assert desk.link(site.url("/old")).alias_of is None


async def test_an_article_is_found_and_taken_down_by_either_address(
    desk: Desk, site: Site
) -> None:
    await moved(desk, site)

    keys = [desk.link(site.url(path)).key for path in ("/old", "/new")]
    links = {desk.link(site.url(path)).id for path in ("/old", "/new")}
    with desk._session() as session:
        for path, key in zip(("/old", "/new"), keys, strict=True):
            found = article_named(session, site.url(path))
            assert found is not None
            assert set(reach(session, [key]).links) == links


async def test_the_entry_of_a_feed_stays_the_same(desk: Desk, site: Site) -> None:
    site.answers["/old"] = [PIER]
    await read_feed(desk, site, ("/old", "7"))
    with desk._session() as session:
        (before,) = changed_articles(session, 9)
    site.answers |= {"/old": [GONE], "/new": [PIER]}

    await read_feed(desk, site, ("/new", "7"))

    with desk._session() as session:
        (after,) = changed_articles(session, 9)
    assert (before.link_key, before.number) == (after.link_key, 1)
    assert after.number == 2


async def test_an_article_that_moved_back_is_still_the_same(
    desk: Desk, site: Site
) -> None:
    """Its old address is known, and so nothing new; but it leads to the one that went."""
    await moved(desk, site)
    site.answers |= {"/old": [LATER], "/new": [GONE]}
    await due(desk, site.url("/new"))
    await attend(desk, site)
    await due(desk, site.url("/old"))

    await attend(desk, site)

    (row,) = desk.read(select(ArticleRow))
    assert (row.url, row.state, row.versions) == (site.url("/old"), "present", 3)
    assert row.link_id == row.first_link == desk.link(site.url("/old")).id


async def test_a_duplicate_goes_on_for_an_address_that_is_gone(
    desk: Desk, site: Site
) -> None:
    canonical = f"<link rel=canonical href='{site.url('/old')}'></head>".encode()
    site.answers |= {
        "/old": [PIER],
        "/copy": [PIER.replace(b"</head>", canonical)],
    }
    await read_feed(desk, site, ("/old", "7"), ("/copy", "8"))
    site.answers |= {"/old": [GONE], "/copy": [LATER.replace(b"</head>", canonical)]}
    await due(desk, site.url("/old"))
    await attend(desk, site)

    asked_at = desk.link(site.url("/copy")).next_run
    await due(desk, site.url("/copy"))
    await attend(desk, site)

    (row,) = desk.read(select(ArticleRow))
    assert asked_at is not None
    assert asked_at > desk.means.now()
    assert (row.state, row.versions) == ("present", 2)
    assert row.link_id == desk.link(site.url("/copy")).id


async def test_a_page_that_leads_to_the_front_is_an_article_that_is_gone(
    desk: Desk, site: Site
) -> None:
    cards = "".join(
        f"<article class=card><h2><a href='/news/the-{n}-long-story-of-the-town'>The {n} "
        f"long story of the town</a></h2><p>The council met and agreed.</p></article>"
        for n in range(20)
    )
    front = f"<html><body><main>{cards}</main></body></html>".encode()
    site.answers["/old"] = [PIER]
    await read_feed(desk, site, ("/old", "7"))
    site.answers |= {"/old": [(301, {"Location": "/"}, b"")], "/": [front]}
    await due(desk, site.url("/old"))

    await attend(desk, site)

    (row,) = desk.read(select(ArticleRow))
    assert desk.link(site.url("/old")).state == LinkState.GONE
    assert row.state == "gone"


async def test_the_warc_files_alone_say_that_it_moved(
    desk: Desk, site: Site, tmp_path: Path
) -> None:
    site.answers |= {"/new": [PIER], "/newer": [LATER]}
    await moved(desk, site)
    site.answers |= {"/new": [GONE], "/newer": [LATER]}
    await read_feed(desk, site, ("/newer", "7"))
    await asyncio.to_thread(desk.means.writer.close)
    names = ("link", "article", "version", "search_text")
    before = facts(sqlite_url(tmp_path))
    config = Config.model_validate({"storage": {"folder": str(tmp_path)}})

    rebuild(config, tmp_path, datetime.now(UTC), lambda *_: None, replace=True)

    after = facts(sqlite_url(tmp_path))
    assert before["article"][(desk.link(site.url("/newer")).key,)]["versions"] == 3
    assert (
        differences(
            {name: before[name] for name in names},
            {name: after[name] for name in names},
        )
        == []
    )


WORDS = [
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
    "g",
    "h",
    "i",
    "j",
    "k",
    "l",
    "m",
    "n",
    "o",
    "p",
    "q",
    "r",
    "s",
    "t",
]
MORE = " ".join(f"extra{word}" for word in WORDS[:15])
TEXT = " ".join(f"word{word}" for word in WORDS) + ". " + "The town rebuilt it. " * 20


@pytest.mark.parametrize(
    ("title", "text", "days", "is_same"),
    [
        ("Pier to be rebuilt", TEXT, 0, True),
        ("Pier to be rebuilt", TEXT, 3, False),
        ("Pier to be rebuilt", TEXT + " ".join(f"more{n}" for n in range(90)), 0, True),
        ("Pier to be rebuilt", "Something else happened elsewhere today.", 0, False),
        ("Ferries return", TEXT, 0, True),
        ("Ferries return", TEXT[:150], 0, False),
        ("Ferries return", "Something else happened elsewhere today.", 0, False),
    ],
    ids=[
        "the same",
        "of another day",
        "grown",
        "another text",
        "another headline",
        "another headline and half the text",
        "nothing in common",
    ],
)
def test_a_story_is_told_by_its_words_and_its_day(
    title: str, text: str, days: int, *, is_same: bool
) -> None:
    def dated(one: Article, at: datetime) -> Article:
        when = Moment(at=at, precision=Precision.SECOND, zone_stated=True)
        return replace(one, published=when)

    old = dated(article("Pier to be rebuilt", TEXT), NOON)
    new = dated(article(title, text), NOON + timedelta(days=days))

    assert is_same_story(new, old) is is_same


@pytest.mark.parametrize(
    ("title", "text", "before", "days", "is_same"),
    [
        ("Pier to be rebuilt", TEXT, TEXT, 1, True),
        ("Pier to be rebuilt", TEXT, TEXT, None, True),
        ("Ferries return", "The town rebuilt it.", "The town rebuilt it.", 0, False),
        ("Ferries return", TEXT, TEXT + MORE, 0, False),
    ],
    ids=[
        "a day later",
        "no date",
        "another headline, few words",
        "more than half the text",
    ],
)
def test_the_bounds_of_the_same_story(
    title: str, text: str, before: str, days: int | None, *, is_same: bool
) -> None:
    when = Moment(at=NOON, precision=Precision.SECOND, zone_stated=True)
    old = article("Pier to be rebuilt", before)
    new = replace(article(title, text), published=when)
    if days is not None:
        before_at = replace(when, at=NOON - timedelta(days=days))
        old = replace(old, published=before_at)

    assert is_same_story(new, old) is is_same
