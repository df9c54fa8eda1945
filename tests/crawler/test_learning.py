"""A visit learns its site's template, and cleans what was read without it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from crawler.config.tree import Source
from crawler.errors import ExtractFailed
from crawler.extract.article import extract
from crawler.extract.source import PageSource
from crawler.learning import ReadPage, learn_from
from crawler.means import Watch
from crawler.urls import host_key
from crawler.visits.visit import visit
from storage.documents import read_document
from storage.errors import VisitLost
from storage.model.article import Article
from storage.model.change import Change
from storage.model.extraction import Extraction
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    LinkRow,
    TemplateBlockRow,
    TemplatePageRow,
    TemplateRow,
    VersionRow,
)
from tests.crawler.desk import Desk, Site, open_desk, scripted_site

pytestmark = pytest.mark.anyio

CLUB = "Members of the reading club of this paper meet in the old mill every Thursday."
OFFER = "Try the paper for a month and pay only when you like what you have read in it."
SUBJECTS = ("mill", "ferry", "school", "market", "bridge", "theatre", "museum")


def page(subject: str, *, tail: str = CLUB, change: str = "") -> bytes:
    story = (
        f"The {subject} of the harbour town opens again in spring, its keeper said.",
        f"Repairs of the {subject} took all winter, and {change or 'cost'} more than thought.",
        f"Children of the town drew the {subject} for a show in the town hall on Sunday.",
        f"Whoever wants to help at the {subject} may write to the council until Easter.",
    )
    body = "".join(f"<p>{text}</p>" for text in story)
    return (
        f"<html lang=en><head><title>The {subject} opens again</title></head><body>"
        f"<article><h1>The {subject} opens again</h1>{body}<p>{tail}</p></article>"
        "</body></html>"
    ).encode()


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        yield desk


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with scripted_site() as site:
        yield site


async def crawl(desk: Desk, site: Site, pages: Mapping[str, bytes]) -> list[str]:
    """Serve and visit pages by subject; return what came of each."""
    for subject, body in pages.items():
        site.answers[f"/{subject}"] = [body]
        await desk.enter(site.url(f"/{subject}"))
    return await attend(desk, site)


async def attend(desk: Desk, site: Site) -> list[str]:
    await desk.rested(site.url("/"))
    done = await visit(host_key(site.url("/")), desk.means, budget=20)
    return [str(one.reading.change) for one in done if one.reading]


def at(desk: Desk, later: timedelta) -> None:
    now = desk.means.now
    desk.use(now=lambda: now() + later)


def versions(desk: Desk, subject: str) -> list[Article]:
    rows = desk.read(
        select(VersionRow)
        .join(ArticleRow)
        .where(ArticleRow.title == f"The {subject} opens again")
        .order_by(VersionRow.number)  # type: ignore[arg-type]
    )
    return [read_document(row.document) for row in rows]


def text_of(desk: Desk, subject: str) -> str:
    (only,) = versions(desk, subject)
    return only.text


async def test_a_first_visit_cleans_its_pages_by_each_other(
    desk: Desk, site: Site
) -> None:
    await crawl(desk, site, {s: page(s) for s in SUBJECTS[:5]})

    texts = [text_of(desk, subject) for subject in SUBJECTS[:5]]
    assert all(CLUB not in text for text in texts)
    assert all(text.endswith("until Easter.") for text in texts)


async def test_what_left_is_shown_with_class_rule_and_place(
    desk: Desk, site: Site
) -> None:
    await crawl(desk, site, {s: page(s) for s in SUBJECTS[:5]})

    (mill,) = versions(desk, "mill")
    (line,) = [line for line in mill.removed if line.text == CLUB]
    assert (line.boilerplate, line.rule, line.index) == ("template", "repeated:4/4", 5)


async def test_cleaning_again_finds_the_article_by_its_clean_words(
    desk: Desk, site: Site
) -> None:
    await crawl(desk, site, {s: page(s) for s in SUBJECTS[:5]})

    rows = desk.read(select(VersionRow))
    assert {row.change for row in rows} == {"first"}
    assert len({row.story_sha256 for row in rows}) == 5


async def test_later_pages_are_clean_at_once(desk: Desk, site: Site) -> None:
    await crawl(desk, site, {s: page(s) for s in SUBJECTS[:5]})

    await crawl(desk, site, {"theatre": page("theatre")})

    assert CLUB not in text_of(desk, "theatre")


async def test_a_few_pages_alone_keep_what_may_be_theirs(
    desk: Desk, site: Site
) -> None:
    await crawl(desk, site, {"mill": page("mill"), "ferry": page("ferry", tail=OFFER)})

    assert CLUB in text_of(desk, "mill")
    assert OFFER in text_of(desk, "ferry")


async def test_no_new_version_is_made_where_only_boilerplate_left(
    desk: Desk, site: Site
) -> None:
    await crawl(desk, site, {s: page(s) for s in SUBJECTS[:5]})
    at(desk, timedelta(days=1))
    await crawl(desk, site, {"theatre": page("theatre", tail=OFFER)})
    assert OFFER in text_of(desk, "theatre")
    for subject in ("arch", "inn", "ford", "weir"):
        at(desk, timedelta(days=1))
        await crawl(desk, site, {subject: page(subject, tail=OFFER)})
    changes = desk.read(select(VersionRow.change))

    assert OFFER not in text_of(desk, "theatre")
    assert set(changes) == {"first"}


async def test_an_edit_is_a_version_also_where_boilerplate_left(
    desk: Desk, site: Site
) -> None:
    await crawl(desk, site, {"mill": page("mill")})
    at(desk, timedelta(days=1))
    others = {s: page(s) for s in SUBJECTS[1:]}
    edited = page("mill", change="saved")

    await crawl(desk, site, {"mill": edited, **others})

    first, second = versions(desk, "mill")
    assert "and cost more" in first.text
    assert "and saved more" in second.text
    assert CLUB not in second.text


async def test_what_is_learned_is_kept_in_the_archive(desk: Desk, site: Site) -> None:
    await crawl(desk, site, {s: page(s) for s in SUBJECTS[:5]})

    (template,) = desk.read(select(TemplateRow))
    samples = desk.read(select(TemplateBlockRow.sample).where(TemplateBlockRow.df == 5))
    assert (template.site, template.pages) == (host_key(site.url("/")), 5)
    assert CLUB in samples


async def test_a_page_that_is_no_article_teaches_nothing(
    desk: Desk, site: Site
) -> None:
    links = "".join(f"<li><a href=/{s}>All about the {s}</a></li>" for s in SUBJECTS)
    hub = f"<html><body><h1>Town</h1><ul>{links * 4}</ul></body></html>".encode()

    await crawl(desk, site, {"mill": page("mill"), "list": hub})

    (counted,) = desk.read(select(TemplatePageRow))
    assert counted.link_id == desk.link(site.url("/mill")).id


async def test_a_duplicate_of_an_archived_article_is_not_counted(
    desk: Desk, site: Site
) -> None:
    canonical = f"<link rel=canonical href='{site.url('/mill')}'></head>".encode()
    copy = page("mill").replace(b"</head>", canonical)

    await crawl(desk, site, {"mill": copy, "print": copy})

    assert len(desk.read(select(TemplatePageRow))) == 1


async def test_sources_of_one_host_in_two_languages_learn_apart(
    desk: Desk, site: Site
) -> None:
    source = Source(name="town", home=site.url("/"), language="en")
    plan = desk.plan(language="en")
    desk.use(watches={1: Watch(id=1, source=source, plan=plan)})
    await crawl(desk, site, {"mill": page("mill")})
    desk.use(stray=plan)

    await crawl(desk, site, {"ferry": page("ferry")})

    rows = desk.read(select(TemplateRow.language))
    assert sorted(rows) == ["", "en"]


async def test_a_lost_visit_learns_nothing(desk: Desk, site: Site) -> None:
    await desk.enter(site.url("/mill"))
    site.answers["/mill"] = [page("mill")]
    await desk.rested(site.url("/"))
    done = await visit(host_key(site.url("/")), desk.means, budget=20)
    before = desk.read(select(TemplateRow.learned_at))

    def lost(_session: object) -> None:
        raise VisitLost(host_key(site.url("/")), 1)

    read = [
        ReadPage(link=one.link, url=one.link.url, reading=one.reading)
        for one in done
        if one.reading
    ]

    with pytest.raises(VisitLost):
        await learn_from(desk.means, read, lost)

    assert desk.read(select(TemplateRow.learned_at)) == before


async def test_a_damaged_capture_is_not_cleaned_and_stops_nobody(
    desk: Desk, site: Site
) -> None:
    await crawl(desk, site, {s: page(s) for s in SUBJECTS[:3]})
    (row,) = desk.read(
        select(CaptureRow)
        .join(LinkRow, col(LinkRow.id) == CaptureRow.link_id)
        .where(LinkRow.url == site.url("/mill"))
    )
    (segment,) = desk.folder.warc.rglob(f"{row.segment}*")
    content = bytearray(segment.read_bytes())
    content[row.offset + row.length // 2] ^= 0xFF
    segment.write_bytes(content)

    await crawl(desk, site, {s: page(s) for s in SUBJECTS[3:]})

    assert CLUB in text_of(desk, "mill")
    assert CLUB not in text_of(desk, "ferry")


class _Frail:
    """A pool whose children die when a page is read with something known."""

    async def extract(self, source: PageSource) -> Extraction:
        if source.known is not None and source.known.blocks:
            raise ExtractFailed("the child died")
        return await asyncio.to_thread(extract, source)


async def test_a_child_that_dies_while_cleaning_costs_nothing(
    desk: Desk, site: Site
) -> None:
    desk.use(pool=_Frail())

    changes = await crawl(desk, site, {s: page(s) for s in SUBJECTS[:5]})

    assert changes == [str(Change.FIRST)] * 5
    assert CLUB in text_of(desk, "mill")


# ---- titles and dates -----------------------------------------------------------


def titled(subject: str, mark: str) -> bytes:
    """Return a page that shows its headline nowhere but in its `<title>`."""
    headline = f"The {subject} opens again"
    plain = page(subject).replace(f"<h1>{headline}</h1>".encode(), b"")
    return plain.replace(b"</title>", f"{mark}</title>".encode())


async def test_what_ends_a_sites_titles_is_learned_and_cut(
    desk: Desk, site: Site
) -> None:
    mark = " | Harbour Gazette of the North"
    pages = {s: titled(s, mark) for s in SUBJECTS}

    await crawl(desk, site, pages)

    (suffixes,) = desk.read(select(TemplateRow.title_suffixes))
    titles = desk.read(select(ArticleRow.title))
    assert suffixes == [mark]
    assert sorted(titles) == sorted(f"The {s} opens again" for s in SUBJECTS)
    assert set(desk.read(select(VersionRow.change))) == {"first"}


async def test_the_order_of_day_and_month_is_learned(desk: Desk, site: Site) -> None:
    def dated(subject: str, day: int) -> bytes:
        meta = f"<meta name=date content='{day}/04/2026'></head>".encode()
        return page(subject).replace(b"</head>", meta)

    await crawl(desk, site, {s: dated(s, 10 + n) for n, s in enumerate(SUBJECTS[:5])})

    (day_first,) = desk.read(select(TemplateRow.day_first))
    known = await desk.means.knowledge.of(
        site.url("/"), None, desk.means.writer, desk.means.now()
    )
    assert day_first is True
    assert known.host.day_first is True
