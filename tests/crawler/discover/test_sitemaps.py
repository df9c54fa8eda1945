"""Sitemaps written for these tests."""

import gzip
from datetime import UTC, datetime

import pytest

from crawler.discover.sitemaps import read_sitemap
from crawler.errors import NotReadable
from storage.model.link_kind import LinkKind

URL = "https://news.example.org/sitemap.xml"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(inside: str) -> bytes:
    return f"{HEAD}<urlset {NS}>{inside}</urlset>".encode()


def address(number: int) -> str:
    return f"<url><loc>https://news.example.org/a/{number}</loc></url>"


ONE = urlset(address(1))


def test_a_page_comes_with_its_date() -> None:
    inside = "<url><loc> https://news.example.org/a </loc><lastmod>2026-11-22T19:00:00+07:00</lastmod></url>"

    (link,) = read_sitemap(urlset(inside), URL).links

    assert link.url == "https://news.example.org/a"
    assert link.kind is LinkKind.ARTICLE
    assert link.modified == datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert link.published is None


def test_a_news_sitemap_has_titles_and_dates() -> None:
    body = f"""{HEAD}<urlset {NS} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://news.example.org/a</loc>
<image:image><image:loc>https://news.example.org/a.jpg</image:loc><image:title>Picture</image:title></image:image>
<news:news><news:publication><news:name>Mill News</news:name></news:publication>
<news:publication_date>2026-11-22</news:publication_date><news:title>Salt &amp;amp; Mill</news:title></news:news></url></urlset>"""

    (link,) = read_sitemap(body.encode(), URL).links

    assert link.url == "https://news.example.org/a"
    assert link.title == "Salt & Mill"
    assert link.published == datetime(2026, 11, 22, tzinfo=UTC)


def test_an_index_names_its_children() -> None:
    body = f"{HEAD}<sitemapindex {NS}><sitemap><loc>/one.xml</loc><lastmod>2026-11-22</lastmod></sitemap></sitemapindex>"

    sitemap = read_sitemap(body.encode(), URL)

    (child,) = sitemap.children
    assert sitemap.links == ()
    assert child.url == "https://news.example.org/one.xml"
    assert child.kind is LinkKind.SITEMAP
    assert child.modified == datetime(2026, 11, 22, tzinfo=UTC)


def test_without_a_namespace_it_is_read_too() -> None:
    body = b"<urlset><url><loc>https://news.example.org/a</loc></url></urlset>"

    assert len(read_sitemap(body, URL).links) == 1


@pytest.mark.parametrize("layers", [1, 2])
def test_a_packed_sitemap_is_unpacked(layers: int) -> None:
    body = ONE
    for _ in range(layers):
        body = gzip.compress(body)

    assert len(read_sitemap(body, URL + ".gz").links) == 1


def test_a_plain_list_is_read() -> None:
    body = "\ufeffhttps://news.example.org/a\r\n\r\nhttps://news.example.org/b\nnot a url\n"

    links = read_sitemap(body.encode(), URL).links

    assert [link.url for link in links[:2]] == [
        "https://news.example.org/a",
        "https://news.example.org/b",
    ]


@pytest.mark.parametrize("charset", ["utf-16", "utf-8-sig", "iso-8859-1"])
def test_an_encoding_is_understood(charset: str) -> None:
    declared = charset.removesuffix("-sig")
    body = f'<?xml version="1.0" encoding="{declared}"?><urlset {NS}><url><loc>https://news.example.org/größe</loc></url></urlset>'

    (link,) = read_sitemap(body.encode(charset), URL).links

    assert link.url == "https://news.example.org/gr%C3%B6%C3%9Fe"


def test_links_to_other_sites_are_left_out() -> None:
    inside = address(1) + "<url><loc>https://elsewhere.example/a</loc></url>"

    assert len(read_sitemap(urlset(inside), URL).links) == 1


def test_a_sitemap_may_name_sites_that_vouch_for_it() -> None:
    inside = address(1) + "<url><loc>https://elsewhere.example/a</loc></url>"
    sites = (URL, "https://www.elsewhere.example/")

    links = read_sitemap(urlset(inside), URL, sites=sites).links

    assert len(links) == 2


def test_repeated_and_empty_links_are_left_out() -> None:
    inside = (
        address(1) * 2 + "<url><loc></loc></url><url/><url><loc>mailto:x</loc></url>"
    )

    assert len(read_sitemap(urlset(inside), URL).links) == 1


def test_of_too_many_links_those_in_the_middle_are_left() -> None:
    """Most sitemaps without dates begin with the newest, or end with it."""
    inside = "".join(map(address, range(50_010)))

    sitemap = read_sitemap(urlset(inside), URL)

    places = {int(link.url.rpartition("/")[2]) for link in sitemap.links}
    assert set(range(50_010)) - places == set(range(25_000, 25_010))
    assert (sitemap.left, sitemap.whole) == (10, False)


def test_of_too_many_links_the_oldest_are_left() -> None:
    """As one file that grows at its end for years."""
    dated = (
        f"<url><loc>https://news.example.org/{n}</loc>"
        f"<lastmod>{2000 + n // 2000}-01-01</lastmod></url>"
        for n in range(52_000)
    )

    sitemap = read_sitemap(urlset("".join(dated)), URL)

    assert sitemap.links[0].url.endswith("/2000")
    assert sitemap.links[-1].url.endswith("/51999")


def test_a_long_list_is_cut_too() -> None:
    body = "\n".join(f"https://news.example.org/{n}" for n in range(50_010))

    assert len(read_sitemap(body.encode(), URL).links) == 50_000


BROKEN = {
    "bare_ampersand": (
        urlset("<url><loc>https://news.example.org/a?b=1&c=2</loc></url>"),
        "https://news.example.org/a?b=1&c=2",
    ),
    "cut": (ONE[:-9] + b"<url><loc>htt", "https://news.example.org/a/1"),
    "bad_bytes": (
        urlset(address(1) + "<x>\N{LATIN SMALL LETTER E WITH ACUTE}</x>")
        .decode()
        .encode("latin-1"),
        "https://news.example.org/a/1",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_sitemap_is_read_as_far_as_it_goes(name: str) -> None:
    body, wanted = BROKEN[name]

    sitemap = read_sitemap(body, URL)

    assert not sitemap.well_formed
    assert [link.url for link in sitemap.links] == [wanted]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_document_type_that_declares_nothing_is_passed_over(encoding: str) -> None:
    doctype = '<!DOCTYPE urlset SYSTEM "https://e.org/sitemap.dtd">'
    told = f"{doctype}<urlset><url><loc>{URL}/a</loc></url></urlset>"

    sitemap = read_sitemap(told.encode(encoding), URL)

    assert [link.url for link in sitemap.links] == [f"{URL}/a"]


def test_an_empty_sitemap_is_a_sitemap() -> None:
    sitemap = read_sitemap(urlset(""), URL)

    assert sitemap.well_formed
    assert sitemap.links == ()


REFUSED = {
    "dtd": b"<!DOCTYPE urlset [<!ENTITY a 'b'>]><urlset/>",
    "entity": b'<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]><urlset><url><loc>&x;</loc></url></urlset>',
    "utf_16_dtd": "<!DOCTYPE urlset [<!ENTITY a 'b'>]><urlset/>".encode("utf-16"),
    "utf_7_dtd": b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE u+AFs-]+AD4-<urlset/>',
    "html": b"<html><body><p>Not found</p></body></html>",
    "html_page": b"<!doctype html><html></html>",
    "feed": b"<rss><channel/></rss>",
    "words": b"Service unavailable",
    "empty": b"",
    "torn_gzip": b"\x1f\x8b\x08\x00rubbish",
    "gzip_bomb": gzip.compress(bytes(60 * 1024 * 1024), 1),
    "broken_and_empty": b"<urlset><url>",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_sitemap_is_refused(name: str) -> None:
    with pytest.raises(NotReadable):
        read_sitemap(REFUSED[name], URL)
