import io
import shutil
import subprocess
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from crawler.exports.book import write_book
from storage.model.article import BlockKind
from storage.sql.selection import Told
from tests.crawler.exports.told import article, told

AT = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)
EPUBCHECK = Path("/usr/share/java/epubcheck.jar")
HOSTILE = "</p><script>x</script>\0\x0b\ufffe & ]]> <!-- \ud83d\ude00".encode(
    "utf-16", "surrogatepass"
).decode("utf-16")


def book(*versions: Told, title: str = "News") -> zipfile.ZipFile:
    out = io.BytesIO()
    write_book(versions, out, title=title, made_at=AT)
    return zipfile.ZipFile(out)


def arabic() -> Told:
    return told(article("نظام الأفلاج", "يحيون النظام.", language="ar"), id=8)


def all_kinds() -> Told:
    """Return an article of hostile blocks, one of each kind."""
    one = article(HOSTILE, language="en")
    blocks = [
        {"kind": str(kind), "text": f"{kind} {HOSTILE}", "level": 9}
        for kind in BlockKind
    ]
    return told(one, id=9, document={**told(one).document, "blocks": blocks})


def test_the_type_comes_first_and_is_not_packed() -> None:
    first = book(told()).infolist()[0]

    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert first.extra == b""


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"])))
def test_every_page_is_xml_whatever_a_headline_holds(text: str) -> None:
    made = book(told(article(text, text, language=text, authors=(text,))), title=text)

    for name in made.namelist():
        if name.endswith(("xhtml", "opf", "xml")):
            etree.fromstring(made.read(name))


def test_a_chapter_has_its_language_and_direction() -> None:
    root = etree.fromstring(book(arabic()).read("EPUB/a0000008-1.xhtml"))

    assert (root.get("lang"), root.get("dir")) == ("ar", "rtl")


def test_a_book_in_arabic_is_turned_from_right_to_left() -> None:
    package = book(arabic()).read("EPUB/package.opf").decode()

    assert 'page-progression-direction="rtl"' in package
    assert "<dc:language>ar</dc:language>" in package


def test_the_contents_name_every_chapter_in_order() -> None:
    made = book(told(article("One & two")), arabic())
    links = etree.fromstring(made.read("EPUB/nav.xhtml")).iter("{*}a")

    assert [(a.get("href"), a.text) for a in links] == [
        ("a0000007-1.xhtml", "One & two"),
        ("a0000008-1.xhtml", "نظام الأفلاج"),
    ]


@pytest.mark.skipif(
    not (EPUBCHECK.exists() and shutil.which("java")),
    reason="epubcheck is missing: apt-get install epubcheck",
)
def test_epubcheck_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "news.epub"
    with path.open("wb") as out:
        write_book((told(), arabic(), all_kinds()), out, title=HOSTILE, made_at=AT)

    done = subprocess.run(
        ["java", "-jar", EPUBCHECK, path], capture_output=True, text=True, check=False
    )

    assert "No errors or warnings detected" in done.stdout, done.stderr
