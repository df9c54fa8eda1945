"""Multi-page articles, from the network to the archive."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from crawler.kept.unread import read_unread
from crawler.ondemand import archive_one
from crawler.urls import host_key
from crawler.visits.visit import visit
from storage.documents import read_document
from storage.model.article import Article
from storage.model.link_state import LinkState
from storage.sql.tables import ArticleRow, CaptureRow, LinkRow, PartRow, VersionRow
from storage.sql.versions import parts_of
from tests.crawler.desk import Desk, InlinePool, Site, open_desk, scripted_site

pytestmark = pytest.mark.anyio

TITLE = "Three days along the old towpath"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        yield desk


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        yield site


def paragraphs(number: int, word: str = "walkers") -> str:
    return "".join(
        f"<p>On day {number} the {word} of group {n} followed the canal for "
        f"{number * 7 + n} kilometres, past locks and mills that nobody had opened "
        f"since the {n + 3} barges of the salt company went away for good.</p>"
        for n in range(4)
    )


def page(
    number: int, total: int = 3, *, word: str = "walkers", extra: str = ""
) -> bytes:
    links = " ".join(
        f"<span>{n}</span>" if n == number else f'<a href="{place(n)}">{n}</a>'
        for n in range(1, total + 1)
    )
    return (
        f"<html lang=en><head><title>{TITLE}</title></head><body><article>"
        f"<h1>{TITLE}</h1>{paragraphs(number, word)}"
        f'<div class="page-links">Pages: {links} {extra}</div></article></body></html>'
    ).encode()


def place(number: int) -> str:
    return "/walks/towpath/" if number == 1 else f"/walks/towpath/{number}/"


def publish(site: Site, total: int = 3) -> None:
    for number in range(1, total + 1):
        site.answers[place(number)] = [page(number, total)]


async def attend(desk: Desk, site: Site, budget: int = 20) -> list[str]:
    await desk.rested(site.url("/"))
    done = await visit(host_key(site.url("/")), desk.means, budget=budget)
    return [str(one.settlement.state) for one in done]


async def again(desk: Desk, site: Site) -> list[str]:
    """Visit when every article is due again."""
    now = desk.means.now
    desk.use(now=lambda: now() + timedelta(days=1))
    return await attend(desk, site)


def standing(desk: Desk) -> Article:
    newest = desk.read(select(VersionRow).order_by(VersionRow.number))[-1]  # type: ignore[arg-type]
    return read_document(newest.document)


async def test_all_pages_make_one_article(desk: Desk, site: Site) -> None:
    publish(site)
    await desk.enter(site.url(place(1)))

    assert await attend(desk, site) == ["archived"]

    (article,) = desk.read(select(ArticleRow))
    text = standing(desk).text
    assert article.title == TITLE
    assert [text.count(f"On day {n} ") for n in (1, 2, 3)] == [4, 4, 4]
    assert site.paths == [place(1), place(2), place(3)]


async def test_a_version_lists_the_captures_it_was_joined_from(
    desk: Desk, site: Site
) -> None:
    publish(site)
    await desk.enter(site.url(place(1)))

    await attend(desk, site)

    with desk._session() as session:
        (made,) = session.exec(select(VersionRow)).all()
        kept = [capture.url for capture in parts_of(session, made)]
    assert kept == [site.url(place(2)), site.url(place(3))]
    assert standing(desk).parts == tuple(site.url(place(n)) for n in (1, 2, 3))


async def test_a_part_is_no_article_of_its_own(desk: Desk, site: Site) -> None:
    publish(site)
    await desk.enter(site.url(place(1)))

    await attend(desk, site)

    row = desk.link(site.url(place(2)))
    assert (row.state, row.next_run) == ("duplicate", None)
    assert row.reason == f"part_of {site.url(place(1))}"


async def test_a_part_that_was_found_first_leads_to_page_one(
    desk: Desk, site: Site
) -> None:
    publish(site)
    await desk.enter(site.url(place(3)))

    await attend(desk, site)
    await attend(desk, site)

    assert desk.link(site.url(place(3))).reason == f"part_of {site.url(place(1))}"
    (article,) = desk.read(select(ArticleRow))
    assert article.link_id == desk.link(site.url(place(1))).id
    assert "On day 3 " in standing(desk).text


async def test_a_part_that_is_due_in_the_same_visit_is_asked_for_once(
    desk: Desk, site: Site
) -> None:
    publish(site)
    await desk.enter(site.url(place(2)))
    await desk.enter(site.url(place(1)))

    await attend(desk, site)

    assert site.paths.count(place(2)) == 1


async def test_a_part_that_fails_leaves_the_article_partial(
    desk: Desk, site: Site
) -> None:
    publish(site)
    site.answers[place(3)] = [(500, {}, b"oops"), page(3)]
    await desk.enter(site.url(place(1)))

    await attend(desk, site)

    assert "partial: page 3: HTTP 500" in standing(desk).marks
    assert "On day 2 " in standing(desk).text
    row = desk.link(site.url(place(1)))
    assert row.next_run is not None
    assert row.next_run < desk.means.now() + timedelta(minutes=5)
    assert "partial: page 3: HTTP 500" in row.reason


async def test_the_next_visit_makes_it_whole(desk: Desk, site: Site) -> None:
    publish(site)
    site.answers[place(3)] = [(500, {}, b"oops"), page(3)]
    await desk.enter(site.url(place(1)))
    await attend(desk, site)

    await again(desk, site)

    assert "On day 3 " in standing(desk).text
    assert not any(mark.startswith("partial") for mark in standing(desk).marks)
    assert desk.link(site.url(place(1))).failures == 0


async def test_a_whole_article_is_not_cut_by_a_part_that_fails(
    desk: Desk, site: Site
) -> None:
    publish(site)
    site.answers[place(3)] = [page(3), (503, {}, b"busy")]
    await desk.enter(site.url(place(1)))
    await attend(desk, site)

    await again(desk, site)

    assert len(desk.read(select(VersionRow))) == 1
    assert "On day 3 " in standing(desk).text
    assert "partial" in desk.link(site.url(place(1))).reason


async def test_a_changed_part_makes_a_new_version(desk: Desk, site: Site) -> None:
    publish(site)
    site.answers[place(1)] = [(200, {"ETag": '"1"'}, page(1))]
    site.answers[place(2)] = [page(2), page(2, word="cyclists")]
    await desk.enter(site.url(place(1)))
    await attend(desk, site)

    await again(desk, site)

    assert [v.number for v in desk.read(select(VersionRow))] == [1, 2]
    assert "cyclists" in standing(desk).text
    assert len(desk.read(select(PartRow))) == 4


async def test_robots_txt_holds_for_parts(desk: Desk, site: Site) -> None:
    publish(site)
    site.answers["/robots.txt"] = [b"User-agent: *\nDisallow: /walks/towpath/2\n"]
    await desk.enter(site.url(place(1)))

    await attend(desk, site)

    assert place(2) not in site.paths
    assert any(mark.startswith("partial: page 2") for mark in standing(desk).marks)
    assert desk.link(site.url(place(2))).state == "robots"


async def test_parts_take_the_place_of_later_links_in_a_visit(
    desk: Desk, site: Site
) -> None:
    publish(site)
    await desk.enter(site.url("/other"))
    await desk.enter(site.url(place(1)))

    assert len(await attend(desk, site, budget=3)) == 1
    assert desk.link(site.url("/other")).attempts == 0


async def test_a_page_with_the_whole_article_is_preferred(
    desk: Desk, site: Site
) -> None:
    single = '<a href="/walks/towpath/?page=all">View as single page</a>'
    site.answers[place(1)] = [page(1, extra=single)]
    whole = "".join(paragraphs(n) for n in (1, 2, 3))
    site.answers["/walks/towpath/?page=all"] = [
        f"<title>{TITLE}</title><article><h1>{TITLE}</h1>{whole}</article>".encode()
    ]
    await desk.enter(site.url(place(1)))

    await attend(desk, site)

    assert [standing(desk).text.count(f"On day {n} ") for n in (1, 2, 3)] == [4, 4, 4]
    assert site.paths == [place(1), "/walks/towpath/?page=all"]
    (article,) = desk.read(select(ArticleRow))
    assert article.url == site.url(place(1))


async def test_without_it_the_numbers_are_followed(desk: Desk, site: Site) -> None:
    publish(site)
    single = '<a href="/walks/towpath/?page=all">View as single page</a>'
    site.answers[place(1)] = [page(1, extra=single)]
    await desk.enter(site.url(place(1)))

    await attend(desk, site)

    assert "On day 3 " in standing(desk).text
    assert not any(mark.startswith("partial") for mark in standing(desk).marks)


async def test_a_number_that_brings_the_same_page_is_no_part(
    desk: Desk, site: Site
) -> None:
    site.answers[place(1)] = [page(1)]
    site.answers[place(2)] = [page(1)]
    await desk.enter(site.url(place(1)))

    assert await attend(desk, site) == ["archived"]
    assert site.paths == [place(1), place(2)]
    assert standing(desk).text.count("On day 1 ") == 4
    assert not any(mark.startswith("partial") for mark in standing(desk).marks)


async def test_a_part_that_leads_back_to_page_one_ends_it(
    desk: Desk, site: Site
) -> None:
    site.answers[place(1)] = [page(1)]
    site.answers[place(2)] = [(301, {"Location": place(1)}, b"")]
    await desk.enter(site.url(place(1)))

    assert await attend(desk, site) == ["archived"]
    assert standing(desk).text.count("On day 1 ") == 4


async def test_a_host_that_asks_for_a_rest_is_left(desk: Desk, site: Site) -> None:
    publish(site)
    site.answers[place(2)] = [(429, {"Retry-After": "60"}, b"")]
    await desk.enter(site.url(place(1)))

    await attend(desk, site)

    assert place(3) not in site.paths
    assert "partial: page 2: HTTP 429" in standing(desk).marks


async def test_what_the_page_with_all_of_it_asks_for_is_heard(
    desk: Desk, site: Site
) -> None:
    publish(site)
    single = '<a href="/walks/towpath/?page=all">View as single page</a>'
    site.answers[place(1)] = [page(1, extra=single)]
    site.answers["/walks/towpath/?page=all"] = [(503, {}, b"")]
    await desk.enter(site.url(place(1)))

    await attend(desk, site)

    assert place(2) not in site.paths
    assert "partial: page 2: its host asks for a rest" in standing(desk).marks


async def test_a_page_asked_for_by_hand_is_joined(desk: Desk, site: Site) -> None:
    publish(site)

    archived = await archive_one(site.url(place(1)), desk.means, timedelta(seconds=5))

    assert archived.state is LinkState.ARCHIVED
    assert "On day 3 " in standing(desk).text


async def test_a_part_asked_for_by_hand_brings_its_article(
    desk: Desk, site: Site
) -> None:
    publish(site)

    archived = await archive_one(site.url(place(2)), desk.means, timedelta(seconds=5))

    assert archived.state is LinkState.ARCHIVED
    assert archived.url == site.url(place(1))


async def test_kept_captures_are_joined_again_without_the_network(
    desk: Desk, site: Site
) -> None:
    publish(site)
    await desk.enter(site.url(place(1)))
    await attend(desk, site)
    asked = len(site.asked)
    await forget(desk, site.url(place(1)))

    assert await read_unread(desk.means, desk._session, 10) == 1

    assert len(site.asked) == asked
    assert len(desk.read(select(VersionRow))) == 1
    assert [standing(desk).text.count(f"On day {n} ") for n in (1, 2, 3)] == [4, 4, 4]
    assert len(desk.read(select(PartRow))) == 2


async def test_captures_are_joined_again_with_their_own_pages(
    desk: Desk, site: Site
) -> None:
    publish(site)
    site.answers[place(2)] = [page(2), page(2, word="cyclists")]
    await desk.enter(site.url(place(1)))
    await attend(desk, site)
    await again(desk, site)
    await forget(desk, site.url(place(1)))

    assert await read_unread(desk.means, desk._session, 10) == 2

    old, new = desk.read(select(VersionRow).order_by(VersionRow.number))  # type: ignore[arg-type]
    assert ("cyclists" in old.text, "cyclists" in new.text) == (False, True)


async def test_what_died_while_it_fetched_parts_is_joined_at_the_start(
    desk: Desk, site: Site
) -> None:
    publish(site)
    await desk.enter(site.url(place(1)))
    desk.use(pool=DyingAtPart())
    with pytest.raises(asyncio.CancelledError):
        await attend(desk, site)
    desk.use(pool=InlinePool())

    await read_unread(desk.means, desk._session, 10)

    assert "On day 2 " in standing(desk).text
    assert "partial: page 3: not kept" in standing(desk).marks
    assert [row.state for row in desk.read(select(LinkRow))].count("archived") == 1


class DyingAtPart(InlinePool):
    async def extract(self, source):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        if source.url.endswith("/2/"):
            raise asyncio.CancelledError
        return await super().extract(source)


async def forget(desk: Desk, url: str) -> None:
    """Make the captures of a link unread, as if its reader had died."""

    def unread(tx) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        for row in tx.session.exec(select(CaptureRow).where(CaptureRow.url == url)):
            row.extracted_at = None

    await desk.means.writer.run(unread)
