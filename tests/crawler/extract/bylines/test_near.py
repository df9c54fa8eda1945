"""Bylines are read from the lines around a story: with a label, a link, or a date beside them."""

from datetime import UTC, datetime

import pytest

from crawler.extract.bylines.korean import read_head
from crawler.extract.bylines.near import visible_bylines
from crawler.extract.layout.walk import lay_out
from crawler.extract.measure import fold
from crawler.extract.page import read_page
from crawler.extract.source import PageSource

_PROSE = (
    "The harbour opened again on Monday after three weeks of repairs, the port said."
)
_TITLE = "Harbour opens again"


_TEXT = f"<p>{_PROSE}</p><p>{_PROSE} Again.</p>"


def _read(
    head: str, foot: str = "", title: str = _TITLE, text: str = _TEXT
) -> list[tuple[str, str]]:
    markup = (
        f"<body><main><h1>{title}</h1>{head}<div class=text>{text}</div>{foot}</main>"
    )
    page = read_page(
        PageSource(
            "https://paper.example/a", markup.encode(), datetime(2026, 3, 3, tzinfo=UTC)
        )
    )
    assert page.tree is not None
    assert page.tree.body is not None
    layout = lay_out(page.tree.body, {})
    body = [n for n, block in enumerate(layout.blocks) if block.text.startswith(_PROSE)]
    found = visible_bylines(layout, body, {fold(title)})
    return [(claim.origin, claim.value) for claim in found]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (
            (
                "<div><span>Автор: <a href=/a>Оксана Лисенко</a></span><span>журналістка</span>"
                "<span>Опубліковано: 23 листопада 2026</span></div>"
            ),
            "Оксана Лисенко",
        ),
        (
            "<div><span>Piše: Ivana Matošević</span><span>novinarka</span></div>",
            "Ivana Matošević",
        ),
        (
            "<div><span>লেখা: মাহমুদা খাতুন</span><span>নিজস্ব প্রতিবেদক</span></div>",
            "মাহমুদা খাতুন",
        ),
    ],
    ids=["uk", "hr", "bn"],
)
def test_a_name_ends_where_its_element_does(head: str, name: str) -> None:
    assert ("text:byline", name) in _read(head)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<p>By Ida Quist</p>", ("text:byline", "Ida Quist")),
        ("<p>Written by</p><p>Ida Quist</p>", ("text:byline", "Ida Quist")),
        ("<p><a href=/people/ida>Ida Quist</a></p>", ("text:link", "Ida Quist")),
        ("<p>Ida Quist</p><p>May 3, 2024</p>", ("text:name", "Ida Quist")),
        (
            "<p>Ida Quist, Tom Reeve</p><p>May 3, 2024</p>",
            ("text:name", "Ida Quist, Tom Reeve"),
        ),
        ("<p><a href=/tac-gia/ida>Ida Quist</a></p>", ("text:link", "Ida Quist")),
        ("<p>Ida Quist</p><p>Harbour editor</p>", ("text:name", "Ida Quist")),
        ("<p>03.05.2024 - Ida Quist</p>", ("text:name", "Ida Quist")),
        ("<div class=teaser>By Ida Quist</div>", ("text:byline", "Ida Quist")),
    ],
    ids=[
        "label",
        "label above",
        "link",
        "date",
        "several",
        "link in Vietnamese",
        "rank",
        "date in line",
        "teaser",
    ],
)
def test_under_the_headline(head: str, expected: tuple[str, str]) -> None:
    assert expected in _read(head)


@pytest.mark.parametrize(
    "head",
    [
        "<p>Ida Quist</p>",
        "<p>Posted On</p><p>May 3, 2024</p>",
        "<p><a href=/people/ida>Reviewed by Ida Quist</a></p>",
        "<nav><p>By Ida Quist</p></nav>",
        "",
    ],
    ids=["bare", "no name", "reviewer", "navigation", "nothing"],
)
def test_no_byline_there(head: str) -> None:
    assert _read(head) == []


def test_below_the_text() -> None:
    assert _read("", "<p>By Ida Quist</p>") == [("text:end", "Ida Quist")]


@pytest.mark.parametrize(
    ("before", "after"),
    [("<p>IDA QUIST</p>", ""), ("", "<p>Ida Quist</p>")],
    ids=["before", "behind"],
)
def test_names_alone_begin_or_end_a_text(before: str, after: str) -> None:
    long = f"<p>{_PROSE} {_PROSE}</p>"

    found = _read("", text=f"<p>Port open.</p>{before}{long}{after}")

    assert [(origin, value.title()) for origin, value in found] == [
        ("text:lone", "Ida Quist")
    ]


@pytest.mark.parametrize(
    "end",
    [
        "<p>Harbour Repairs</p>",
        "<h2>Ida Quist</h2>",
        "<p>Ida Quist!</p>",
        "<div><p>Ida Quist</p></div>",
        "<p><a href=/more>Ida Quist</a></p>",
    ],
    ids=["of the story", "heading", "said", "elsewhere", "linked"],
)
def test_no_names_alone(end: str) -> None:
    assert _read("", text=f"<p>{_PROSE} {_PROSE}</p>{end}") == []


def test_comments_below_are_not_read() -> None:
    assert _read("", "<div id=comments><p>By Ida Quist</p></div>") == []


def test_a_name_in_ideographs_right_under_the_headline() -> None:
    assert ("text:name", "王小明") in _read("<p>王小明</p>", title="港口今天重新开放了")


def test_a_name_in_brackets_closes_a_text() -> None:
    assert _read("", "<p>港口重新开放。（王明）</p>")[-1] == ("text:end", "王明")


@pytest.mark.parametrize(
    "head",
    [
        "[서울=한빛뉴스 이도현 기자]",
        "(서울=한빛뉴스) 이도현 기자 =",
        "[한빛뉴스 이도현 기자]",
    ],
)
def test_brackets_open_a_text_with_a_byline(head: str) -> None:
    assert read_head(f"{head} 국회는 5일 본회의를 열었다.") == "이도현"


def test_a_page_without_story_has_no_byline() -> None:
    page = read_page(
        PageSource(
            "https://paper.example/",
            b"<p>By Ida Quist",
            datetime(2026, 3, 3, tzinfo=UTC),
        )
    )
    assert page.tree is not None
    assert page.tree.body is not None

    assert visible_bylines(lay_out(page.tree.body, {}), [], ()) == []


def test_a_name_signs_a_story_of_short_paragraphs() -> None:
    lines = [f"{_PROSE} Pier {n} has lamps." for n in range(3)]
    text = "".join(f"<p>{line}</p>" for line in lines)

    found = _read("", text=f"{text}<p style=text-align:right><em>Ida Quist</em></p>")

    assert all(len(line) < 150 for line in lines)
    assert ("text:lone", "Ida Quist") in found
