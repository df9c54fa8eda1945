"""`kliping source import` and `export`: files of other programs, and our own."""

import json
from pathlib import Path

import pytest

from crawler.cli.sourcing.transfer import _parts
from crawler.config.tree import Source
from crawler.web.security import MAX_BODY_BYTES
from tests.crawler.cli.conftest import Command

OPML = b"""<?xml version="1.0" encoding="iso-8859-1"?>
<opml version="1.1"><head><title>Mine</title></head><body>
<outline text="News">
 <outline type="rss" text="Harbour &amp; Mill: daily" xmlUrl="https://mill.invalid/rss" htmlUrl="https://mill.invalid/" language="en-GB"/>
 <outline text="Caf\xe9" xmlurl="https://cafe.invalid/rss"/>
 <outline text="Harbour &amp; Mill: daily" xmlUrl="https://other.invalid/rss"/>
 <outline text="twice" xmlUrl="https://mill.invalid/rss?utm_source=x"/>
</outline></body></opml>"""


def test_an_opml_file_is_imported_once(kliping: Command, tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_bytes(OPML)

    first = kliping("source", "import", file)
    again = kliping("source", "import", file)

    names = [row["name"] for row in first.rows]
    (mill,) = kliping("source", "show", names[0]).rows
    assert names == ["Harbour & Mill daily", "Café", "Harbour & Mill daily 2"]
    assert mill["settings"]["feeds"] == ["https://mill.invalid/rss"]
    assert mill["settings"]["language"] == "en"
    assert first.err.count("watched already") == 1
    assert (again.code, again.rows, again.err.count("watched already")) == (0, [], 4)


def test_what_is_exported_can_be_imported(kliping: Command) -> None:
    kliping("source", "import", "-", input=OPML)

    exported = kliping("source", "export")
    again = kliping("source", "import", "-", input=exported.out.encode())

    assert exported.out.count("<outline ") == 3
    assert 'text="Harbour &amp; Mill daily"' in exported.out
    assert again.err.count("watched already") == 3


def test_a_list_of_urls_is_imported(kliping: Command) -> None:
    urls = b"# mine\n\nhttps://www.mill.invalid/\nhttps://inn.invalid/news\n"

    homes = kliping("source", "import", "-", input=urls)
    feeds = kliping("source", "import", "--feeds", "-", input=b"https://a.invalid/rss")

    (mill,) = kliping("source", "show", "mill.invalid").rows
    (other,) = kliping("source", "show", "a.invalid").rows
    assert [row["name"] for row in homes.rows] == ["mill.invalid", "inn.invalid"]
    assert [link["kind"] for link in mill["watched"]] == ["section"]
    assert [link["kind"] for link in other["watched"]] == ["feed"]
    assert feeds.code == 0


SHEETS = {
    "comma": "Name,URL,Feeds\nMill,https://mill.invalid/,https://mill.invalid/rss\n",
    "excel": '\ufeffsep=;\r\nName;Home;Feed\r\n"Mill";https://mill.invalid/;https://mill.invalid/rss\r\n;;\r\n',
    "tabs": "home\trss\ttitle\nhttps://mill.invalid/\thttps://mill.invalid/rss\tMill\n",
    "no home": "# mine\n\nfeed,name\nhttps://mill.invalid/rss,Mill\n",
}


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_imported(kliping: Command, name: str) -> None:
    done = kliping("source", "import", "-", input=SHEETS[name].encode())

    (mill,) = kliping("source", "show", "Mill").rows
    assert (done.code, len(done.rows), done.err) == (0, 1, "")
    assert mill["settings"]["home"] == "https://mill.invalid/"
    assert mill["settings"]["feeds"] == ["https://mill.invalid/rss"]


def test_a_sheet_of_a_spreadsheet_in_utf_16_is_imported(kliping: Command) -> None:
    body = "URL\tName\r\nhttps://cafe.invalid/\tCafé\r\n".encode("utf-16")

    assert [r["name"] for r in kliping("source", "import", "-", input=body).rows] == [
        "Café"
    ]


def test_a_sheet_says_of_a_site_what_columns_there_are(kliping: Command) -> None:
    """Many lists stand in a cell, a line break in one moves no line's number."""
    body = (
        b"url,feeds,sections,language,group,country\n"
        b'https://mill.invalid/,"https://mill.invalid/a\nhttps://mill.invalid/b",'
        b"https://mill.invalid/news,en-GB,,Wales\n"
        b"https://inn.invalid/,,,,nobody,\n"
        b",,,en,,\n"
    )

    done = kliping("source", "import", "--skip-bad", "-", input=body)

    (mill,) = kliping("source", "show", "mill.invalid").rows
    settings = mill["settings"]
    assert settings["feeds"] == ["https://mill.invalid/a", "https://mill.invalid/b"]
    assert settings["sections"] == ["https://mill.invalid/news"]
    assert settings["language"] == "en"
    assert done.err.splitlines() == [
        "-: not read are the columns country",
        "line 4: config.yaml has no group 'nobody'",
        "line 5: it names no address",
        "-: 2 bad and passed over",
    ]


def test_two_parts_of_a_site_in_a_sheet_are_two_sources(kliping: Command) -> None:
    body = (
        b"name,home,section\nNews,https://mill.invalid/,https://mill.invalid/news\n"
        b"Sport,https://mill.invalid/,https://mill.invalid/sport\n"
    )

    assert len(kliping("source", "import", "-", input=body).rows) == 2


def test_the_good_entries_are_added_where_that_is_asked(kliping: Command) -> None:
    urls = b"https://mill.invalid/\nftp://inn.invalid/\n"

    done = kliping("source", "import", "--skip-bad", "-", input=urls)

    assert (done.code, [row["name"] for row in done.rows]) == (1, ["mill.invalid"])
    assert done.err.splitlines()[0].startswith("line 2: ftp://inn.invalid/")


def test_every_problem_is_told_and_nothing_is_added(kliping: Command) -> None:
    urls = b"https://mill.invalid/\nftp://inn.invalid/\nnonsense\n"

    done = kliping("source", "import", "-", input=urls)

    lines = done.err.splitlines()
    assert (done.code, done.out) == (2, "")
    assert [line.partition(":")[0] for line in lines[:2]] == ["line 2", "line 3"]
    assert "2 bad; nothing was added" in lines[2]
    assert kliping("source", "list").code == 2  # no archive was made


BROKEN = {
    "empty": b"",
    "comments": b"# nothing\n",
    "page": b"<html><body></body></html>",
    "cut": b"<opml><body><outline xmlUrl='https://a.inva",
    "entities": b'<!DOCTYPE opml [<!ENTITY a "b">]><opml><body/></opml>',
    "no_outlines": b"<opml><body/></opml>",
    "sheet": b"url,name\n",
    "no_sheet": b"url,name\n" + b"x" * 200_000,
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_of_no_sites_is_a_usage_error(kliping: Command, name: str) -> None:
    done = kliping("source", "import", "-", input=BROKEN[name])

    assert (done.code, len(done.err.splitlines())) == (2, 1)


def test_a_bare_ampersand_is_forgiven(kliping: Command) -> None:
    body = b"<opml><body><outline text='Salt & Mill' xmlUrl='https://a.invalid/r?a=1&b=2'/></body></opml>"

    (row,) = kliping("source", "import", "-", input=body).rows

    assert row["name"] == "Salt & Mill"


def test_a_missing_file_is_a_usage_error(kliping: Command, tmp_path: Path) -> None:
    assert kliping("source", "import", tmp_path / "none.opml").code == 2


def test_ten_thousand_sources_are_sent_as_a_request_may_hold_them() -> None:
    place = "https://paper-{}.example/" + "section/" * 20
    sources = [
        Source(name=f"Paper {n}", home=place.format(n), feeds=(place.format(n),))
        for n in range(10_000)
    ]

    parts = list(_parts(sources))

    assert [one["name"] for part in parts for one in part] == [
        source.name for source in sources
    ]
    assert max(len(json.dumps({"sources": part})) for part in parts) < MAX_BODY_BYTES
