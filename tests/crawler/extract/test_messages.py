"""What PHP prints into a page is none of its story, and is said in the evidence."""

from datetime import UTC, datetime

import pytest

from crawler.extract.article import extract
from crawler.extract.messages import without_messages
from crawler.extract.source import PageSource
from storage.model.extraction import Extraction
from storage.model.verdict import VerdictKind

_WARNING = (
    "<br />\n<b>Warning</b>:  Undefined variable $judul in <b>/home/kabar/public_html/"
    "wp-content/themes/laut/single.php</b> on line <b>44</b><br />\n"
)
_LINKED = (
    "<br />\n<b>Warning</b>:  include(): Failed opening 'x' [<a href='function.include'>"
    "function.include</a>]: for inclusion in <b>/srv/x.php</b> on line <b>3</b><br />\n"
)
_FATAL = (
    "<br />\n<b>Fatal error</b>:  Uncaught mysqli_sql_exception: Too many connections in "
    "/srv/inc/db.php:12\nStack trace:\n#0 /srv/inc/db.php(12): mysqli_connect()\n#1 {main}\n"
    "  thrown in <b>/srv/inc/db.php</b> on line <b>12</b><br />"
)
_TEXT = (
    "Gempa berkekuatan 5,6 mengguncang kota pada Selasa pagi. Warga berlarian ke luar rumah.",
    "Badan meteorologi mencatat dua gempa susulan dan meminta warga menjauhi bangunan retak.",
)
_PAGE = (
    "<!doctype html><html lang=id><head><meta charset=utf-8><title>Gempa Guncang Kota - Kabar"
    "</title><meta property=og:site_name content=Kabar></head><body><article><h1>Gempa Guncang "
    f"Kota</h1>%s<p>{_TEXT[0]}</p>%s<p>{_TEXT[1]}</p></article></body></html>"
)


def _read(html: str) -> Extraction:
    at = datetime(2026, 3, 4, tzinfo=UTC)
    return extract(PageSource("https://lamp.example/gempa", html.encode(), at))


@pytest.mark.parametrize(
    "html",
    [
        _PAGE % (_WARNING, _LINKED),
        _WARNING * 2 + _PAGE % ("", ""),
        _PAGE % ("", "") + _FATAL,
    ],
    ids=["in the story", "above the page", "below it"],
)
def test_what_php_prints_into_a_page_is_no_text(html: str) -> None:
    extraction = _read(html)

    assert extraction.article is not None
    assert extraction.article.text.split("\n\n") == list(_TEXT)
    assert extraction.article.title == "Gempa Guncang Kota"
    assert any("messages of PHP" in said for said in extraction.verdict.evidence)


def test_a_page_of_nothing_else_is_an_error() -> None:
    verdict = _read(_FATAL).verdict

    assert verdict.kind is VerdictKind.ERROR
    assert "messages of PHP: 1" in verdict.evidence


def test_a_story_that_quotes_one_keeps_it() -> None:
    told = "<p>All saw <b>Warning</b>: Undefined variable $x in /srv/bank.php on line 12.</p>"

    assert without_messages(told) == (told, ())


def test_no_markup_makes_the_search_slow() -> None:
    markup = "<b>Warning</b>:  " + "<a>x" * 200_000 + "</b> on line <b>"

    assert without_messages(markup) == (markup, ())
