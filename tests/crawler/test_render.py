from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
import yaml

from crawler.render import as_html, as_markdown, as_text, stated
from storage.model.article import Article, Block, BlockKind, Entry
from storage.model.moment import Moment, Precision

AT = datetime(2026, 3, 1, 8, 30, 5, tzinfo=timezone(timedelta(hours=7)))


def moment(precision: Precision, *, zone: bool) -> Moment:
    return Moment(at=AT, precision=precision, zone_stated=zone)


def article(*blocks: Block, title: str = "Mill: open") -> Article:
    return Article(
        url="https://courier.example/mill?a=1&b=2",
        title=title,
        blocks=blocks,
        site="Courier",
        authors=("Ada Weir", "Ben Lock"),
        published=moment(Precision.MINUTE, zone=True),
        language="en",
    )


BLOCKS = (
    Block(kind=BlockKind.PARAGRAPH, text="One *star* & <b>\n# two"),
    Block(kind=BlockKind.HEADING, text="Wheel", level=3),
    Block(kind=BlockKind.LIST_ITEM, text="flour", level=1),
    Block(kind=BlockKind.LIST_ITEM, text="bran", level=2),
    Block(kind=BlockKind.QUOTE, text="It turns.\nIt does."),
    Block(kind=BlockKind.PREFORMATTED, text="a ``` b"),
)


def test_text_is_title_byline_and_blocks() -> None:
    assert as_text(article(*BLOCKS)).split("\n\n") == [
        "Mill: open",
        "Ada Weir, Ben Lock | 2026-03-01 08:30+07:00 | Courier | en",
        "One *star* & <b>\n# two",
        "Wheel",
        "- flour",
        "  - bran",
        "> It turns.\n> It does.",
        "a ``` b",
    ]


def live() -> Article:
    entries = (
        Entry(start=1, end=2, at=moment(Precision.MINUTE, zone=True)),
        Entry(start=2, end=4, authors=("Ada Weir",)),
        Entry(start=4, end=5),
    )
    return replace(article(*BLOCKS), entries=entries)


def test_an_entry_of_a_live_blog_begins_with_its_time_and_authors() -> None:
    lines = as_text(live()).split("\n\n")

    assert lines[3:5] == ["2026-03-01 08:30+07:00", "Wheel"]
    assert lines[5:7] == ["Ada Weir", "- flour"]
    assert "*2026-03-01 08:30+07:00*\n\n### Wheel" in as_markdown(live(), {})


def test_html_ends_a_list_where_an_entry_begins() -> None:
    entries = (Entry(start=3, end=4, authors=("Ada Weir",)),)

    page = as_html(replace(article(*BLOCKS), entries=entries))

    assert (
        "<ul>\n<li>flour</li>\n</ul>\n<p><small>Ada Weir</small></p>\n<ul>\n<li>bran</li>"
        in page
    )


def test_front_matter_is_yaml_of_the_fields_that_have_a_value() -> None:
    matter = as_markdown(article(), {"verdict": "article", "status": None})

    _, fields, body = matter.split("---\n")
    assert yaml.safe_load(fields) == {
        "title": "Mill: open",
        "url": "https://courier.example/mill?a=1&b=2",
        "site": "Courier",
        "authors": ["Ada Weir", "Ben Lock"],
        "published": "2026-03-01T08:30+07:00",
        "language": "en",
        "verdict": "article",
    }
    assert body.strip() == "# Mill: open"


def test_a_title_cannot_break_out_of_the_front_matter() -> None:
    matter = as_markdown(article(title='a"\n---\nurl: evil'), {})

    fields = matter.split("\n---\n")[0].removeprefix("---\n")
    assert yaml.safe_load(fields)["title"] == 'a"\n---\nurl: evil'


def test_markdown_of_blocks_means_what_the_text_says() -> None:
    body = as_markdown(article(*BLOCKS), {}).split("# Mill: open\n\n")[1]

    assert body.split("\n\n") == [
        "One \\*star\\* & \\<b>\n\\# two",
        "### Wheel",
        "- flour",
        "  - bran",
        "> It turns.\n> It does.",
        "````\na ``` b\n````",
    ]


def test_html_holds_no_markup_of_the_site() -> None:
    page = as_html(article(*BLOCKS, title="<script>alert(1)</script>"))

    assert "<script" not in page
    assert "One *star* &amp; &lt;b&gt;" in page
    assert 'href="https://courier.example/mill?a=1&amp;b=2"' in page


def test_html_puts_a_run_of_items_into_one_list() -> None:
    last = Block(kind=BlockKind.LIST_ITEM, text="husk", level=1)

    lines = as_html(article(*BLOCKS, last)).splitlines()

    assert [line for line in lines if line.startswith(("<ul", "</ul", "<li"))] == [
        *("<ul>", "<li>flour</li>", "<li>bran</li>", "</ul>"),
        *("<ul>", "<li>husk</li>", "</ul>"),
    ]


def test_html_links_to_web_addresses_only() -> None:
    page = as_html(Article(url="javascript:alert(1)", title="a", blocks=()))

    assert "href" not in page


@pytest.mark.parametrize(
    ("precision", "zone", "text"),
    [
        (Precision.DAY, False, "2026-03-01"),
        (Precision.MINUTE, True, "2026-03-01T08:30+07:00"),
        (Precision.SECOND, True, "2026-03-01T08:30:05+07:00"),
        (Precision.SECOND, False, "2026-03-01T08:30:05"),
    ],
)
def test_a_time_is_written_as_exactly_as_it_was_stated(
    precision: Precision, zone: bool, text: str
) -> None:
    assert stated(moment(precision, zone=zone)) == text


def test_no_time_is_written_as_none() -> None:
    assert stated(None) is None
