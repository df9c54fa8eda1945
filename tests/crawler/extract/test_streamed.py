"""A page that was sent in parts is read as its readers see it."""

from datetime import UTC, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.extract.article import extract
from crawler.extract.source import PageSource
from crawler.extract.streamed import put_in_place

_LEAD = "Gempa berkekuatan 5,6 mengguncang kota pada Selasa pagi. Warga berlarian ke luar rumah."
_NEXT = "Badan meteorologi mencatat dua gempa susulan dan meminta warga menjauhi bangunan retak."
_LAST = "Wali kota mengatakan sekolah diliburkan dua hari sampai semua gedung selesai diperiksa."
_FOOT = "Kontak redaksi dan pedoman media siber"
_PAGE = (
    '<!doctype html><html lang="id"><head><meta charset="utf-8"><title>Gempa Guncang Kota</title>'
    "</head><body><article><h1>Gempa Guncang Kota</h1>"
    '<!--$?--><template id="B:0"></template><p>Memuat paragraf berita, harap tunggu sebentar.</p>'
    f"<!--$--><p>Memuat</p><!--/$--><!--/$--><p>{_LAST}</p></article><footer>{_FOOT}</footer>"
    f'<script>$RT=1</script><div hidden id="S:0"><p>{_LEAD}</p><template id="P:1"></template></div>'
    f'<script>$RC("B:0","S:0")</script><div hidden id="S:1"><p>{_NEXT}</p></div>'
    '<script>$RS("S:1","P:1")</script></body></html>'
)


def _placed(body: str) -> str | None:
    markup = f"<html><head></head><body>{body}</body></html>"
    placed = put_in_place(markup, LexborHTMLParser(markup))
    if placed is None:
        return None
    return placed.partition("<body>")[2].partition("</body>")[0]


def test_parts_that_came_later_stand_in_the_story() -> None:
    at = datetime(2026, 3, 4, tzinfo=UTC)

    found = extract(PageSource("https://lamp.example/gempa", _PAGE.encode(), at))

    assert found.article is not None
    assert found.article.text == f"{_LEAD}\n\n{_NEXT}\n\n{_LAST}"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        (
            '<template id="B:0"></template><i>…</i><div hidden id="S:0"><b>1</b></div>',
            "<b>1</b><i>…</i>",
        ),
        (
            '<!--$?--><template id="B:a"></template><i>…</i><!--/$--><div hidden id="S:a">1</div>',
            "1<!--/$-->",
        ),
        (
            '<template id="B:0"></template><div hidden id="S:0">1<template id="P:0"></template></div>',
            '1<template id="P:0"></template>',
        ),
        (
            '<template id="B:0"></template><div hidden id="S:0">1</div><div hidden id="S:9">2</div>',
            '1<div hidden="" id="S:9">2</div>',
        ),
    ],
    ids=["its end is not said", "until it came", "within itself", "without a place"],
)
def test_a_part_is_put_where_it_is_awaited(sent: str, shown: str) -> None:
    assert _placed(sent) == shown


@pytest.mark.parametrize(
    "sent",
    [
        "<p>1</p>",
        '<div hidden id="S:0">1</div>',
        '<template id="B:0"></template>',
        '<template id="B:0"></template><div id="S:0">1</div>',
        '<template id="B:0"></template><p><div hidden id="S:0">1</div><div hidden id="S:0">2</div>',
    ],
    ids=["plain", "nowhere awaited", "never came", "shown", "twice"],
)
def test_other_pages_are_left_as_they_are(sent: str) -> None:
    assert _placed(sent) is None
