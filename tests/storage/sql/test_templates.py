"""Templates of sites, kept in a real archive."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from storage.sql.tables import (
    CaptureRow,
    SegmentRow,
    TemplateBlockRow,
    TemplatePageRow,
    TemplateRow,
)
from storage.sql.templates import blocks_of, learn_pages, read_template
from storage.templates import RING, CountedPage, Template
from tests.storage.material import NOON

Add = Callable[..., int]
SITE = "news.example"
LINKED = 9


@pytest.fixture
def counted(session: Session, add_link: Add) -> Callable[..., CountedPage]:
    session.add(SegmentRow(name="a.warc.gz", opened_at=NOON))
    session.flush()

    def add(name: str, *, kept: tuple[int, ...] = ()) -> CountedPage:
        link = add_link(name)
        row = CaptureRow(
            link_id=link,
            url=f"https://news.example/{name}",
            fetched_at=NOON,
            elapsed_ms=5,
            segment="a.warc.gz",
            offset=0,
            length=9,
            request_offset=9,
            request_length=9,
            record_sha256="0",
            payload_sha256="0",
            status=200,
        )
        session.add(row)
        session.flush()
        text = frozenset({link * 100, link * 100 + 2, -(2**63) + link, *kept})
        return CountedPage(
            link=link,
            capture=row.id or 0,
            seen_at=NOON,
            keys=text | {2, 4, LINKED},
            kept=text,
        )

    return add


def learned(session: Session, *pages: CountedPage, site: str = SITE) -> Template:
    template, _ = learn_pages(
        session, site, "", pages=pages, samples={2: "Read more", 4: "Home"}, now=NOON
    )
    return template


def test_an_unknown_site_has_taught_nothing(session: Session) -> None:
    assert read_template(session, SITE, "") == Template()
    assert blocks_of(session, SITE, "", 10) == []


def test_what_is_learned_is_read_again(
    session: Session, counted: Callable[..., CountedPage]
) -> None:
    template = learned(session, counted("a"), counted("b"))

    assert read_template(session, SITE, "") == template
    assert template.blocks[2].df == 2
    assert len(template.pages) == 2


def test_later_pages_are_added_to_what_is_known(
    session: Session, counted: Callable[..., CountedPage]
) -> None:
    first, second, third = counted("a"), counted("b"), counted("c")
    learned(session, first, second)

    template = learned(session, third)

    assert template.blocks[2].df == 3
    assert template.pages[-1].others == 2
    assert template.pages[-1].neighbours == 2
    assert read_template(session, SITE, "") == template


def test_sites_and_languages_are_counted_apart(
    session: Session, counted: Callable[..., CountedPage]
) -> None:
    page = counted("a")
    learned(session, page)
    learn_pages(session, SITE, "id", pages=[page], samples={}, now=NOON)
    learned(session, page, site="other.example")

    rows = session.exec(select(TemplateRow)).all()

    assert [(row.site, row.language, row.pages) for row in rows] == [
        (SITE, "", 1),
        (SITE, "id", 1),
        ("other.example", "", 1),
    ]


def test_blocks_are_listed_for_people_with_their_words(
    session: Session, counted: Callable[..., CountedPage]
) -> None:
    learned(session, counted("a"), counted("b"))

    listed = blocks_of(session, SITE, "", 10)

    assert {(row.sample, row.df) for row in listed} == {
        ("Read more", 2),
        ("Home", 2),
        ("", 2),
    }
    assert [row.key for row in listed if row.linked] == [LINKED]


def test_blocks_of_one_page_alone_are_not_kept_beside_it(
    session: Session, counted: Callable[..., CountedPage]
) -> None:
    template = learned(session, counted("a"), counted("b"))

    rows = session.exec(select(TemplateBlockRow)).all()

    assert {row.key for row in rows} == {2, 4, LINKED}
    assert len(template.blocks) == 9


def test_a_block_that_one_page_shows_again_is_kept_with_both_times(
    session: Session, counted: Callable[..., CountedPage]
) -> None:
    page, later = counted("a"), NOON + timedelta(hours=1)
    learned(session, page)

    template = learned(session, replace(page, seen_at=later))

    seen = template.blocks[2]
    assert (seen.df, seen.first_seen, seen.last_seen) == (1, NOON, later)
    assert read_template(session, SITE, "") == template


def test_pages_keep_their_order_when_one_is_read_again(
    session: Session, counted: Callable[..., CountedPage]
) -> None:
    first, second, third = counted("a"), counted("b"), counted("c")
    learned(session, first, second)

    template = learned(session, replace(first, title="Changed"), third)

    assert [page.link for page in template.pages] == [
        first.link,
        second.link,
        third.link,
    ]
    assert read_template(session, SITE, "") == template


def test_a_page_that_has_left_the_ring_is_kept_no_more(
    session: Session, counted: Callable[..., CountedPage]
) -> None:
    pages = [counted(f"page-{number}") for number in range(RING + 2)]
    learned(session, *pages[:RING])

    template = learned(session, *pages[RING:])

    assert [page.link for page in template.pages] == [p.link for p in pages[2:]]
    assert read_template(session, SITE, "") == template


def test_a_page_is_named_once_for_cleaning(
    session: Session, counted: Callable[..., CountedPage]
) -> None:
    pages = [counted(name, kept=(50,)) for name in "abcd"]

    _, first = learn_pages(session, SITE, "", pages=pages, samples={}, now=NOON)
    _, second = learn_pages(
        session, SITE, "", pages=[counted("e", kept=(50,))], samples={}, now=NOON
    )

    assert [page.link for page in first] == [page.link for page in pages]
    assert second == []


def test_learning_nothing_new_writes_no_pages(
    session: Session, counted: Callable[..., CountedPage]
) -> None:
    page = counted("a")
    learned(session, page)
    copy = replace(page, link=page.link + 1, seen_at=NOON + timedelta(hours=1))

    learned(session, copy)

    (row,) = session.exec(select(TemplatePageRow)).all()
    assert row.link_id == page.link
