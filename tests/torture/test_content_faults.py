"""What pages get wrong, one fault each, and what must come of it."""

import random
from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.source import PageSource
from storage.model.extraction import Extraction
from storage.model.verdict import VerdictKind
from tests.torture.hostile.markup import GENERATORS, TRUTH

_CAPTURED_AT = datetime(2026, 3, 4, 12, tzinfo=UTC)
_PROSE = f"<p>{TRUTH} Then he casts off and rings the bell of the old quay.</p>" * 5
_PAYLOADS = (
    "{{7*7}} ${jndi:ldap://x} %s%n in a headline",
    "=cmd|' /C calc'!A0 in a headline",
    "../../etc/passwd in a headline",
    "2026 ERROR forged line in a headline",
)


def _read(html: str | bytes) -> Extraction:
    page = html if isinstance(html, bytes) else html.encode("utf-8", "surrogatepass")
    return extract(PageSource("https://lamp.example/fog-4711", page, _CAPTURED_AT))


def _article(head: str = "", title: str = "The ferryman counts") -> str:
    return (
        f"<html lang=en><head><meta charset=utf-8><title>{title}</title>{head}</head>"
        f"<body><article><h1>{title}</h1>{_PROSE}</article></body></html>"
    )


@pytest.mark.parametrize(
    "stated",
    ["2099-01-01", "0000-00-00", "32.13.2024", "1871-05-05", "2026-03-09T10:00:00Z"],
)
def test_an_impossible_date_is_no_date(stated: str) -> None:
    head = f'<meta property="article:published_time" content="{stated}">'

    article = _read(_article(head)).article

    assert article is not None
    assert article.published is None


def test_a_clock_two_minutes_fast_is_believed() -> None:
    head = '<meta property="article:published_time" content="2026-03-04T12:02:00Z">'

    article = _read(_article(head)).article

    assert article is not None
    assert article.published is not None


@pytest.mark.parametrize("title", _PAYLOADS)
def test_a_headline_that_looks_like_code_is_a_headline(title: str) -> None:
    article = _read(_article(title=title)).article

    assert article is not None
    assert article.title == title


@pytest.mark.parametrize(
    "name", ["nested_div", "nested_svg", "attributes", "attributes_by_slashes"]
)
def test_markup_unfit_to_parse_is_told_and_its_text_read(name: str) -> None:
    extraction = _read(GENERATORS[name](50_000, random.Random(1)))

    assert any(why.startswith("not parsed") for why in extraction.verdict.evidence)
    assert extraction.article is not None
    assert TRUTH in extraction.article.text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("chinese_named_otherwise", "船夫在雾来之前数他的乘客"),
        ("utf16_without_mark", TRUTH),
    ],
)
def test_a_charset_that_is_misnamed_is_found(name: str, text: str) -> None:
    extraction = _read(GENERATORS[name](4_000, random.Random(1)))

    assert extraction.article is not None
    assert text in extraction.article.text


def test_a_charset_that_does_not_fit_the_bytes_is_not_believed() -> None:
    page = _article().replace(TRUTH, f"{TRUTH} Grüße aus Łódź.")

    article = _read(page.replace("charset=utf-8", "charset=shift_jis")).article

    assert article is not None
    assert "Grüße aus Łódź." in article.text


@pytest.mark.parametrize(
    "start", [b"%PDF-1.7", b"\x89PNG\r\n", b"PK\x03\x04", b"GIF89a"]
)
def test_what_is_no_page_is_an_error(start: bytes) -> None:
    extraction = _read(start + bytes(range(256)) + _article().encode())

    assert extraction.verdict.kind is VerdictKind.ERROR
    assert extraction.article is None


def test_files_named_in_a_page_are_not_opened() -> None:
    page = GENERATORS["doctypes_and_instructions"](4_000, random.Random(1))

    article = _read(page).article

    assert article is None or "root:" not in article.text


@pytest.mark.parametrize(
    "content", ["1e400", "NaN", "[[[[", '{"@type": 7}', '{"headline": {"a": 1}}', ""]
)
def test_structured_data_that_makes_no_sense_is_ignored(content: str) -> None:
    head = f'<script type="application/ld+json">{content}</script>'

    article = _read(_article(head)).article

    assert article is not None
    assert article.title == "The ferryman counts"
    assert TRUTH in article.text


def test_marks_upon_marks_and_turned_text_stay_one_line() -> None:
    page = _article().replace("rings", "r" + "\u0301" * 5_000 + "ings\u202e")

    article = _read(page).article

    assert article is not None
    assert "casts off" in article.text
